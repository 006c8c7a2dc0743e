import { describe, expect, test } from "vitest";
import { setTimeout as sleep } from "node:timers/promises";
import { ledgerFor, fetched, recordingTransport } from "../support/network-ledger.ts";
import type { HttpTransport } from "../../src/capabilities/network/transport/transport.ts";
import { TransportError } from "../../src/capabilities/network/transport/transport.ts";

const A = "https://a.test/";
const B = "https://b.test/";
const ANY = [
  { url: A, methods: "*" as const },
  { url: B, methods: "*" as const },
];

describe("a request", () => {
  test("goes out as it was asked for, and its response comes back", async () => {
    const transport = recordingTransport(() => ({
      status: 201,
      statusText: "Made",
      headers: [["x-a", "1"]],
      body: ["one ", "two"],
    }));
    const ledger = ledgerFor({ allow: ANY }, transport);
    expect(
      await fetched(ledger, `${A}path?q=1#top`, { method: "PUT", headers: [["X-Name", "  value "]], body: "text" }),
    ).toEqual({
      status: 201,
      url: `${A}path?q=1`,
      redirected: false,
      headers: { "x-a": "1" },
      body: "one two",
    });
    expect(transport.requests).toEqual([
      {
        url: `${A}path?q=1`,
        method: "PUT",
        headers: [["x-name", "value"]],
        body: new TextEncoder().encode("text"),
        addresses: [],
      },
    ]);
    expect(ledger.records).toEqual([{ method: "PUT", url: `${A}path`, outcome: "response", status: 201 }]);
    expect(ledger.bytes).toBe(`${A}path?q=1`.length + "x-namevalue".length + 4 + "Made".length + "x-a1".length + 7);
  });

  test.each<readonly [string, Parameters<typeof fetched>[2], string]>([
    ["no url", {}, "the URL cannot be parsed"],
    [`${A}\r\nHost: evil`, {}, "the URL has control characters"],
    [A, { method: "GET /x HTTP/1.1\r\nX: y" }, "the method must be in capital letters"],
    [A, { method: "CONNECT" }, "the method CONNECT is refused"],
    [A, { method: "TRACE" }, "the method TRACE is refused"],
    [A, { body: "x" }, "a GET request has no body"],
    [A, { headers: [["x", "a\r\nHost: evil"]] }, 'the value of the header "x" has characters that no header may have'],
    [A, { headers: [["x", "a\0b"]] }, 'the value of the header "x" has characters'],
    [A, { headers: [["x", "\u{1f600}"]] }, 'the value of the header "x" has characters'],
    [A, { headers: [["x\r\ny", "a"]] }, "the name of a header is not a token"],
    [A, { headers: [["", "a"]] }, "the name of a header is not a token"],
    ...[
      "Host",
      "Connection",
      "Transfer-Encoding",
      "Content-Length",
      "Proxy-Authorization",
      "Sec-Fetch-Site",
      "X-Forwarded-For",
      "Forwarded",
      "TE",
      "Upgrade",
      "Expect",
      "X-HTTP-Method-Override",
    ].map((name): [string, Parameters<typeof fetched>[2], string] => [
      A,
      { headers: [[name, "x"]] },
      `the header "${name.toLowerCase()}" is the host's to set`,
    ]),
    [A, { headers: Array.from({ length: 101 }, () => ["x", "y"] as const) }, "at most 100 headers"],
    [A, { headers: [["x", "y".repeat(40_000)]] }, "longer than 32768 characters"],
    [`${A}${"x".repeat(9_000)}`, {}, "at most 8192 characters"],
    [A, { redirect: "maybe" }, "redirect must be"],
    [A, { timeoutMs: -1 }, "the timeout must be a positive number"],
  ])("to %j with %j is refused before any rule", async (url, options, message) => {
    const transport = recordingTransport();
    const ledger = ledgerFor({ allow: ANY }, transport);
    expect(await fetched(ledger, url, options)).toEqual({
      error: "TypeError",
      message: expect.stringContaining(message),
    });
    expect(transport.requests).toEqual([]);
  });

  test.each([
    "",
    "[]",
    "null",
    "{",
    '{"url":1}',
    '{"url":"https://a.test/","method":"GET","headers":[["a"]],"redirect":"follow"}',
    '{"url":"https://a.test/","method":"GET","headers":{},"redirect":"follow"}',
    " ".repeat(300_000),
  ])("forged as %j is refused", (json) => {
    expect(ledgerFor({ allow: ANY }, recordingTransport()).start(json, new Uint8Array(0), false)).toMatchObject({
      state: "error",
      name: "TypeError",
    });
  });

  test("that is denied is noted, with origin and path but not the query", async () => {
    const transport = recordingTransport();
    const ledger = ledgerFor({ allow: [A] }, transport);
    expect(await fetched(ledger, "https://evil.test/x?secret")).toEqual({
      error: "NetworkDenied",
      message: "The network policy denies GET https://evil.test/x: no rule names this host",
    });
    await fetched(ledger, "https://evil.test/x?other");
    await fetched(ledger, A, { method: "POST" });
    expect(ledger.denials).toEqual([
      { what: "network.GET", where: "https://evil.test/x", rule: "no rule names this host", count: 2 },
      { what: "network.POST", where: A, rule: `"${A}" is for GET, HEAD only`, count: 1 },
    ]);
    expect(transport.requests).toEqual([]);
    expect(ledger.count).toBe(0);
  });

  test("of a guest that makes up hosts fills no memory with denials", async () => {
    const ledger = ledgerFor({ allow: [A] }, recordingTransport());
    for (let index = 0; index < 300; index++) await fetched(ledger, `https://h${index}.test/`);
    expect(ledger.denials).toHaveLength(101);
    expect(ledger.denials.at(-1)).toMatchObject({ where: "elsewhere", count: 200 });
  });

  test("that fails says no more than how", async () => {
    for (const [error, message] of [
      [new Error("getaddrinfo ENOTFOUND internal.corp /etc/secret"), "The request failed"],
      [new TransportError("connection", "10.0.0.7:22"), "The request failed: no connection, or it broke"],
      [new TransportError("no-such-host", "canary"), "The request failed: there is no host of this name"],
      [new TransportError("tls"), "The request failed: the server's certificate or TLS is not acceptable"],
      [new TransportError("protocol"), "The request failed: the server's response is not valid HTTP"],
    ] as const) {
      const ledger = ledgerFor({ allow: ANY }, { send: async () => await Promise.reject(error) });
      expect(await fetched(ledger, A)).toEqual({ error: "NetworkError", message });
      expect(ledger.records).toEqual([{ method: "GET", url: A, outcome: "error" }]);
    }
  });

  test("whose response has too many headers, or too long ones, fails", async () => {
    for (const headers of [
      Array.from({ length: 501 }, () => ["x", "y"] as const),
      [["x", "y".repeat(131_072)] as const],
    ]) {
      const ledger = ledgerFor(
        { allow: ANY },
        recordingTransport(() => ({ headers })),
      );
      expect(await fetched(ledger, A)).toEqual({
        error: "NetworkError",
        message: "The request failed: the server's response is not valid HTTP",
      });
    }
  });

  test("after the end of the run goes nowhere", async () => {
    const transport = recordingTransport();
    const ledger = ledgerFor({ allow: ANY }, transport);
    ledger.close();
    expect(await fetched(ledger, A)).toEqual({ error: "NetworkError", message: "The run is over" });
    expect(transport.requests).toEqual([]);
  });
});

