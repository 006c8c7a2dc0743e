import { WardianError } from "../../errors.ts";
import { DEFAULT_TABLE_MAX_ELEMENTS } from "../meter/caps.ts";
import { captureGlobal } from "./capture-state.ts";
import { contentOf, isIndex } from "./function-names.ts";
import type { FunctionName, FunctionNames } from "./function-names.ts";
import type { GuestState } from "./state-image.ts";

/** What the tables and reference globals of a guest hold, as JSON data: a state image has numbers only. */
export interface ReferenceState {
  readonly tables: readonly TableState[];
  /** Of the globals that hold no number: their place among the state's, and which function they hold. */
  readonly globals: readonly (readonly [global: number, name: FunctionName])[];
}

interface TableState {
  readonly length: number;
  /** Entries that are not what they were from the start. */
  readonly changed: readonly (readonly [index: number, name: FunctionName])[];
}

/**
 * Names what the tables and reference globals hold.
 *
 * @throws WardianError "unsupported" for a reference that has no name.
 */
export function captureReferences({ tables = [], globals }: GuestState, names: FunctionNames): ReferenceState {
  return {
    tables: tables.map((table, number): TableState => {
      const first = names.first(number);
      const changed: [number, FunctionName][] = [];
      for (const [index, entry] of contentOf(table).entries())
        if (entry !== (first[index] ?? null)) changed.push([index, nameOf(entry, names, `table ${number}`)]);
      return { length: table.length, changed };
    }),
    globals: globals.flatMap((global, index) => {
      const value = captureGlobal(global);
      return typeof value === "object" ? [[index, nameOf(value.reference, names, `global ${index}`)] as const] : [];
    }),
  };
}

/** What of a state an image holds: memories, and the globals that hold numbers. */
export function numbersOf({ memories, globals }: GuestState): GuestState {
  return { memories, globals: globals.filter((global) => typeof captureGlobal(global) !== "object") };
}

/**
 * Puts back what `captureReferences` noted, into an instance that has been made and not yet been entered. The state may be
 * forged: false, with the tables in any state, if it is none of this guest's. Whatever it says, nothing but functions of the
 * guest's own comes to be in its tables.
 */
export function restoreReferences(value: unknown, { tables = [], globals }: GuestState, names: FunctionNames): boolean {
  const { tables: given, globals: held } = fieldsOf(value);
  if (!Array.isArray(given) || !Array.isArray(held) || given.length !== tables.length) return false;
  if (!tables.every((table, number) => restoreTable((given as unknown[])[number], table, names))) return false;
  return (held as unknown[]).every((entry) => {
    const [index, name] = Array.isArray(entry) ? (entry as unknown[]) : [];
    const global = isIndex(index) ? globals[index] : undefined;
    const found = names.named(name);
    // A number would be coerced into one that holds numbers.
    if (global === undefined || found === undefined || typeof captureGlobal(global) !== "object") return false;
    return attempt(() => {
      global.value = found;
    });
  });
}

function restoreTable(state: unknown, table: WebAssembly.Table, names: FunctionNames): boolean {
  const { length, changed } = fieldsOf(state);
  if (!isIndex(length) || length < table.length || length > DEFAULT_TABLE_MAX_ELEMENTS || !Array.isArray(changed))
    return false;
  if (length > table.length && !attempt(() => table.grow(length - table.length))) return false;
  return (changed as unknown[]).every((entry) => {
    const [index, name] = Array.isArray(entry) ? (entry as unknown[]) : [];
    const found = names.named(name);
    if (!isIndex(index) || index >= length || found === undefined) return false;
    return attempt(() => table.set(index, found));
  });
}

function nameOf(value: unknown, names: FunctionNames, where: string): FunctionName {
  const name = names.nameOf(value);
  if (name !== undefined) return name;
  throw new WardianError(
    "unsupported",
    `Cannot copy a guest: ${where} holds a reference that no export and no element segment names`,
  );
}

/** The engine checks types, and lengths against the table's own maximum. */
function attempt(change: () => unknown): boolean {
  try {
    change();
    return true;
  } catch {
    return false;
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
