import assert from "node:assert/strict";
import { command, Sandbox } from "../../../src/index.ts";
import type { SandboxOptions } from "../../../src/index.ts";
import { meter } from "../../../src/engine/index.ts";
import type { MeterOptions } from "../../../src/engine/index.ts";
import { WardianError } from "../../../src/errors.ts";
import { verifyMetering } from "../../../src/engine/verify/verify-metering.ts";
import type { Attack } from "../harness/attack.ts";
import { outcomeOf } from "../harness/outcomes.ts";
import { bytesOf, runGuest } from "./wasm-guest.ts";
import type { GuestOptions } from "./wasm-guest.ts";

const MODES = ["exact", "optimized"] as const;

/** What became of a module: how its run ended, or why it was refused. */
export type ModuleOutcome = (outcome: string, used: number) => void;

export const stops: ModuleOutcome = (outcome) => assert.match(outcome, /^stopped (fuel|stack|trap|memory)$|^refused /u);
export const refuses: ModuleOutcome = (outcome) =>
  assert.match(outcome, /^refused (invalid-module|module-too-large|unsealed-module)$/u);
/** Runs or not; what the verifier says of the metered bytes is checked in any case. */
export const holds: ModuleOutcome = (outcome) => assert.match(outcome, /^(returned|stopped|refused)/u);

/** Meters, verifies and runs a module under a budget, in both modes; an engine without a proposal leaves the last step out. */
export function moduleAttempt(
  source: string | Uint8Array<ArrayBuffer>,
  check: ModuleOutcome,
  options: GuestOptions = {},
): Attack["attempt"] {
  return async () => {
    const bytes = typeof source === "string" ? await bytesOf(source) : source;
    for (const mode of MODES) {
      const { outcome, used } = attempt(bytes, { memoryMaxBytes: 2 ** 27, timeoutMs: 20_000, ...options, mode });
      check(outcome, used);
    }
  };
}

function attempt(
  bytes: Uint8Array<ArrayBuffer>,
  options: GuestOptions & MeterOptions,
): { outcome: string; used: number } {
  try {
    if (!WebAssembly.validate(bytes)) {
      const metered = meter(bytes, options);
      const verdict = verifyMetering(metered.bytes, metered);
      // Either the engine does not know the proposal, or both know that the module is not valid.
      assert.ok(verdict.ok || !WebAssembly.validate(metered.bytes), "a module that is not valid became valid");
      return { outcome: "refused invalid-module", used: 0 };
    }
    const run = runGuest(bytes, options);
    assert.deepEqual(run.problems, [], "the verifier found a way around the meter");
    const { completion } = run;
    // An import that nobody gives: the engine refuses to link, by one error or the other.
    if (completion.kind === "stopped" && completion.reason.kind === "host-error") {
      const { cause } = completion.reason;
      if (cause instanceof WebAssembly.LinkError || cause instanceof TypeError)
        return { outcome: "refused unsealed-module", used: run.used };
    }
    return {
      outcome: completion.kind === "stopped" ? `stopped ${completion.reason.kind}` : completion.kind,
      used: run.used,
    };
  } catch (error) {
    if (error instanceof WardianError) return { outcome: `refused ${error.code}`, used: 0 };
    throw error;
  }
}

/** A module as a program of its own: in a sandbox, by the public API. */
export function commandAttempt(
  source: string | Uint8Array<ArrayBuffer>,
  expected: RegExp,
  options: Omit<SandboxOptions, "guest" | "language"> = {},
): Attack["attempt"] {
  return async (scene) => {
    const bytes = typeof source === "string" ? await bytesOf(source) : source;
    let sandbox: Sandbox;
    try {
      sandbox = await Sandbox.create({
        guest: command(bytes),
        ...options,
        limits: { fuel: 1e9, timeoutMs: 5_000, memoryBytes: 16 * 2 ** 20, ...options.limits },
      });
    } catch (error) {
      assert.ok(error instanceof WardianError || error instanceof RangeError, String(error));
      assert.match(`refused ${error instanceof WardianError ? error.code : error.name}`, expected);
      return;
    }
    await scene.adopt(sandbox);
    const result = await sandbox.run();
    scene.check(sandbox, result);
    assert.match(outcomeOf(result), expected);
    // Every run is a new process of it: the next one comes to the same.
    const again = await sandbox.run();
    assert.equal(outcomeOf(again), outcomeOf(result));
  };
}
