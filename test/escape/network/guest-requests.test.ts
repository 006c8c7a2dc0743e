import { afterAll, describe, expect, test } from "vitest";
import { Sandbox } from "../../../src/index.ts";
import type { HttpTransport, TransportRequest } from "../../../src/index.ts";
import { nodeTransport } from "../../../src/hosts/node/http/node-transport.ts";
import { corpus } from "../harness/corpus.ts";
import { recordingTransport } from "../../support/network-ledger.ts";

const attacks = corpus?.filter(({ cls }) => cls === "D");
if (attacks === undefined)
  console.warn("network-attacks: corpus skipped, there is none (set WARDIAN_ATTACKS to its file)");

const ALLOWED = "https://api.example.com/";
const sandboxes: Sandbox[] = [];
afterAll(() => {
  for (const sandbox of sandboxes) sandbox.close();
});

/** What both guests do with a list of URLs: the outcome of each request, as text. */
const programs = {
  javascript: (urls: readonly string[]) => `
    const outcomes = [];
    for (const url of ${JSON.stringify(urls)}) {
      outcomes.push(await fetch(url).then((r) => "status " + r.status, (e) => e.name + " " + (e.code ?? "")));
    }
    outcomes`,
  python: (urls: readonly string[]) => `
import urllib.request
from wardian import http
outcomes = []
for url in ${JSON.stringify(urls)}:
    try:
        outcomes.append(f"status {(await http.get(url)).status}")
    except Exception as error:
        outcomes.append(f"{type(error).__name__} {getattr(error, 'name', '')}")
    try:
        outcomes.append(f"urllib status {urllib.request.urlopen(url).status}")
    except Exception as error:
        outcomes.append(f"urllib {type(error).__name__}")
outcomes`,
} as const;

describe.each(["javascript", "python"] as const)("from %s", (language) => {
  async function attempt(
    urls: readonly string[],
    transport: HttpTransport,
  ): Promise<{ readonly outcomes: readonly string[]; readonly denied: number }> {
    const sandbox = await Sandbox.create({
      language,
      network: { allow: [ALLOWED], limits: { requests: 1_000 } },
      transport,
      limits: { timeoutMs: 60_000 },
    });
    sandboxes.push(sandbox);
    const result = await sandbox.run(programs[language](urls));
    if (result.status !== "ok")
      throw new Error(`${result.status} ${result.status === "error" ? result.error.traceback : ""}`);
    return { outcomes: result.value as string[], denied: result.denials.reduce((sum, { count }) => sum + count, 0) };
  }

  /** Entries that are no lists of URLs to be denied have tests of their own below. */
  const OTHERS: ReadonlySet<string> = new Set(["D24", "D27", "D31", "D32", "D34", "D36", "D37", "D39", "D41", "D42"]);
  const lists = (attacks ?? []).filter(({ id }) => !OTHERS.has(id));

  test.skipIf(attacks === undefined)("no address of the corpus is reached", async () => {
    const transport = recordingTransport();
    const urls = lists
      .flatMap(({ code }) => code.split(/\s*,\s*|\s+(?=https?:)/))
      .map((url) => url.replace(/ \(.*\)$/, ""));
    expect(urls.length).toBeGreaterThanOrEqual(25);
    const { outcomes } = await attempt(urls, transport);
    expect(transport.requests).toEqual([]);
    expect(outcomes.filter((outcome) => outcome.includes("status"))).toEqual([]);
  });

  test("no other scheme than http and https is reached (D31)", async () => {
    const transport = recordingTransport();
    const urls = [
      "file:///etc/passwd",
      "ftp://api.example.com/",
      "gopher://api.example.com/",
      "blob:https://api.example.com/x",
      "javascript:1",
      "node:fs",
      "unix:/run/x.sock",
      "wss://api.example.com/",
    ];
    const { outcomes } = await attempt(urls, transport);
    expect(transport.requests).toEqual([]);
    expect(outcomes.filter((outcome) => outcome.includes("status"))).toEqual([]);
  });

  test("a host with a dot at its end is denied, a full-width one is the host that it normalises to (D24, D27)", async () => {
    const transport = recordingTransport();
    await attempt(["https://API.EXAMPLE.COM./"], transport);
    expect(transport.requests).toEqual([]);
    // Python's urllib encodes hosts in its own way; the host of the guest's own request is what the rule is asked for.
    await attempt(["https://\uff41\uff50\uff49.example.com/"], transport);
    for (const { url } of transport.requests) expect(url).toBe(ALLOWED);
    expect(transport.requests.length).toBeGreaterThan(0);
  });

  test("redirects into the host's network are denied (D32)", async () => {
    const seen: TransportRequest[] = [];
    for (const location of [
      "http://169.254.169.254/",
      "http://127.0.0.1/",
      "http://[::1]/",
      "//localhost/",
      "file:///etc/passwd",
      "https://api.example.com@evil.test/",
    ]) {
      const transport = recordingTransport((request) =>
        request.url === ALLOWED ? { status: 302, headers: [["location", location]] } : { body: ["inside"] },
      );
      const { outcomes, denied } = await attempt([ALLOWED], transport);
      seen.push(...transport.requests);
      expect(outcomes.filter((outcome) => outcome.includes("status"))).toEqual([]);
      expect(denied).toBeGreaterThan(0);
    }
    expect(new Set(seen.map(({ url }) => url))).toEqual(new Set([ALLOWED]));
  });

  test("names that resolve to the host's network are denied (D34, D36)", async () => {
    for (const address of ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1"]) {
      const { outcomes, denied } = await attempt(
        [ALLOWED],
        nodeTransport({ resolve: async () => await Promise.resolve([address]) }),
      );
      expect(outcomes[0]).toMatch(/NetworkDenied/);
      expect(denied).toBeGreaterThan(0);
    }
  });
});