describe("a redirect", () => {
  const moved = (status: number, location: string) => (request: { readonly url: string }) =>
    request.url === A ? { status, headers: [["location", location] as const] } : { body: ["there"] };

  test("is followed where a rule allows it", async () => {
    const transport = recordingTransport(moved(302, `${B}next#frag`));
    expect(await fetched(ledgerFor({ allow: ANY }, transport), A)).toMatchObject({
      status: 200,
      url: `${B}next`,
      redirected: true,
      body: "there",
    });
  });

  test.each([
    "http://169.254.169.254/latest/",
    "http://127.0.0.1/",
    "https://evil.test/",
    "https://b.test:22/",
    "http://b.test/",
    "file:///etc/passwd",
    "//evil.test/",
    "https://u:p@b.test/",
    "data:text/plain,x",
  ])("to %s is denied at that hop", async (location) => {
    const transport = recordingTransport(moved(302, location));
    const ledger = ledgerFor({ allow: ANY }, transport);
    expect(await fetched(ledger, A)).toMatchObject({ error: "NetworkDenied" });
    expect(transport.requests.map(({ url }) => url)).toEqual([A]);
    expect(ledger.denials).toHaveLength(1);
  });

  test.each([
    [301, "POST", "GET"],
    [302, "POST", "GET"],
    [303, "PUT", "GET"],
    [303, "HEAD", "HEAD"],
    [307, "POST", "POST"],
    [308, "PUT", "PUT"],
    [302, "DELETE", "DELETE"],
  ])("with status %i makes of %s a %s", async (status, method, expected) => {
    const transport = recordingTransport(moved(status, B));
    await fetched(ledgerFor({ allow: ANY }, transport), A, {
      method,
      headers: [
        ["content-type", "a/b"],
        ["x-kept", "1"],
      ],
      ...(method === "HEAD" ? {} : { body: "body" }),
    });
    const [, second] = transport.requests;
    expect(second?.method).toBe(expected);
    const kept = expected === method && method !== "HEAD";
    expect(second?.body === undefined).toBe(!kept);
    expect(second?.headers).toEqual(
      expected === method
        ? [
            ["content-type", "a/b"],
            ["x-kept", "1"],
          ]
        : [["x-kept", "1"]],
    );
  });

  test("whose rule allows another method only is denied", async () => {
    const transport = recordingTransport(moved(307, B));
    const ledger = ledgerFor({ allow: [{ url: A, methods: "*" }, B] }, transport);
    expect(await fetched(ledger, A, { method: "POST", body: "x" })).toMatchObject({ error: "NetworkDenied" });
    expect(transport.requests).toHaveLength(1);
  });

  test("to another origin takes no credentials along, to the same one it does", async () => {
    const headers = [
      ["authorization", "Bearer own"],
      ["cookie", "a=b"],
      ["x-other", "1"],
    ] as const;
    const away = recordingTransport(moved(302, B));
    await fetched(ledgerFor({ allow: ANY }, away), A, { headers });
    expect(away.requests[1]?.headers).toEqual([["x-other", "1"]]);
    const within = recordingTransport(moved(302, `${A}next`));
    await fetched(ledgerFor({ allow: ANY }, within), A, { headers });
    expect(within.requests[1]?.headers).toEqual(headers);
  });

  test("is followed five times at most, or as often as the policy says", async () => {
    const loop = recordingTransport(() => ({ status: 302, headers: [["location", A]] }));
    expect(await fetched(ledgerFor({ allow: ANY }, loop), A)).toEqual({
      error: "NetworkLimit",
      message: "The network limit is reached: more than 5 redirects",
    });
    expect(loop.requests).toHaveLength(6);
    const none = recordingTransport(() => ({ status: 302, headers: [["location", A]] }));
    expect(await fetched(ledgerFor({ allow: ANY, redirects: 0 }, none), A)).toMatchObject({ error: "NetworkLimit" });
    expect(none.requests).toHaveLength(1);
  });

  test("is an error or a response of its own where the guest asks for that", async () => {
    const transport = recordingTransport(moved(302, B));
    expect(await fetched(ledgerFor({ allow: ANY }, transport), A, { redirect: "error" })).toMatchObject({
      error: "NetworkError",
    });
    expect(await fetched(ledgerFor({ allow: ANY }, transport), A, { redirect: "manual" })).toMatchObject({
      status: 302,
      headers: { location: B },
    });
    expect(transport.requests).toHaveLength(2);
  });

  test("to nonsense is an error", async () => {
    expect(
      await fetched(ledgerFor({ allow: ANY }, recordingTransport(moved(302, "http://[nonsense"))), A),
    ).toMatchObject({ error: "NetworkError" });
  });
});

