import { createHash } from "node:crypto";
import { createFuelGauge } from "../../../src/engine/instance/fuel-gauge.ts";
import { inspect, meter } from "../../../src/engine/index.ts";
import type { ModuleDescription } from "../../../src/engine/index.ts";
import { verifyMetering } from "../../../src/engine/verify/verify-metering.ts";
import { FuzzHost, show, zero } from "./fuzz-host.ts";

/** All that can be seen of a module that was instantiated and had each export called. */
export interface Trace {
  /** One line an event: instantiation, calls of exports with their ends, and the calls of imports between. */
  readonly events: readonly string[];
  /** SHA-256 of the exported memories' first MiB, their sizes, and the exported globals. */
  readonly state: string;
  /** Why nothing can be compared: the guest was stopped, or ran out of the engine's own stack. */
  readonly ended: "whole" | "stopped" | "stack";
}

export interface MeteredTrace extends Trace {
  readonly fuel: number;
  /** What the independent verifier says against the metered module. */
  readonly problems: readonly string[];
}

/** Enough for the fuzzer's programs, which end by themselves; a mutant may run for ever. */
const FUEL = 20e6;
const HASHED_BYTES = 2 ** 20;

export function runPlain(bytes: Uint8Array<ArrayBuffer>): Trace {
  const description = inspect(bytes);
  const host = new FuzzHost(description);
  const module = new WebAssembly.Module(bytes);
  return trace(description, host, () => new WebAssembly.Instance(module, host.imports(description)), {
    enter: (action) => action(),
    stopped: () => false,
  });
}

export function runMetered(bytes: Uint8Array<ArrayBuffer>, mode: "optimized" | "exact"): MeteredTrace {
  const description = inspect(bytes);
  const host = new FuzzHost(description);
  const metered = meter(bytes, { mode });
  const verdict = verifyMetering(metered.bytes, metered);
  const module = new WebAssembly.Module(metered.bytes);
  // Small slices: most of a program's checks are then asked for real.
  const gauge = createFuelGauge({ now: () => 0, sliceUnits: 10_000 });
  const cell = gauge.cell();
  let stopped = false;
  let fuel = 0;
  const found = trace(
    description,
    host,
    () => {
      const imports = Object.assign(host.imports(description), { wardian: { exhausted: cell.exhausted } });
      const instance = new WebAssembly.Instance(module, imports);
      cell.attach(instance.exports[metered.fuelExport] as WebAssembly.Global<"i32">);
      return instance;
    },
    {
      enter: (action) => {
        let thrown: { readonly error: unknown } | undefined;
        // A guest that has trapped is not entered again on the same arming.
        gauge.arm({ fuel: FUEL });
        const end = gauge.enter(() => {
          try {
            return action();
          } catch (error) {
            thrown = { error };
            throw error;
          }
        });
        fuel += gauge.used;
        gauge.disarm();
        if (end.kind === "returned") return end.value;
        if (end.reason.kind === "fuel" || end.reason.kind === "time") stopped = true;
        throw thrown?.error ?? new Error(end.reason.kind);
      },
      stopped: () => stopped,
    },
  );
  return {
    ...found,
    fuel,
    problems: verdict.ok ? [] : verdict.problems.map(({ problem }) => problem),
  };
}

interface Entry {
  enter(action: () => unknown): unknown;
  stopped(): boolean;
}

function trace(
  description: ModuleDescription,
  host: FuzzHost,
  instantiate: () => WebAssembly.Instance,
  entry: Entry,
): Trace {
  const events: string[] = [];
  let ended: Trace["ended"] = "whole";
  let exports: WebAssembly.Exports = {};
  const attempt = (label: string, action: () => unknown): void => {
    if (ended !== "whole") return;
    let end: string;
    try {
      end = show(entry.enter(action));
    } catch (error) {
      if (entry.stopped()) ended = "stopped";
      else if (error instanceof RangeError) ended = "stack";
      end = describeError(error);
    }
    for (const call of host.log.splice(0)) events.push(call);
    events.push(`${label}: ${end}`);
  };
  attempt("instantiate", () => {
    exports = instantiate().exports;
    host.attach(exports);
  });
  for (const { name, kind, type } of description.exports) {
    const target = exports[name];
    if (kind !== "function" || typeof target !== "function") continue;
    const parameters = type.slice(1, type.indexOf(") ->"));
    const args = parameters === "" ? [] : parameters.split(/, (?![^(]*\))/u).map(zero);
    attempt(name, () => (target as (...values: unknown[]) => unknown)(...args));
  }
  return { events, state: stateOf(description, exports), ended };
}

function describeError(error: unknown): string {
  if (error instanceof WebAssembly.RuntimeError) return `trap ${error.message}`;
  if (error instanceof Error) return `${error.name}: ${error.message}`;
  return "an exception of the guest's";
}

function stateOf(description: ModuleDescription, exports: WebAssembly.Exports): string {
  const hash = createHash("sha256");
  for (const { name, kind } of description.exports) {
    const item = exports[name];
    if (kind === "memory" && item instanceof WebAssembly.Memory) {
      hash.update(`${name} ${String(item.buffer.byteLength)}`);
      hash.update(new Uint8Array(item.buffer, 0, Math.min(item.buffer.byteLength, HASHED_BYTES)));
    } else if (kind === "global" && item instanceof WebAssembly.Global) hash.update(`${name} ${valueOf(item)}`);
  }
  return hash.digest("hex");
}

function valueOf(global: WebAssembly.Global): string {
  try {
    return show(global.value);
  } catch {
    // A v128 has no JavaScript form.
    return "?";
  }
}
