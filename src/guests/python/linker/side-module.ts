import type { DylinkInfo } from "./read-dylink.ts";

/** An extension module or a library of one: checked, metered, compiled. Shared by the sandboxes of a process. */
export interface SideModule {
  /** Where its file lies, relative to site-packages. */
  readonly path: string;
  readonly module: WebAssembly.Module;
  readonly info: DylinkInfo;
  readonly functionImports: readonly SideImport[];
  /** Those that the module defines too, and what stands for its own definition until it is there. */
  readonly selfImports: readonly SideImport[];
  readonly selfImportModule: WebAssembly.Module | undefined;
  /** Names of the tags, and of the slots for addresses, that it imports. */
  readonly tags: readonly SideImport[];
  readonly functionAddresses: readonly string[];
  readonly dataAddresses: readonly string[];
  /** Types of the functions that it exports. */
  readonly functions: ReadonlyMap<string, string>;
  /** Names of the data that it exports. */
  readonly data: ReadonlySet<string>;
  /** Its start function, which is called when it is linked for the first time. */
  readonly startExport: string | undefined;
  /** Exports of its own mutable globals: what a snapshot has to hold of it beside memory. */
  readonly stateGlobals: readonly string[];
  /** Of the metered code: roughly what it keeps in memory. */
  readonly byteLength: number;
}

export interface SideImport {
  /** "env" or "wasi_snapshot_preview1". */
  readonly from: string;
  readonly name: string;
  /** As `inspect` words it. */
  readonly type: string;
}

/** The libraries that a module needs, by path, each behind those that it needs itself. */
export type Needs = ReadonlyMap<string, readonly string[]>;

/** All side modules of a sandbox's packages. */
export interface SideModules {
  readonly modules: ReadonlyMap<string, SideModule>;
  readonly needs: Needs;
}
