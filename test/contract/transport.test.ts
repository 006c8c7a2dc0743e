// What every way to send a request promises, against a real server on loopback.
import { describe, expect, test } from "vitest";
import { fetchTransport } from "../../src/capabilities/network/transport/fetch-transport.ts";
import { TransportError } from "../../src/capabilities/network/transport/transport.ts";
import type {
  HttpTransport,
  TransportHead,
  TransportRequest,
} from "../../src/capabilities/network/transport/transport.ts";
import { nodeTransport } from "../../src/hosts/node/http/node-transport.ts";
import { useHttpFixture } from "../support/http-fixture.ts";

const fixture = useHttpFixture();

/** The blocking form of Node's as if it were the other one: what it says is the same. */
function blocking(): HttpTransport {
  const { blocking } = nodeTransport();
  if (blocking === undefined) throw new Error("Node has a blocking form");
  return {
    send: async (request) => {
      const response = blocking.send(request, 5_000);
      return await Promise.resolve({
        status: response.status,
        statusText: response.statusText,
        headers: response.headers,
        read: async () => await Promise.resolve(response.read(5_000)),
        cancel: () => response.cancel(),
      });
    },
  };
}

const TRANSPORTS: Readonly<Record<string, () => HttpTransport>> = {
  "Node's own": () => nodeTransport(),
  "Node's own with a resolver": () => nodeTransport({ resolve: async () => await Promise.resolve(["127.0.0.1"]) }),
  "Node's own, blocking": blocking,
  "an injected fetch": () => fetchTransport(async (url, init) => await fetch(url, init)),
};

function request(path: string, more: Partial<TransportRequest> = {}): TransportRequest {
  return {
    url: `${fixture.origin}${path}`,
    method: "GET",
    headers: [["x-key", "k"]],
    body: undefined,
    addresses: ["127.0.0.1"],
    ...more,
  };
}

async function bodyOf(response: Awaited<ReturnType<HttpTransport["send"]>>): Promise<string> {
  const pieces: Uint8Array[] = [];
  for (let piece = await response.read(); piece !== undefined; piece = await response.read()) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

const header = ({ headers }: TransportHead, name: string): string[] =>
  headers.filter(([candidate]) => candidate.toLowerCase() === name).map(([, value]) => value);

describe.each(Object.entries(TRANSPORTS))("a transport: %s", (_name, make) => {
  const never = new AbortController().signal;

  test("sends method, headers and body as they are, and nothing of the host's", async () => {
    const response = await make().send(
      request("/echo?a=1", {
        method: "POST",
        headers: [
          ["x-key", "k"],
          ["content-type", "text/plain"],
        ],
        body: new TextEncoder().encode("body \u00E9"),
      }),
      never,
    );
    expect([response.status, header(response, "content-type")]).toEqual([200, ["application/json"]]);
    const seen = JSON.parse(await bodyOf(response)) as {
      method: string;
      url: string;
      body: string;
      headers: Record<string, string>;
    };
    expect([seen.method, seen.url, Buffer.from(seen.body, "latin1").toString()]).toEqual([
      "POST",
      "/echo?a=1",
      "body \u00E9",
    ]);
    expect(seen.headers["x-key"]).toBe("k");
    expect(seen.headers).not.toHaveProperty("cookie");
    expect(seen.headers).not.toHaveProperty("authorization");
  });

  test("follows no redirect: its caller asks the rules first", async () => {
    const before = await fixture.hits();
    const response = await make().send(request(`/redirect?to=${encodeURIComponent("/echo")}`), never);
    expect([response.status, header(response, "location")]).toEqual([302, ["/echo"]]);
    response.cancel();
    expect((await fixture.hits()) - before).toBe(1);
  });

  test("gives bodies decompressed, piece by piece, to their end", async () => {
    const transport = make();
    expect(await bodyOf(await transport.send(request("/gzip"), never))).toBe("compressed text");
    expect(await bodyOf(await transport.send(request("/bytes?n=300000"), never))).toBe("x".repeat(300_000));
    const empty = await transport.send(request("/bytes?n=0"), never);
    expect([await empty.read(), await empty.read()]).toEqual([undefined, undefined]);
  });

  test("gives every status as it came, and several headers of one name", async () => {
    const response = await make().send(request("/status?n=404"), never);
    expect([response.status, header(response, "set-cookie").join("; ")]).toEqual([
      404,
      expect.stringMatching(/a=1[;,] b=2/u),
    ]);
    expect(await bodyOf(response)).toBe("status 404");
  });

  test("keeps no cookies", async () => {
    const transport = make();
    (await transport.send(request("/status?n=200"), never)).cancel();
    const seen = JSON.parse(await bodyOf(await transport.send(request("/echo"), never))) as {
      headers: Record<string, string>;
    };
    expect(seen.headers).not.toHaveProperty("cookie");
  });

  test("fails with a TransportError that names no address, if nobody listens and if a body breaks off", async () => {
    const transport = make();
    const attempts = [
      async () => await transport.send({ ...request("/"), url: "http://127.0.0.1:1/" }, never),
      async () => await bodyOf(await transport.send(request("/broken"), never)),
    ];
    for (const attempt of attempts) {
      const error: unknown = await attempt().catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(TransportError);
      expect(String(error)).not.toMatch(/127\.0\.0\.1|ECONN|localhost/u);
    }
  });

  test("a body that nobody reads to its end is given up, twice if need be", async () => {
    const response = await make().send(request("/slow"), never);
    expect(await response.read()).toBeInstanceOf(Uint8Array);
    response.cancel();
    response.cancel();
  });
});
