import type { FuelGauge } from "../../engine/instance/fuel-gauge.ts";
import { WardianError } from "../../errors.ts";

/**
 * Most that one call may lift out of the guest's memory, in bytes that the host then holds. Without it a list whose items all
 * name the same megabytes would be many times as large here as in the guest.
 */
export const MAX_LIFTED_BYTES: number = 64 * 2 ** 20;

/** What an item of a list costs the host beside its content. */
const ITEM_BYTES = 64;

/** Units of fuel for a byte that is copied or decoded. */
const BYTE_UNITS = 1;

/** Takes account of the strings and lists that a component's glue makes out of the guest's memory, before it makes them. */
export class Lifting {
  readonly #fuel: Pick<FuelGauge, "charge" | "stop">;
  #bytes = 0;

  constructor(fuel: Pick<FuelGauge, "charge" | "stop">) {
    this.#fuel = fuel;
  }

  /** A call begins, into the guest or out of it. */
  begin(): void {
    this.#bytes = 0;
  }

  /** Called by the glue, with a length that is the guest's. Throws to keep the glue from going on. */
  readonly take = (bytes: number): void => {
    this.#bytes += bytes;
    if (this.#bytes > MAX_LIFTED_BYTES)
      this.#fuel.stop({ kind: "trap", message: `a call passed more than ${MAX_LIFTED_BYTES} bytes` });
    else if (this.#fuel.charge(bytes * BYTE_UNITS)) return;
    throw new LiftingStopped();
  };
}

/** Nobody reads it: the stop was asked for before. */
class LiftingStopped extends Error {}

/** jco's `instantiate`, up to its body. */
const HEAD = /function instantiate\(getCoreModule, imports, instantiateCore = [^{}]*\{/;

/** What jco writes for a string, a list of numbers and a list of anything else. */
const TEXT =
  /(?:TEXT_DECODER_UTF8|utf16Decoder)\.decode\(new Uint(8|16)Array\(memory\d+\.buffer, ptr\d+, (len\d+)\)\)/g;
const NUMBERS = /new \w+Array\(memory\d+\.buffer\.slice\((ptr\d+), \1 \+ (len\d+ \* \d+)\)\)/g;
const ITEMS = /for \(let i = 0; i < (len\d+); i\+\+\) \{/g;

/** What jco does with a handle that stands for nothing: it makes an object up, which has the methods and nothing else. */
const MADE_UP = /if \(!(rsc\d+)\) \{\s*\1 = Object\.create\([\w$]+\.prototype\);/g;

/** Where jco takes a handle out of a table, in bounds or not. */
const REMOVE = "function rscTableRemove(table, handle) {";

/** Anything else that reads a run of bytes, as long as the guest says, out of its memory. */
const UNKNOWN = /\bmemory\d+\.buffer(?:\.slice\(|, (?!ptr\d+, valLenBytes\d+\))\w)|i < len\d+;/;

/**
 * Has jco's glue ask its last argument, a {@link Lifting.take}, before it lifts what is as long as the guest says, and
 * refuse handles that stand for nothing.
 *
 * @throws WardianError "internal" if the glue lifts in a way that is not known here
 */
export function boundLifting(glue: string): string {
  if (!HEAD.test(glue)) throw new WardianError("internal", "Cannot load the component: jco's glue begins otherwise");
  const known = (all: string, bytes: string): string => `(lifting(${bytes}), ${all.replaceAll("memory", HIDDEN)})`;
  const bounded = glue
    .replace(HEAD, "function instantiate(getCoreModule, imports, instantiateCore, lifting) {")
    .replaceAll(TEXT, (all, width: string, length: string) => known(all, width === "8" ? length : `${length} * 2`))
    .replaceAll(NUMBERS, (all, _pointer: string, bytes: string) => known(all, bytes))
    .replace(
      REMOVE,
      `${REMOVE} if (!(handle > 0 && handle < table.length >> 1)) throw new TypeError("no such handle");`,
    )
    .replaceAll(MADE_UP, (_all, resource: string) => `if (!${resource}) { throw new TypeError("no such handle");`)
    .replaceAll(
      ITEMS,
      (all, length: string) => `lifting(${length} * ${ITEM_BYTES}); ${all.replace("len", `${HIDDEN}len`)}`,
    );
  const unknown = UNKNOWN.exec(bounded);
  if (unknown !== null)
    throw new WardianError("internal", `Cannot load the component: its glue lifts by ${JSON.stringify(unknown[0])}`);
  return bounded.replaceAll(`${HIDDEN}len`, "len").replaceAll(HIDDEN, "memory");
}

/** Marks what is bounded, so that what is left over is seen. */
const HIDDEN = "\u0000bounded";