describe("the budgets", () => {
  test("of requests count redirects", async () => {
    const transport = recordingTransport(({ url }) => (url === A ? { status: 302, headers: [["location", B]] } : {}));
    const ledger = ledgerFor({ allow: ANY, limits: { requests: 3 } }, transport);
    expect(await fetched(ledger, A)).toMatchObject({ status: 200 });
    expect(await fetched(ledger, A)).toEqual({
      error: "NetworkLimit",
      message: "The network limit is reached: 3 requests",
    });
    expect(transport.requests).toHaveLength(3);
    expect(ledger.denials).toEqual([{ what: "network.requests", where: B, rule: "3 requests", count: 1 }]);
  });

  test("of bytes up are asked before anything is sent", async () => {
    const transport = recordingTransport();
    const ledger = ledgerFor({ allow: ANY, limits: { bytesUp: 100 } }, transport);
    expect(await fetched(ledger, A, { method: "POST", body: "x".repeat(101) })).toMatchObject({
      error: "NetworkLimit",
    });
    expect(transport.requests).toEqual([]);
    expect(await fetched(ledger, A, { method: "POST", body: "x".repeat(50) })).toMatchObject({ status: 200 });
    expect(await fetched(ledger, A, { method: "POST", body: "x".repeat(50) })).toMatchObject({ error: "NetworkLimit" });
  });

  test("of bytes down stop the reading in the middle of a body", async () => {
    let given = 0;
    const endless: HttpTransport = {
      send: async () =>
        await Promise.resolve({
          status: 200,
          statusText: "",
          headers: [],
          read: async () => ((given += 1_000), await Promise.resolve(new Uint8Array(1_000))),
          cancel: () => undefined,
        }),
    };
    const ledger = ledgerFor({ allow: ANY, limits: { bytesDown: 10_000 } }, endless);
    const end = await fetched(ledger, A);
    expect(end).toMatchObject({
      status: 200,
      error: "NetworkLimit",
      message: "The network limit is reached: 10000 bytes down",
    });
    expect(end.body?.length).toBe(10_000);
    expect(given).toBe(11_000);
  });

  test("of concurrency hold for any number of requests started at once", async () => {
    let open = 0;
    let most = 0;
    const transport: HttpTransport = {
      async send() {
        most = Math.max(most, ++open);
        await sleep(1);
        return {
          status: 200,
          statusText: "",
          headers: [],
          read: async () => (open--, await Promise.resolve(undefined)),
          cancel: () => undefined,
        };
      },
    };
    const ledger = ledgerFor({ allow: ANY, limits: { concurrency: 4, requests: 200 } }, transport);
    const ends = await Promise.all(Array.from({ length: 250 }, () => fetched(ledger, A)));
    expect(most).toBe(4);
    expect(ends.filter(({ status }) => status === 200)).toHaveLength(200);
    expect(ends.filter(({ error }) => error === "NetworkLimit")).toHaveLength(50);
  });

  test("of time end a request that is silent, one that trickles, and one that waits for its turn", async () => {
    const trickle: HttpTransport = {
      send: async (request, signal) => {
        if (request.url === B)
          return await new Promise((_resolve, reject) =>
            signal.addEventListener("abort", () => reject(new Error("aborted"))),
          );
        return {
          status: 200,
          statusText: "",
          headers: [],
          read: async () => {
            await sleep(5);
            return Uint8Array.of(1);
          },
          cancel: () => undefined,
        };
      },
    };
    const ledger = ledgerFor({ allow: ANY, limits: { timeoutMs: 100, concurrency: 1 } }, trickle);
    const message = "The network limit is reached: 100 ms for one request";
    expect(await fetched(ledger, A)).toMatchObject({ status: 200, error: "NetworkLimit", message });
    expect(await fetched(ledger, B)).toMatchObject({ error: "NetworkLimit", message });
    expect(await Promise.all([fetched(ledger, B), fetched(ledger, B)])).toMatchObject([
      { error: "NetworkLimit" },
      { error: "NetworkLimit" },
    ]);
    // The places were given back.
    const mine = await fetched(ledger, A, { timeoutMs: 50 });
    expect(mine).toMatchObject({ status: 200, error: "NetworkTimeout", message: "The request took longer than 50 ms" });
  });

  test("charge fuel for requests, bytes up and bytes down", async () => {
    const charged: number[] = [];
    const cost = async (options: Parameters<typeof fetched>[2], body: string): Promise<number> => {
      charged.length = 0;
      await fetched(
        ledgerFor(
          { allow: ANY },
          recordingTransport(() => ({ body: [body] })),
          { charge: (units) => charged.push(units) },
        ),
        A,
        options,
      );
      return charged.reduce((sum, units) => sum + units, 0);
    };
    const least = await cost({ method: "POST" }, "");
    expect(least).toBeGreaterThan(1_000_000);
    expect((await cost({ method: "POST", body: "x".repeat(10_000) }, "")) - least).toBe(40_000);
    expect(await cost({ method: "POST" }, "x".repeat(10_000))).toBeGreaterThanOrEqual(least + 40_000);
  });

  test("of memory: no more than a quarter of a mebibyte is read ahead of a guest that does not read", async () => {
    let given = 0;
    const endless: HttpTransport = {
      send: async () =>
        await Promise.resolve({
          status: 200,
          statusText: "",
          headers: [],
          read: async () => ((given += 65_536), await Promise.resolve(new Uint8Array(65_536))),
          cancel: () => undefined,
        }),
    };
    const ledger = ledgerFor({ allow: ANY }, endless);
    const reply = ledger.start(
      JSON.stringify({ url: A, method: "GET", headers: [], redirect: "follow" }),
      new Uint8Array(0),
      false,
    );
    await sleep(30);
    expect(given).toBe(4 * 65_536);
    if (reply.state === "pending") ledger.read(reply.id, 1_000_000);
    await sleep(30);
    expect(given).toBe(5 * 65_536);
    ledger.close();
  });
});

