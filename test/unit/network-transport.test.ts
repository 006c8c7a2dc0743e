import { createServer as createHttpServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { createServer } from "node:net";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { fetchTransport } from "../../src/capabilities/network/transport/fetch-transport.ts";
import type { HttpTransport } from "../../src/capabilities/network/transport/transport.ts";
import { nodeTransport } from "../../src/hosts/node/http/node-transport.ts";
import { useHttpFixture } from "../support/http-fixture.ts";
import { fetched, ledgerFor } from "../support/network-ledger.ts";
import type { Fetched } from "../support/network-ledger.ts";
import { CERTIFICATE, KEY } from "../support/self-signed.ts";

const fixture = useHttpFixture();

/** The same promises from undici and from an injected fetch. */
const transports: readonly (readonly [string, () => HttpTransport])[] = [
  ["undici", () => nodeTransport()],
  ["an injected fetch", () => fetchTransport(async (url, init) => await fetch(url, init))],
];

describe.each(transports)("%s", (_name, make) => {
  const ledger = (limits = {}): ReturnType<typeof ledgerFor> =>
    ledgerFor({ allow: [{ url: `${fixture.origin}/`, methods: "*" }], limits }, make());

  test("sends method, headers and body", async () => {
    const { status, body } = await fetched(ledger(), `${fixture.origin}/a?b=c`, {
      method: "PATCH",
      headers: [["x-a", "1"]],
      body: "caf\u00e9",
    });
    expect([status, JSON.parse(body ?? "")]).toEqual([
      200,
      {
        method: "PATCH",
        url: "/a?b=c",
        headers: expect.objectContaining({ host: `127.0.0.1:${fixture.port}`, "x-a": "1", "content-length": "5" }),
        body: "caf\u00c3\u00a9",
      },
    ]);
  });

  test("gives status, text and headers, and no body to HEAD", async () => {
    expect(await fetched(ledger(), `${fixture.origin}/status?n=418`)).toMatchObject({
      status: 418,
      headers: { "set-cookie": "b=2" },
      body: "status 418",
    });
    expect(await fetched(ledger(), `${fixture.origin}/status?n=204`)).toMatchObject({ status: 204, body: "" });
    expect(await fetched(ledger(), `${fixture.origin}/gzip`, { method: "HEAD" })).toMatchObject({
      status: 200,
      body: "",
    });
  });

  test("takes compression off, and what described it", async () => {
    const { body, headers } = await fetched(ledger(), `${fixture.origin}/gzip`);
    expect(body).toBe("compressed text");
    expect(headers).not.toHaveProperty("content-encoding");
  });

  test("counts a gzip bomb as what it becomes, and stops it", async () => {
    const limited = ledger({ bytesDown: 1_000_000 });
    const end = await fetched(limited, `${fixture.origin}/bomb?n=${200 * 2 ** 20}`);
    expect(end).toMatchObject({ status: 200, error: "NetworkLimit" });
    expect(limited.bytes).toBeLessThan(1_500_000);
  });

  test("leaves redirects alone: the ledger asks the rules", async () => {
    expect(await fetched(ledger(), `${fixture.origin}/redirect?to=/landed`)).toMatchObject({
      status: 200,
      url: `${fixture.origin}/landed`,
      redirected: true,
    });
    const before = await fixture.hits();
    expect(await fetched(ledger(), `${fixture.origin}/redirect?to=http://localhost:${fixture.port}/`)).toMatchObject({
      error: "NetworkDenied",
    });
    expect(await fixture.hits()).toBe(before + 1);
    expect(await fetched(ledger(), `${fixture.origin}/loop`)).toMatchObject({ error: "NetworkLimit" });
  });

  test("ends a slow body and a silent server at the deadline", async () => {
    expect(await fetched(ledger({ timeoutMs: 300 }), `${fixture.origin}/slow`)).toMatchObject({
      status: 200,
      error: "NetworkLimit",
    });
    expect(await fetched(ledger({ timeoutMs: 300 }), `${fixture.origin}/silent`)).toMatchObject({
      error: "NetworkLimit",
    });
  });

  test("says so if a body breaks off, and if nobody listens", async () => {
    expect(await fetched(ledger(), `${fixture.origin}/broken`)).toMatchObject({ status: 200, error: "NetworkError" });
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    expect(
      await fetched(ledgerFor({ allow: [`http://127.0.0.1:${port}/`] }, make()), `http://127.0.0.1:${port}/`),
    ).toEqual({ error: "NetworkError", message: "The request failed: no connection, or it broke" });
  });

  test("gives up a connection when the run ends", async () => {
    let closed = 0;
    const server = createServer(
      (socket) => void socket.on("error", () => undefined).on("close", () => closed++),
    ).listen(0, "127.0.0.1");
    await once(server, "listening");
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const ended = ledgerFor({ allow: [`${origin}/`] }, make());
    const reply = ended.start(
      JSON.stringify({ url: `${origin}/`, method: "GET", headers: [], redirect: "follow" }),
      new Uint8Array(0),
      false,
    );
    expect(reply.state).toBe("pending");
    await once(server, "connection");
    ended.close();
    await expect.poll(() => closed).toBe(1);
    server.close();
  });
});

describe("undici", () => {
  /** A ledger that may reach the fixture under a name, with a resolver of the test's own. */
  function named(
    addresses: readonly string[],
    resolve: (host: string) => Promise<readonly string[]>,
  ): ReturnType<typeof ledgerFor> {
    return ledgerFor(
      { allow: [{ url: `http://service.test:${fixture.port}/`, addresses }] },
      nodeTransport({ resolve }),
    );
  }
  const url = (): string => `http://service.test:${fixture.port}/`;

  test("reaches a name whose special address the rule names", async () => {
    const end = await fetched(
      named(["127.0.0.1"], async () => await Promise.resolve(["127.0.0.1"])),
      url(),
    );
    expect(end.status).toBe(200);
    expect(JSON.parse(end.body ?? "")).toMatchObject({ headers: { host: `service.test:${fixture.port}` } });
  });

  test.each([
    "127.0.0.1",
    "10.0.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "::1",
    "::ffff:127.0.0.1",
    "fd00:ec2::254",
    "fe80::1%lo",
    "0.0.0.0",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "224.0.0.1",
    "not an address",
    "",
  ])("does not connect to a name that resolves to %j", async (address) => {
    const before = await fixture.hits();
    const ledger = named([], async () => await Promise.resolve([address]));
    const end = await fetched(ledger, url());
    expect(end).toMatchObject({
      error: "NetworkDenied",
      message: expect.stringContaining("address, which its rule does not name"),
    });
    expect(ledger.denials).toMatchObject([{ what: "network.GET", where: url() }]);
    expect(await fixture.hits()).toBe(before);
  });

  test("refuses a name of which one answer is bad", async () => {
    expect(
      await fetched(
        named([], async () => await Promise.resolve(["93.184.215.14", "127.0.0.1"])),
        url(),
      ),
    ).toMatchObject({ error: "NetworkDenied" });
    expect(
      await fetched(
        named(["127.0.0.1"], async () => await Promise.resolve(["127.0.0.1", "10.0.0.1"])),
        url(),
      ),
    ).toMatchObject({ error: "NetworkDenied" });
  });

  test("connects to the answer that was checked, whatever the name says next", async () => {
    const answers = [["127.0.0.1"], ["10.0.0.1"], ["127.0.0.2"]];
    let asked = 0;
    const ledger = named(["127.0.0.1"], async () => await Promise.resolve(answers[asked++] ?? []));
    expect(await fetched(ledger, url())).toMatchObject({ status: 200 });
    expect(asked).toBe(1);
    expect(await fetched(ledger, url())).toMatchObject({ error: "NetworkDenied" });
    expect(await fetched(ledger, url())).toMatchObject({ error: "NetworkDenied" });
  });

  test("does not find what has no answer", async () => {
    const message = "The request failed: there is no host of this name";
    expect(
      await fetched(
        named([], async () => await Promise.resolve([])),
        url(),
      ),
    ).toEqual({ error: "NetworkError", message });
    expect(
      await fetched(
        named([], async () => await Promise.reject(new Error("canary"))),
        url(),
      ),
    ).toEqual({ error: "NetworkError", message });
  });

  test("refuses localhost by the system's own resolver, unless the rule names the address", async () => {
    const local = `http://localhost:${fixture.port}/`;
    expect(await fetched(ledgerFor({ allow: [local] }, nodeTransport()), local)).toMatchObject({
      error: "NetworkDenied",
      message: expect.stringContaining("loopback address"),
    });
    expect(
      await fetched(ledgerFor({ allow: [{ url: local, addresses: ["127.0.0.1", "::1"] }] }, nodeTransport()), local),
    ).toMatchObject({ status: 200 });
  });

  test("checks certificates against the name of the URL, whatever the environment says", async () => {
    const server = createTlsServer({ key: KEY, cert: CERTIFICATE }, (_request, response) =>
      response.end("sealed"),
    ).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const ask = async (host: string, ca?: readonly string[]): Promise<Fetched> => {
      const target = `https://${host}:${port}/`;
      const transport = nodeTransport({
        resolve: async () => await Promise.resolve(["127.0.0.1"]),
        ...(ca === undefined ? {} : { ca }),
      });
      return await fetched(ledgerFor({ allow: [{ url: target, addresses: ["127.0.0.1"] }] }, transport), target);
    };
    const message = "The request failed: the server's certificate or TLS is not acceptable";
    process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
    try {
      expect(await ask("service.test")).toEqual({ error: "NetworkError", message });
      expect(await ask("service.test", [CERTIFICATE])).toMatchObject({ status: 200, body: "sealed" });
      expect(await ask("other.test", [CERTIFICATE])).toEqual({ error: "NetworkError", message });
      expect(await ask("127.0.0.1", [CERTIFICATE])).toEqual({ error: "NetworkError", message });
    } finally {
      Reflect.deleteProperty(process.env, "NODE_TLS_REJECT_UNAUTHORIZED");
      server.close();
    }
  });

  test("reaches an IPv6 address that a rule names", async (context) => {
    const server = createHttpServer((_request, response) => response.end("six"));
    const listening = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false)).listen(0, "::1", () => resolve(true));
    });
    if (!listening) return context.skip("this machine has no IPv6");
    const target = `http://[::1]:${(server.address() as AddressInfo).port}/`;
    expect(await fetched(ledgerFor({ allow: [target] }, nodeTransport()), target)).toMatchObject({
      status: 200,
      body: "six",
    });
    server.close();
  });

  test("takes no proxy from the environment", async () => {
    const before = { ...process.env };
    try {
      for (const name of ["http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"])
        process.env[name] = "http://127.0.0.1:1";
      process.env["NODE_USE_ENV_PROXY"] = "1";
      expect(
        await fetched(ledgerFor({ allow: [`${fixture.origin}/`] }, nodeTransport()), `${fixture.origin}/`),
      ).toMatchObject({ status: 200 });
    } finally {
      for (const name of ["http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "NODE_USE_ENV_PROXY"]) {
        if (before[name] === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = before[name];
      }
    }
  });

  test("keeps no cookies", async () => {
    const ledger = ledgerFor({ allow: [`${fixture.origin}/`] }, nodeTransport());
    await fetched(ledger, `${fixture.origin}/status?n=200`);
    const { body } = await fetched(ledger, `${fixture.origin}/`);
    expect(JSON.parse(body ?? "")).not.toHaveProperty("headers.cookie");
  });

  test("refuses heads that are too long or that are no HTTP", async () => {
    for (const text of [
      `HTTP/1.1 200 OK\r\nx: ${"y".repeat(70_000)}\r\n\r\n`,
      "SSH-2.0-OpenSSH_9.2\r\n",
      "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
    ]) {
      const server = createServer(
        (socket) => void socket.on("error", () => undefined).once("data", () => socket.end(text)),
      ).listen(0, "127.0.0.1");
      await once(server, "listening");
      const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      expect(await fetched(ledgerFor({ allow: [origin] }, nodeTransport()), origin)).toMatchObject({
        error: "NetworkError",
      });
      server.close();
    }
  });
});

