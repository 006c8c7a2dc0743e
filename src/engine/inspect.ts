import { decodeModule } from "./binary/decode-module.ts";
import { SECTION, type ExternalKind, type TypeDefinition, type WasmModule } from "./binary/module.ts";
import { DEFAULT_REWRITE_LIMITS, type RewriteLimits } from "./limits.ts";

/** What a core module asks for and offers. Names come from the module: treat them as hostile text. */
export interface ModuleDescription {
  readonly byteLength: number;
  readonly imports: readonly ImportDescription[];
  readonly exports: readonly ExportDescription[];
  readonly memories: readonly MemoryDescription[];
  readonly tables: readonly TableDescription[];
  readonly globals: readonly GlobalDescription[];
  readonly functions: { readonly imported: number; readonly defined: number };
  readonly customSections: readonly string[];
  /** Whether the module has a start function. */
  readonly start: boolean;
  /** Proposals that the module's structure shows: `memory64`, `multi-memory`, `threads`, `gc`, `exceptions`, `multi-table`. */
  readonly features: readonly string[];
}

export interface ImportDescription {
  readonly module: string;
  readonly name: string;
  readonly kind: ExternalKind;
  /** Text form, such as `(i32, i64) -> (i32)`, `memory 1..2 pages`, `mutable i32`. */
  readonly type: string;
}

export interface ExportDescription {
  readonly name: string;
  readonly kind: ExternalKind;
  readonly index: number;
  readonly type: string;
}

/** Bounds in pages of `pageBytes`. */
export interface MemoryDescription {
  readonly imported: boolean;
  readonly minimum: number;
  readonly maximum: number | undefined;
  readonly shared: boolean;
  readonly wide: boolean;
  readonly pageBytes: number;
}

export interface TableDescription {
  readonly imported: boolean;
  readonly element: string;
  readonly minimum: number;
  readonly maximum: number | undefined;
  readonly wide: boolean;
}

export interface GlobalDescription {
  readonly imported: boolean;
  readonly type: string;
  readonly mutable: boolean;
}

/**
 * Describes a core module without running or rewriting it.
 *
 * @throws WardianError `invalid-module` or `module-too-large`.
 */
export function inspect(bytes: Uint8Array, limits?: Partial<RewriteLimits>): ModuleDescription {
  return describeModule(decodeModule(bytes, { ...DEFAULT_REWRITE_LIMITS, ...limits }));
}

export function describeModule(module: WasmModule): ModuleDescription {
  return {
    byteLength: module.bytes.length,
    imports: module.imports.map(({ module: from, name, kind, index }) => ({
      module: from,
      name,
      kind,
      type: describeType(module, kind, index),
    })),
    exports: module.exports.map(({ name, kind, index }) => ({
      name,
      kind,
      index,
      type: describeType(module, kind, index),
    })),
    memories: module.memories.map((memory, index) => ({
      imported: index < module.importedMemories,
      minimum: memory.minimum,
      maximum: memory.maximum,
      shared: memory.shared,
      wide: memory.wide,
      pageBytes: 2 ** memory.pageSizeLog2,
    })),
    tables: module.tables.map((table, index) => ({
      imported: index < module.importedTables,
      element: table.element,
      minimum: table.minimum,
      maximum: table.maximum,
      wide: table.wide,
    })),
    globals: module.globals.map((global, index) => ({ imported: index < module.importedGlobals, ...global })),
    functions: { imported: module.importedFunctions, defined: module.functionTypes.length - module.importedFunctions },
    customSections: module.sections.flatMap((section) => (section.id === SECTION.custom ? [section.name ?? ""] : [])),
    start: module.start !== undefined,
    features: features(module),
  };
}

function describeType(module: WasmModule, kind: ExternalKind, index: number): string {
  switch (kind) {
    case "function":
      return describeFunction(module.types[module.functionTypes[index] ?? -1]);
    case "tag":
      return describeFunction(module.types[module.tags[index] ?? -1]);
    case "global": {
      const global = module.globals[index];
      return global === undefined ? "?" : `${global.mutable ? "mutable " : ""}${global.type}`;
    }
    case "memory": {
      const memory = module.memories[index];
      return memory === undefined
        ? "?"
        : `${memory.shared ? "shared " : ""}memory ${memory.minimum}..${memory.maximum ?? ""} pages`;
    }
    default: {
      const table = module.tables[index];
      return table === undefined ? "?" : `table ${table.minimum}..${table.maximum ?? ""} ${table.element}`;
    }
  }
}

function describeFunction(type: TypeDefinition | undefined): string {
  return type?.kind === "function" ? `(${type.params.join(", ")}) -> (${type.results.join(", ")})` : "?";
}

function features(module: WasmModule): string[] {
  const found: string[] = [];
  if (module.memories.some((memory) => memory.wide) || module.tables.some((table) => table.wide))
    found.push("memory64");
  if (module.memories.length > 1) found.push("multi-memory");
  if (module.memories.some((memory) => memory.shared)) found.push("threads");
  if (module.types.some((type) => type.kind !== "function")) found.push("gc");
  if (module.tags.length > 0) found.push("exceptions");
  if (module.tables.length > 1) found.push("multi-table");
  return found;
}