describe("a request that is given up", () => {
  test("settles no more, and its connection ends", async () => {
    let aborted = 0;
    const silent: HttpTransport = {
      send: async (_request, signal) =>
        await new Promise((_resolve, reject) =>
          signal.addEventListener("abort", () => (aborted++, reject(new Error("aborted")))),
        ),
    };
    const ledger = ledgerFor({ allow: ANY }, silent);
    const reply = ledger.start(
      JSON.stringify({ url: A, method: "GET", headers: [], redirect: "follow" }),
      new Uint8Array(0),
      false,
    );
    await sleep(5);
    if (reply.state === "pending") ledger.cancel(reply.id);
    await sleep(5);
    expect([aborted, ledger.takeSettled()]).toEqual([1, []]);
    // So does the end of the run.
    ledger.start(JSON.stringify({ url: A, method: "GET", headers: [], redirect: "follow" }), new Uint8Array(0), false);
    await sleep(5);
    ledger.close();
    await sleep(5);
    expect([aborted, ledger.takeSettled()]).toEqual([2, []]);
  });

  test("after it has settled, unheard, settles no more either", async () => {
    const ledger = ledgerFor({ allow: ANY }, recordingTransport());
    const reply = ledger.start(
      JSON.stringify({ url: A, method: "GET", headers: [], redirect: "follow" }),
      new Uint8Array(0),
      false,
    );
    await ledger.nextSettlement();
    if (reply.state === "pending") ledger.cancel(reply.id);
    expect(ledger.takeSettled()).toEqual([]);
  });

  test("and comes back late is closed at once", async () => {
    let cancelled = 0;
    const late: HttpTransport = {
      send: async () => (
        await sleep(20),
        {
          status: 200,
          statusText: "",
          headers: [],
          read: async () => await Promise.resolve(undefined),
          cancel: () => void cancelled++,
        }
      ),
    };
    const ledger = ledgerFor({ allow: ANY }, late);
    ledger.start(JSON.stringify({ url: A, method: "GET", headers: [], redirect: "follow" }), new Uint8Array(0), false);
    await sleep(5);
    ledger.close();
    await sleep(40);
    expect([cancelled, ledger.takeSettled()]).toEqual([1, []]);
  });
});

