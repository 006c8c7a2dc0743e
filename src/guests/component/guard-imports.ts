import type { FuelGauge } from "../../engine/instance/fuel-gauge.ts";
import { classifyFailure } from "../../engine/instance/classify-failure.ts";
import type { Lifting } from "./lifting.ts";

/** Units for a call through the glue, whatever it asks for: a task, a handle, some checks. */
const GLUE_UNITS = 2_000;

/** Refusals of the glue, such as a handle that is none, as the guest's owner reads them. */
const MAX_MESSAGE = 200;

/**
 * Wraps what a component's glue gives a core module: each call is charged, and what the glue throws (for a handle that is none, a
 * pointer that leads nowhere) ends the guest by a trap. Thrown through the guest's frames, its code could catch it, and ask
 * again for ever at the host's cost.
 *
 * @param ofGuests functions of the guest's own modules, which stay as they are
 */
export function guardImports(
  given: WebAssembly.Imports,
  ofGuests: ReadonlySet<unknown>,
  fuel: FuelGauge,
  lifting: Lifting,
): WebAssembly.Imports {
  const guarded = Object.create(null) as Record<string, Record<string, WebAssembly.ImportValue>>;
  for (const [from, functions] of Object.entries(given)) {
    const module = (guarded[from] = Object.create(null) as Record<string, WebAssembly.ImportValue>);
    for (const [name, value] of Object.entries(functions))
      module[name] =
        typeof value === "function" && !ofGuests.has(value)
          ? guardImport(value as (...values: unknown[]) => unknown, fuel, lifting)
          : value;
  }
  return guarded;
}

function guardImport(
  call: (...values: unknown[]) => unknown,
  fuel: FuelGauge,
  lifting: Lifting,
): (...values: unknown[]) => unknown {
  return (...values) => {
    fuel.charge(GLUE_UNITS);
    lifting.begin();
    try {
      return call(...values);
    } catch (error) {
      // Also a trap of the guest's own, in its `realloc`: jco throws errors that look like one.
      const reason = classifyFailure(error);
      if (!fuel.stopping)
        fuel.stop(reason.kind === "host-error" ? { kind: "trap", message: refusalOf(error) } : reason);
      return trap();
    }
  };
}

function refusalOf(error: unknown): string {
  const message = error instanceof Error ? error.message : "";
  return `the component made a call that is not sound: ${message.slice(0, MAX_MESSAGE)}`;
}

/**
 * A module whose one function is `unreachable`, in hexadecimal: header, type, function, export "t", body. Only what WebAssembly
 * itself throws passes every handler of a guest's.
 */
const TRAP = ["0061736d01000000", "010401600000", "03020100", "07050101740000", "0a05010300000b"].join("");

let trapFunction: (() => never) | undefined;

function trap(): never {
  trapFunction ??= new WebAssembly.Instance(new WebAssembly.Module(bytesOf(TRAP))).exports["t"] as () => never;
  return trapFunction();
}

function bytesOf(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