describe("a JavaScript guest", () => {
  async function run(
    source: string,
    transport: HttpTransport,
    limits = {},
  ): Promise<Awaited<ReturnType<Sandbox["run"]>>> {
    const sandbox = await Sandbox.create({
      language: "javascript",
      network: { allow: [{ url: ALLOWED, methods: "*" }], limits },
      transport,
      limits: { timeoutMs: 60_000 },
    });
    sandboxes.push(sandbox);
    return await sandbox.run(source);
  }

  test("smuggles nothing through headers, methods or paths (D37, D39)", async () => {
    const transport = recordingTransport();
    const result = await run(
      `const outcomes = [];
       const attempt = async (url, init) => outcomes.push(await fetch(url, init).then((r) => "status " + r.status, (e) => e.name));
       for (const text of ["a\\r\\nHost: evil", "a\\nb", "a\\rb", "a\\0b"]) {
         await attempt("${ALLOWED}", { headers: { "x-a": text } });
         await attempt("${ALLOWED}", { headers: { [text]: "x" } });
         await attempt("${ALLOWED}", { method: text });
       }
       for (const name of ["Host", "Proxy-Authorization", "X-Forwarded-For", "Transfer-Encoding", "Content-Length", "Connection", "Cookie2: x"]) {
         await attempt("${ALLOWED}", { headers: [[name, "chunked"]] });
       }
       outcomes`,
      transport,
    );
    // Parsing takes line breaks out of URLs, so those are no attack; the path is what is left.
    expect(result).toMatchObject({ status: "ok", value: Array.from({ length: 19 }, () => "TypeError") });
    expect(transport.requests).toEqual([]);
  });

  test("cannot forge its way past the prelude", async () => {
    const transport = recordingTransport();
    const result = await run(
      `URL = class { constructor(text) { this.href = text; this.username = this.password = ""; } };
       Object.defineProperty(String.prototype, "toLowerCase", { value: () => "x-innocent" });
       RegExp.prototype.test = () => true;
       JSON.stringify = () => '{"url":"https://evil.test/"}';
       const outcomes = [];
       for (const url of ["https://evil.test/", "http://127.0.0.1/", "${ALLOWED} HTTP/1.1\\r\\nHost: evil.test"]) {
         outcomes.push(await fetch(url, { headers: { "Host": "evil.test" } }).then((r) => "status " + r.status, (e) => e.name));
       }
       outcomes`,
      transport,
    );
    expect(transport.requests).toEqual([]);
    expect(result.status).toBe("ok");
  });

  test("has no more requests on their way than the policy says (D41)", async () => {
    let open = 0;
    let most = 0;
    const transport: HttpTransport = {
      async send() {
        most = Math.max(most, ++open);
        await new Promise((resolve) => setTimeout(resolve, 1));
        open--;
        return {
          status: 200,
          statusText: "",
          headers: [],
          read: async () => await Promise.resolve(undefined),
          cancel: () => undefined,
        };
      },
    };
    const result = await run(
      `(await Promise.allSettled(Array.from({ length: 2000 }, () => fetch("${ALLOWED}")))).filter((x) => x.status === "fulfilled").length`,
      transport,
      { requests: 50, concurrency: 3 },
    );
    expect(result).toMatchObject({ status: "ok", value: 50 });
    expect(most).toBe(3);
    // A hundred thousand end in the fuel that each costs.
    const flood = await run(
      `await Promise.allSettled(Array.from({ length: 1e5 }, () => fetch("${ALLOWED}"))); 1`,
      transport,
      { requests: 50, concurrency: 3 },
    );
    expect(["ok", "limit", "error"]).toContain(flood.status);
    expect(most).toBe(3);
  });

  test("can tell an allowed host what it knows, within the budgets (D42, a residual that docs/network.md names)", async () => {
    const transport = recordingTransport();
    const result = await run(
      `const r = []; for (let i = 0; i < 10; i++) r.push(await fetch("${ALLOWED}?q=secret" + i).then(() => 1, () => 0)); r.reduce((a, b) => a + b)`,
      transport,
      { requests: 4 },
    );
    expect(result).toMatchObject({ status: "ok", value: 4, usage: { requests: 4 } });
  });
});

test("a sandbox without a network has no fetch, and its Python requests are refused", async () => {
  const transport = recordingTransport();
  const javascript = await Sandbox.create({ language: "javascript", transport });
  const python = await Sandbox.create({ language: "python", transport });
  sandboxes.push(javascript, python);
  expect(
    await javascript.run(
      `["fetch", "Request", "Response", "Headers", "ReadableStream"].filter((name) => name in globalThis)`,
    ),
  ).toMatchObject({ value: [] });
  expect(await python.run("from wardian import http\nawait http.get('https://api.example.com/')")).toMatchObject({
    status: "error",
    error: { name: "HttpError", message: "This sandbox has no network" },
  });
  expect(transport.requests).toEqual([]);
});