describe("the blocking form", () => {
  function blockingFetch(path: string, limits = {}, remainingMs = 60_000): readonly unknown[] {
    const ledger = ledgerFor({ allow: [{ url: `${fixture.origin}/`, methods: "*" }], limits }, nodeTransport(), {
      remainingMs: () => remainingMs,
    });
    const reply = ledger.start(
      JSON.stringify({ url: `${fixture.origin}${path}`, method: "GET", headers: [], redirect: "follow" }),
      new Uint8Array(0),
      true,
    );
    if (reply.state !== "value") return [reply.state === "error" ? reply.name : reply.state];
    const { id, status } = JSON.parse(reply.json) as { id: number; status: number };
    let length = 0;
    for (;;) {
      const piece = ledger.read(id, 1_000_000);
      if (piece.state !== "bytes") {
        ledger.close();
        return [status, length, piece.state === "error" ? piece.name : piece.state];
      }
      length += piece.bytes.length;
    }
  }

  test("waits for head and body", () => {
    expect(blockingFetch("/bytes?n=300000")).toEqual([200, 300_000, "end"]);
    expect(blockingFetch("/redirect?to=/gzip")).toEqual([200, 15, "end"]);
  });

  test("asks the same rules and budgets", () => {
    expect(blockingFetch("/redirect?to=http://127.0.0.1:1/")).toEqual(["NetworkDenied"]);
    expect(blockingFetch("/loop")).toEqual(["NetworkLimit"]);
    expect(blockingFetch("/bomb?n=50000000", { bytesDown: 100_000 })).toEqual([
      200,
      expect.any(Number),
      "NetworkLimit",
    ]);
  });

  test("ends at the request's deadline and at the run's", () => {
    for (const [limits, remaining] of [
      [{ timeoutMs: 300 }, 60_000],
      [{}, 300],
    ] as const) {
      expect(blockingFetch("/silent", limits, remaining)).toEqual(["NetworkLimit"]);
    }
    expect(blockingFetch("/slow", { timeoutMs: 300 })).toEqual([200, expect.any(Number), "NetworkLimit"]);
  });

  test("is refused where the transport has none", () => {
    const ledger = ledgerFor(
      { allow: [`${fixture.origin}/`] },
      nodeTransport({ resolve: async () => await Promise.resolve([]) }),
    );
    expect(
      ledger.start(
        JSON.stringify({ url: `${fixture.origin}/`, method: "GET", headers: [], redirect: "follow" }),
        new Uint8Array(0),
        true,
      ),
    ).toMatchObject({
      state: "error",
      message: expect.stringContaining("This host cannot wait for a response"),
    });
  });
});
