import fc from "fast-check";
import { expect, test } from "vitest";
import { specialAddress } from "../../src/capabilities/network/policy/address.ts";
import { fetched, ledgerFor, recordingTransport } from "../support/network-ledger.ts";

const RULES = ["https://api.example.com/v1/", "http://127.0.0.1:8080/", "https://*.cdn.example/assets"];

/** Pieces that URLs and their parsers disagree about. */
const piece = fc.constantFrom(
  "https:",
  "http:",
  "//",
  "/",
  "\\",
  "@",
  ":",
  "?",
  "#",
  "%2f",
  "%2e",
  "%252e",
  "..",
  ".",
  ";",
  "\t",
  "\n",
  " ",
  "[",
  "]",
  "::1",
  "*",
  "api.example.com",
  "API.EXAMPLE.COM",
  "cdn.example",
  "a.cdn.example",
  "127.0.0.1",
  "0x7f.1",
  "2130706433",
  "localhost",
  "evil.test",
  "169.254.169.254",
  "v1",
  "assets",
  "8080",
  "443",
  "\u3002",
  "\uff41",
  "%00",
  "user:pw",
);
const crafted = fc.array(piece, { minLength: 1, maxLength: 10 }).map((pieces) => pieces.join(""));
const likely = fc
  .tuple(
    fc.constantFrom("https://", "http://", "//", "https:\\\\"),
    fc.constantFrom("", "", "", "", "u@", "api.example.com@"),
    fc.constantFrom(
      "api.example.com",
      "127.0.0.1:8080",
      "x.cdn.example",
      "cdn.example",
      "evil.test",
      "api.example.com.",
      "0x7f000001:8080",
    ),
    crafted,
  )
  .chain((parts) => fc.constantFrom("", "v1/", "assets/").map((prefix) => [...parts, prefix] as const))
  .map(([scheme, user, host, rest, prefix]) => `${scheme}${user}${host}/${prefix}${rest}`);
const url = fc.oneof(
  crafted,
  { weight: 5, arbitrary: likely },
  fc.webUrl({ withFragments: true, withQueryParameters: true }),
  fc.string(),
);

/** Said again in other words than the implementation's: what a request that went out must look like. */
function mayGoOut(text: string): boolean {
  const { protocol, host, pathname, username, password } = new URL(text);
  const within = (prefix: string): boolean =>
    pathname === prefix || pathname.startsWith(prefix.endsWith("/") ? prefix : `${prefix}/`);
  const clean = !climbs(pathname);
  if (username !== "" || password !== "") return false;
  if (protocol === "http:") return host === "127.0.0.1:8080";
  if (protocol !== "https:") return false;
  if (host === "api.example.com") return within("/v1/") && clean;
  return /^(?:[^.]+\.)+cdn\.example$/.test(host) && within("/assets") && clean;
}

/** Whether any reading of a path, decoded as often as one likes, has a segment that leads up. */
function climbs(path: string): boolean {
  let text = path;
  while (/%25/i.test(text)) text = text.replaceAll(/%25/gi, "%");
  const decoded = text.replaceAll(/%2e/gi, ".").replaceAll(/%2f/gi, "/").replaceAll(/%5c/gi, "\\");
  return decoded.split(/[\\/]/).some((segment) => segment.replace(/;.*/s, "") === "..");
}

test("nothing that no rule allows ever reaches the transport", async () => {
  let sent = 0;
  await fc.assert(
    fc.asyncProperty(url, fc.constantFrom("GET", "HEAD", "POST", "DELETE"), async (text, method) => {
      const transport = recordingTransport();
      const ledger = ledgerFor({ allow: RULES }, transport);
      await fetched(ledger, text, { method });
      for (const request of transport.requests) {
        sent++;
        expect(mayGoOut(request.url)).toBe(true);
        expect(["GET", "HEAD"]).toContain(request.method);
      }
      expect(transport.requests.length).toBeLessThanOrEqual(1);
    }),
    { numRuns: 6_000 },
  );
  // A test that never gets anything through would say nothing.
  expect(sent).toBeGreaterThan(10);
});

test("nor by way of a redirect", async () => {
  let followed = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(url, { minLength: 1, maxLength: 4 }),
      fc.constantFrom(301, 302, 303, 307, 308),
      async (locations, status) => {
        const queue = [...locations];
        const transport = recordingTransport(() => {
          const location = queue.shift();
          return location === undefined ? {} : { status, headers: [["location", location]] };
        });
        await fetched(ledgerFor({ allow: RULES }, transport), "https://api.example.com/v1/start");
        followed += transport.requests.length - 1;
        for (const request of transport.requests) expect(mayGoOut(request.url)).toBe(true);
      },
    ),
    { numRuns: 2_000 },
  );
  expect(followed).toBeGreaterThan(10);
});

test("a policy without literal addresses never sends to a special one", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.ipV4(),
        fc.ipV6().map((address) => `[${address}]`),
        fc.nat(2 ** 32 - 1).map(String),
        fc.nat(2 ** 32 - 1).map((value) => `0x${value.toString(16)}`),
      ),
      async (host) => {
        const transport = recordingTransport();
        await fetched(
          ledgerFor({ allow: ["http://*.example.com/", "http://example.com/"] }, transport),
          `http://${host}/`,
        );
        for (const request of transport.requests) expect(specialAddress(new URL(request.url).hostname)).toBe("invalid");
      },
    ),
  );
});

test("no forged request makes the host throw", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.json()),
      fc.uint8Array({ maxLength: 64 }),
      fc.boolean(),
      fc.double(),
      (json, body, blocking, id) => {
        const ledger = ledgerFor({ allow: RULES }, recordingTransport());
        expect(["error", "pending"]).toContain(ledger.start(json, body, blocking).state);
        expect(ledger.read(id, id).state).toBe("error");
        ledger.cancel(id);
        ledger.close();
      },
    ),
    { numRuns: 1_000 },
  );
});
