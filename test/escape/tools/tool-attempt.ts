import assert from "node:assert/strict";
import { tool } from "../../../src/index.ts";
import type { Language, RunResult, Sandbox, Tool } from "../../../src/index.ts";
import type { Attack } from "../harness/attack.ts";
import { JAVASCRIPT } from "../javascript-escapes/guest.ts";

/** What an attack on tools came to: the result, and what the host function was given. */
export interface ToolAttempt {
  readonly result: RunResult;
  readonly received: readonly unknown[];
  readonly sandbox: Sandbox;
}

/** What a host function may be given in one call: more could not have been JSON within the bound. */
const MAX_RECEIVED = 1_048_576;

/**
 * Runs a source with host functions that do what careless ones do: merge their argument into objects of their own, ask it
 * for methods, and print it.
 */
export function toolAttempt(
  source: string,
  check: (attempt: ToolAttempt) => void | Promise<void>,
  { language = "javascript", tools = {} }: { readonly language?: Language; readonly tools?: Record<string, Tool> } = {},
): Attack["attempt"] {
  return async (scene) => {
    const received: unknown[] = [];
    const careless = (input: unknown): unknown => {
      received.push(input);
      assert.ok(JSON.stringify(input).length <= MAX_RECEIVED, "the host function got more than it may");
      const merged: Record<string, unknown> = { ...(input as object) };
      Object.assign(merged, structuredClone(input));
      for (const key in input as object) merged[key] = (input as Record<string, unknown>)[key];
      assert.equal(({} as Record<string, unknown>)["polluted"], undefined, "the host's prototypes are polluted");
      assert.equal(({} as Record<string, unknown>)["admin"], undefined, "the host's prototypes are polluted");
      return { seen: Object.keys(merged).length };
    };
    const sandbox = await scene.sandbox({
      language,
      limits: { timeoutMs: 5_000 },
      tools: {
        call: tool({ run: careless }),
        fail: tool({
          run: () => {
            throw Object.assign(new TypeError(scene.canaries.variable), { code: scene.canaries.file });
          },
        }),
        later: tool({ run: async () => await new Promise((resolve) => setTimeout(resolve, 5, "late")) }),
        ...tools,
      },
    });
    if (language === "javascript") await scene.run(sandbox, JAVASCRIPT.before ?? "");
    const result = await scene.run(sandbox, source);
    await check({ result, received, sandbox });
    // Whatever comes late, comes now.
    await new Promise((resolve) => setTimeout(resolve, 10));
  };
}
