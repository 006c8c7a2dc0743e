import { WardianError } from "../../../errors.ts";
import type { RuntimeAssets } from "../../guest.ts";

/** `linkage.json`: what the build knows of what extension modules can be linked to. */
export interface LinkageFacts {
  /** Types of functions, as `inspect` words them. */
  readonly types: readonly string[];
  /** By name, in the order of the table of entries: its type, and where the interpreter's own table has it, or -1. */
  readonly functions: Readonly<Record<string, readonly [type: number, slot: number]>>;
  /** Addresses of data, by name. */
  readonly data: Readonly<Record<string, number>>;
  /** Types of exception tags, by name. */
  readonly tags: Readonly<Record<string, string>>;
}

/** A function of the interpreter that extension modules can be linked to. */
export interface LinkableFunction {
  /** In the table of entries. */
  readonly entry: number;
  readonly type: string;
  /** In the interpreter's own table, or -1. */
  readonly slot: number;
}

/** The same, to look names up: those that a module asks for are hostile text. */
export interface Linkage {
  readonly functions: ReadonlyMap<string, LinkableFunction>;
  readonly data: ReadonlyMap<string, number>;
  readonly tags: ReadonlyMap<string, string>;
}

/** The exports of the interpreter that are there for the linker. */
export const ENTRY_TABLE = "wardian.entries";
export const FILL_ENTRIES = "wardian.fill";

export async function loadLinkage(assets: RuntimeAssets): Promise<Linkage> {
  const text = new TextDecoder().decode(await assets.bytes("python/linkage.json"));
  const facts = JSON.parse(text) as Partial<LinkageFacts>;
  const { types, functions, data, tags } = facts;
  if (types === undefined || functions === undefined || data === undefined || tags === undefined)
    throw new WardianError("asset", 'Cannot read the runtime artefact "python/linkage.json": a field is missing');
  return {
    functions: new Map(
      Object.entries(functions).map(([name, [type, slot]], entry) => [name, { entry, type: types[type] ?? "?", slot }]),
    ),
    data: new Map(Object.entries(data)),
    tags: new Map(Object.entries(tags)),
  };
}