describe("a secret", () => {
  const secrets = {
    TOKEN: { value: "canary-5ecret", hosts: ["a.test"] },
    KEY: { value: "canary-k3y", hosts: ["a.test"], header: "X-Api-Key" },
  };
  const policy = { allow: ANY, secrets };
  const bearer = [["authorization", "Bearer {{secret.TOKEN}}"]] as const;

  test("takes its placeholder's place in headers to its own host", async () => {
    const transport = recordingTransport();
    await fetched(ledgerFor(policy, transport), A, { headers: bearer });
    expect(transport.requests[0]?.headers).toEqual([
      ["authorization", "Bearer canary-5ecret"],
      ["x-api-key", "canary-k3y"],
    ]);
  });

  test("that the host sets wins over the guest's own header", async () => {
    const transport = recordingTransport();
    await fetched(ledgerFor(policy, transport), A, { headers: [["X-API-Key", "mine"]] });
    expect(transport.requests[0]?.headers).toEqual([["x-api-key", "canary-k3y"]]);
  });

  test("goes to no other host, scheme or port", async () => {
    const transport = recordingTransport();
    const allow = [...ANY, "http://a.test/", "https://a.test:8443/"];
    const ledger = ledgerFor({ allow, secrets }, transport);
    for (const url of [B, "http://a.test/", "https://a.test:8443/"]) {
      expect(await fetched(ledger, url, { headers: bearer })).toEqual({
        error: "NetworkDenied",
        message: `The network policy denies GET ${url}: the secret TOKEN is not for this host`,
      });
      await fetched(ledger, url);
    }
    expect(JSON.stringify(transport.requests)).not.toContain("canary");
  });

  test("is not put into URLs, bodies or header names", async () => {
    const transport = recordingTransport();
    await fetched(ledgerFor({ allow: ANY, secrets: { TOKEN: secrets.TOKEN } }, transport), `${A}?q={{secret.TOKEN}}`, {
      method: "POST",
      body: "{{secret.TOKEN}}",
    });
    expect(
      JSON.stringify(transport.requests.map(({ body, ...rest }) => [rest, new TextDecoder().decode(body)])),
    ).not.toContain("canary");
  });

  test("does not follow a redirect to another host, nor come along when the host is reached again", async () => {
    const transport = recordingTransport(({ url }) =>
      url === A
        ? { status: 302, headers: [["location", B]] }
        : url === B
          ? { status: 302, headers: [["location", `${A}back`]] }
          : {},
    );
    await fetched(ledgerFor(policy, transport), A, { headers: bearer });
    expect(transport.requests.map(({ headers }) => headers)).toEqual([
      [
        ["authorization", "Bearer canary-5ecret"],
        ["x-api-key", "canary-k3y"],
      ],
      [],
      [["x-api-key", "canary-k3y"]],
    ]);
  });

  test("that a server echoes is masked in head, URL, error, denial and body, however the body is cut", async () => {
    const body = "x canary-5ecret y canary-k3y z canary-5ec".split("");
    const transport = recordingTransport(() => ({
      statusText: "canary-5ecret",
      headers: [["x-echo", "canary-5ecret canary-k3y"]],
      body,
    }));
    const end = await fetched(ledgerFor(policy, transport), A, { headers: bearer });
    expect(end.body).toBe("x {{secret.TOKEN}} y {{secret.KEY}} z canary-5ec");
    expect(end.headers).toEqual({ "x-echo": "{{secret.TOKEN}} {{secret.KEY}}" });

    // Cut to its length only when it is masked.
    const long = recordingTransport(() => ({ statusText: `${"x".repeat(495)}canary-5ecret` }));
    const cut = ledgerFor(policy, long);
    const started = cut.start(
      JSON.stringify({ url: A, method: "GET", headers: bearer, redirect: "follow" }),
      new Uint8Array(0),
      false,
    );
    await cut.nextSettlement();
    expect([started.state, JSON.stringify(cut.takeSettled())]).toEqual([
      "pending",
      expect.not.stringContaining("cana"),
    ]);

    const sneaky = recordingTransport(() => ({
      status: 302,
      headers: [["location", "https://canary-5ecret.evil.test/canary-5ecret?canary-5ecret"]],
    }));
    const ledger = ledgerFor(policy, sneaky);
    const denied = await fetched(ledger, A, { headers: bearer });
    expect(denied).toMatchObject({ error: "NetworkDenied" });
    expect(JSON.stringify([denied, ledger.denials, ledger.records])).not.toContain("canary");

    const inPath = recordingTransport(({ url }) =>
      url === A ? { status: 302, headers: [["location", `${A}canary-5ecret?canary-5ecret`]] } : {},
    );
    const second = ledgerFor(policy, inPath);
    expect((await fetched(second, A, { headers: bearer })).url).toBe(`${A}{{secret.TOKEN}}?{{secret.TOKEN}}`);
    expect(JSON.stringify(second.records)).not.toContain("canary");
  });
});
