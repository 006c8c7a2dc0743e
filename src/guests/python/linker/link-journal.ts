import { WardianError } from "../../../errors.ts";

/**
 * What was linked, in order: doing it again on a new instance puts every function at the same place of the table, and every
 * module at the same address.
 */
export type LinkStep =
  | { readonly kind: "link"; readonly path: string; readonly memoryBase: number }
  /** The interpreter knows the module by an address of its own. */
  | { readonly kind: "handle"; readonly path: string; readonly handle: number }
  /** A function was looked up that had no place in the table. */
  | { readonly kind: "symbol"; readonly path: string; readonly name: string };

/** All that a linker has done, as JSON data. */
export interface LinkState {
  readonly steps: readonly LinkStep[];
  /** Values of the mutable globals of each module, in the order of their links. */
  readonly globals: readonly (readonly number[])[];
}

export const NOTHING_LINKED: LinkState = { steps: [], globals: [] };

/** More steps than a guest can make: each export of each module once. */
const MAX_STEPS = 100_000;
const MAX_GLOBALS = 10_000;

/** Reads a state that may be forged. What the paths and names stand for is checked when it is linked. */
export function readLinkState(value: unknown): LinkState {
  if (value === undefined) return NOTHING_LINKED;
  const { steps, globals } = (typeof value === "object" && value !== null ? value : {}) as Partial<
    Record<keyof LinkState, unknown>
  >;
  if (!Array.isArray(steps) || !Array.isArray(globals) || steps.length > MAX_STEPS || globals.length > steps.length)
    throw damagedLinks();
  return {
    steps: steps.map(readStep),
    globals: globals.map((list: unknown) => {
      if (!Array.isArray(list) || list.length > MAX_GLOBALS || !list.every((item) => isWord(item)))
        throw damagedLinks();
      return list;
    }),
  };
}

function readStep(value: unknown): LinkStep {
  const { kind, path, memoryBase, handle, name } = (
    typeof value === "object" && value !== null ? value : {}
  ) as Readonly<Record<string, unknown>>;
  if (typeof path !== "string") throw damagedLinks();
  if (kind === "link" && isWord(memoryBase)) return { kind, path, memoryBase };
  if (kind === "handle" && isWord(handle)) return { kind, path, handle };
  if (kind === "symbol" && typeof name === "string") return { kind, path, name };
  throw damagedLinks();
}

/** 32 bits, signed or not. */
function isWord(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= -(2 ** 31) && value < 2 ** 32;
}

export function sameStep(left: LinkStep | undefined, right: LinkStep): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

export function damagedLinks(cause?: unknown): WardianError {
  const message = "Cannot restore a snapshot: what it says of linked extension modules is damaged";
  return new WardianError("invalid-snapshot", message, cause === undefined ? {} : { cause });
}
