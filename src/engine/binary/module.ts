/**
 * A decoded core module: everything but the instructions, which are read in place by `InstructionReader`.
 *
 * All offsets are byte offsets into `bytes`. Index spaces hold imports first, as in the specification.
 */
export interface WasmModule {
  readonly bytes: Uint8Array;
  readonly sections: readonly Section[];
  readonly types: readonly TypeDefinition[];
  readonly imports: readonly ImportEntry[];
  /** Type index of each function, imports first. */
  readonly functionTypes: Uint32Array;
  readonly importedFunctions: number;
  readonly tables: readonly TableType[];
  readonly importedTables: number;
  readonly memories: readonly MemoryType[];
  readonly importedMemories: number;
  readonly globals: readonly GlobalType[];
  readonly importedGlobals: number;
  /** Type index of each exception tag, imports first. */
  readonly tags: readonly number[];
  readonly exports: readonly ExportEntry[];
  readonly start: number | undefined;
  /** Offset of the body (behind its size) and end of each defined function: `[start0, end0, start1, …]`. */
  readonly bodies: Uint32Array;
  /** 1 for each function that an element segment, a global, a table or a `ref.func` outside code takes the address of. */
  readonly addressTaken: Uint8Array;
  /** Those of them that no active element segment puts into a table: the module's code may, or keep them in a global. */
  readonly looseFunctions: ReadonlySet<number>;
  /** Places outside code that name a function, as triples `[start, end, function]`: only those of the first defined function. */
  readonly firstFunctionReferences: readonly number[];
  /** Places outside code that name a global, as triples `[start, end, global]`. */
  readonly globalReferences: readonly number[];
  readonly dataCount: number | undefined;
  readonly elementCount: number;
  /** Bytes of each data segment. */
  readonly dataLengths: readonly number[];
}

export const SECTION = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
  tag: 13,
} as const;

export interface Section {
  readonly id: number;
  /** Offset of the payload (behind id and size). */
  readonly start: number;
  readonly end: number;
  /** Custom sections only. */
  readonly name?: string;
  /** Custom sections: offset behind the name. Others: offset behind the vector's count. */
  readonly contents: number;
  /** Number of entries; 0 for custom and start sections. */
  readonly count: number;
}

/** Text form: `i32`, `v128`, `funcref`, `(ref null 3)`. */
export type ValueType = string;

export interface FunctionType {
  readonly kind: "function";
  readonly params: readonly ValueType[];
  readonly results: readonly ValueType[];
  /** Byte range of the result types themselves, behind their count. */
  readonly resultsStart: number;
  readonly resultsEnd: number;
}

export type TypeDefinition =
  | FunctionType
  | { readonly kind: "struct"; readonly fields: readonly FieldType[] }
  | { readonly kind: "array"; readonly element: FieldType };

export interface FieldType {
  /** A value type or the packed `i8`, `i16`. */
  readonly type: string;
  readonly mutable: boolean;
}

/** Range and flags of a table's or memory's limits; `maximum` undefined means none declared. */
export interface Limits {
  readonly minimum: number;
  readonly maximum: number | undefined;
  readonly shared: boolean;
  /** 64-bit addresses. */
  readonly wide: boolean;
  /** Byte range of flags and bounds. */
  readonly start: number;
  readonly end: number;
}

/** Bounds in elements. */
export interface TableType extends Limits {
  readonly element: ValueType;
  readonly elementStart: number;
  readonly elementEnd: number;
}

/** Bounds in pages. */
export interface MemoryType extends Limits {
  /** log2 of the page size: 16 unless the module says otherwise. */
  readonly pageSizeLog2: number;
}

export interface GlobalType {
  readonly type: ValueType;
  readonly mutable: boolean;
}

export type ExternalKind = "function" | "table" | "memory" | "global" | "tag";

export interface ImportEntry {
  readonly module: string;
  readonly name: string;
  readonly kind: ExternalKind;
  /** Index in the index space of its kind. */
  readonly index: number;
  readonly start: number;
  readonly end: number;
}

export interface ExportEntry {
  readonly name: string;
  readonly kind: ExternalKind;
  readonly index: number;
  readonly start: number;
  readonly end: number;
}
