import type { GuestState } from "./state-image.ts";

/**
 * What a function is called in a snapshot: an export of one of the instances, or an entry that a table has from the start.
 * Both mean the same function in every instance of the same module. Null: no function.
 */
export type FunctionName =
  | readonly ["export", instance: number, name: string]
  | readonly ["entry", table: number, index: number]
  | null;

/** The functions that the tables and globals of a guest may hold, with names that outlive its instances. */
export class FunctionNames {
  readonly #exports: readonly WebAssembly.Exports[];
  readonly #tables: readonly (readonly unknown[])[];
  #names: Map<unknown, FunctionName> | undefined;

  /** To be made right behind instantiation: of every instance of a guest when none of its code has run. */
  constructor(exports: readonly WebAssembly.Exports[], { tables = [] }: Pick<GuestState, "tables">) {
    this.#exports = exports;
    this.#tables = tables.map(contentOf);
  }

  /** The entries that a table has from the start. */
  first(table: number): readonly unknown[] {
    return this.#tables[table] ?? [];
  }

  /** Undefined: it has no name. */
  nameOf(value: unknown): FunctionName | undefined {
    if (value === null) return null;
    this.#names ??= this.#collect();
    return this.#names.get(value);
  }

  /** The function, or null, of a name that may be forged; undefined if there is none. */
  named(name: unknown): unknown {
    if (name === null) return null;
    if (!Array.isArray(name)) return undefined;
    const [kind, where, what] = name as unknown[];
    if (!isIndex(where)) return undefined;
    if (kind === "entry") return isIndex(what) ? this.#tables[where]?.[what] : undefined;
    const exports = this.#exports[where];
    if (kind !== "export" || typeof what !== "string" || exports === undefined) return undefined;
    const value = Object.hasOwn(exports, what) ? exports[what] : undefined;
    return typeof value === "function" ? value : undefined;
  }

  #collect(): Map<unknown, FunctionName> {
    const names = new Map<unknown, FunctionName>();
    for (const [table, entries] of this.#tables.entries())
      for (const [index, entry] of entries.entries()) if (entry !== null) names.set(entry, ["entry", table, index]);
    for (const [instance, exports] of this.#exports.entries())
      for (const [name, value] of Object.entries(exports))
        if (typeof value === "function") names.set(value, ["export", instance, name]);
    return names;
  }
}

/** What a table holds; entries that JavaScript can't read are undefined. */
export function contentOf(table: WebAssembly.Table): readonly unknown[] {
  return Array.from({ length: table.length }, (_, index) => {
    try {
      return table.get(index) as unknown;
    } catch {
      return undefined;
    }
  });
}

export function isIndex(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
