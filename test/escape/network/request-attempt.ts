import assert from "node:assert/strict";
import type { NetworkPolicy } from "../../../src/index.ts";
import type { HttpTransport, SandboxOptions } from "../../../src/index.ts";
import type { Attack } from "../harness/attack.ts";
import { outcomeOf } from "../harness/outcomes.ts";
import type { Scene } from "../harness/scene.ts";
import { layBait } from "./bait.ts";

export const ALLOWED = "https://api.example.com/";

export interface Request {
  readonly url: string;
  readonly method?: string;
  readonly headers?: readonly (readonly [string, string])[];
}

/** How each guest makes requests, one after the other; each says its status and what it read, or the error's name. */
const PROGRAMS = {
  javascript: (requests: readonly Request[]) => `
const outcomes = [];
for (const { url, method, headers } of ${JSON.stringify(requests)}) {
  outcomes.push(await fetch(url, { method, headers }).then(async (r) => "status " + r.status + " " + await r.text(), (e) => e.name + " " + (e.code ?? "")));
}
outcomes`,
  python: (requests: readonly Request[]) => `
import json, urllib.request
from wardian import http
outcomes = []
for request in json.loads(${JSON.stringify(JSON.stringify(requests))}):
    url, method, headers = request["url"], request.get("method", "GET"), dict(request.get("headers", []))
    try:
        response = await http.request(method, url, headers=headers)
        outcomes.append(f"status {response.status} {await response.text()}")
    except Exception as error:
        outcomes.append(f"{type(error).__name__} {getattr(error, 'name', '')}")
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method=method, headers=headers), timeout=5) as response:
            outcomes.append(f"status {response.status} {response.read().decode()}")
    except Exception as error:
        outcomes.append(f"{type(error).__name__}")
outcomes`,
} as const;

export interface RequestOptions {
  /** "PORT" in its rules is the service's port too. */
  readonly network?: NetworkPolicy;
  readonly transport?: HttpTransport;
  readonly check?: (outcomes: readonly string[], language: keyof typeof PROGRAMS) => void;
}

/**
 * Makes requests in both guests over the platform's own transport, on a machine where a service with a secret listens.
 * Unless `check` says otherwise none of them may be answered. "PORT" in a URL is the service's port.
 */
export function requestAttempt(
  requests: readonly (string | Request)[],
  { network = { allow: [ALLOWED] }, transport, check }: RequestOptions = {},
): Attack["attempt"] {
  return async (scene: Scene) => {
    const bait = await layBait(scene);
    try {
      const made = requests
        .map((request) => (typeof request === "string" ? { url: request } : request))
        .map((request) => ({ ...request, url: request.url.replaceAll("PORT", String(bait.port)) }));
      for (const language of ["javascript", "python"] as const) {
        const options: SandboxOptions = {
          language,
          clock: "real",
          network: { limits: { requests: 1_000 }, ...withPort(network, bait.port) },
          limits: { timeoutMs: 30_000, fuel: 100e9 },
          ...(transport === undefined ? {} : { transport }),
        };
        const sandbox = await scene.sandbox(options);
        const result = await scene.run(sandbox, PROGRAMS[language](made));
        if (result.status !== "ok") throw new Error(`${language}: ${outcomeOf(result)}`);
        const outcomes = result.value as readonly string[];
        if (check === undefined)
          for (const [index, outcome] of outcomes.entries())
            assert.doesNotMatch(outcome, /^status/u, `${language}: request ${index} of ${JSON.stringify(made)}`);
        else check(outcomes, language);
      }
      assert.equal(bait.hits(), 0, "a service that nobody granted was reached");
    } finally {
      await bait.close();
    }
  };
}

function withPort(policy: NetworkPolicy, port: number): NetworkPolicy {
  return JSON.parse(JSON.stringify(policy).replaceAll("PORT", String(port))) as NetworkPolicy;
}

/** The URLs of an entry of the corpus: as they are, and with the service's port. */
export function urlsOf(code: string): readonly string[] {
  return code
    .split(/\s*,\s*|\s+(?=https?:)/u)
    .map((url) => url.replace(/ \(.*\)$/u, ""))
    .flatMap((url) => [url, url.replace(/^(https?:\/\/(?:\[[^\]]*\]|[^/?#:]*))(?::\d+)?(?=[/?#]|$)/u, "$1:PORT")]);
}
