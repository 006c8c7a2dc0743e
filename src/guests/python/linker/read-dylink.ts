import { ModuleReader } from "../../../engine/binary/module-reader.ts";
import type { WasmModule } from "../../../engine/binary/module.ts";
import { linkError } from "./link-error.ts";

/** What a side module says of itself to its linker. */
export interface DylinkInfo {
  /** Of linear memory, for its data. */
  readonly memoryBytes: number;
  /** In bytes. */
  readonly memoryAlignment: number;
  /** Entries of the function table. */
  readonly tableEntries: number;
  /** File names of the libraries that it needs. */
  readonly needed: readonly string[];
  /** Where it looks for them; "$ORIGIN" is its own folder. */
  readonly runtimePaths: readonly string[];
  /** Imports that may stay without a definition. */
  readonly weak: ReadonlySet<string>;
}

/* Subsections of "dylink.0": WebAssembly tool conventions, DynamicLinking.md. */
const MEMORY_INFO = 1;
const NEEDED = 2;
const IMPORT_INFO = 4;
const RUNTIME_PATH = 5;
const BINDING_MASK = 3;
const BINDING_WEAK = 1;

const MAX_MEMORY_BYTES = 2 ** 30;
/** log2: 64 KiB. */
const MAX_ALIGNMENT = 16;
/** What the interpreter's table may grow to in all. */
const MAX_TABLE_ENTRIES = 100_000;

/** Reads the section that makes a module a side module. @throws WardianError "invalid-package" */
export function readDylink(module: WasmModule, path: string): DylinkInfo {
  const section = module.sections.find(({ name }) => name === "dylink.0");
  if (section === undefined)
    throw linkError(path, 'it is no side module: it has no section "dylink.0"; link it with -sSIDE_MODULE or -shared');
  const reader = new ModuleReader(module.bytes, section.contents, section.end);
  const info = { memoryBytes: 0, memoryAlignment: 1, tableEntries: 0 };
  const needed: string[] = [];
  const runtimePaths: string[] = [];
  const weak = new Set<string>();
  while (reader.position < section.end) {
    const kind = reader.byte();
    const size = reader.u32();
    const next = reader.position + size;
    if (next > section.end) reader.fail("a part of dylink.0 is longer than the section");
    if (kind === MEMORY_INFO) {
      info.memoryBytes = reader.u32();
      const alignment = reader.u32();
      info.tableEntries = reader.u32();
      if (info.memoryBytes > MAX_MEMORY_BYTES || alignment > MAX_ALIGNMENT || info.tableEntries > MAX_TABLE_ENTRIES)
        throw linkError(path, "it asks for more memory, alignment or table entries than any module may");
      info.memoryAlignment = 2 ** alignment;
    } else if (kind === NEEDED) readNames(reader, needed);
    else if (kind === RUNTIME_PATH) readNames(reader, runtimePaths);
    else if (kind === IMPORT_INFO) {
      for (let count = reader.u32(); count > 0; count--) {
        reader.name();
        const name = reader.name();
        if ((reader.u32() & BINDING_MASK) === BINDING_WEAK) weak.add(name);
      }
    }
    if (reader.position > next) reader.fail("a part of dylink.0 is longer than it says");
    reader.position = next;
  }
  return { ...info, needed, runtimePaths, weak };
}

function readNames(reader: ModuleReader, names: string[]): void {
  for (let count = reader.u32(); count > 0; count--) names.push(reader.name());
}
