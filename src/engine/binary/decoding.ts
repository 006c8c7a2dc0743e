import type { RewriteLimits } from "../limits.ts";
import { InstructionReader } from "./instruction-reader.ts";
import { ModuleReader } from "./module-reader.ts";
import type {
  ExportEntry,
  GlobalType,
  ImportEntry,
  MemoryType,
  Section,
  TableType,
  TypeDefinition,
  WasmModule,
} from "./module.ts";

/** A module that is being decoded: the readers, and what the sections have said so far. */
export class Decoding {
  readonly reader: ModuleReader;
  /** Reads constant expressions. */
  readonly instructions: InstructionReader;
  readonly limits: RewriteLimits;
  readonly sections: Section[] = [];
  readonly types: TypeDefinition[] = [];
  readonly imports: ImportEntry[] = [];
  functionTypes: Uint32Array = new Uint32Array(0);
  functionCount = 0;
  importedFunctions = 0;
  readonly tables: TableType[] = [];
  importedTables = 0;
  readonly memories: MemoryType[] = [];
  importedMemories = 0;
  readonly globals: GlobalType[] = [];
  importedGlobals = 0;
  readonly tags: number[] = [];
  readonly exports: ExportEntry[] = [];
  start: number | undefined;
  bodies: Uint32Array = new Uint32Array(0);
  addressTaken: Uint8Array = new Uint8Array(0);
  readonly looseFunctions: Set<number> = new Set();
  /** Whether what is read now goes into a table when the module is instantiated. */
  placing = false;
  readonly firstFunctionReferences: number[] = [];
  readonly globalReferences: number[] = [];
  dataCount: number | undefined;
  elementCount = 0;
  readonly dataLengths: number[] = [];

  constructor(bytes: Uint8Array, limits: RewriteLimits) {
    this.reader = new ModuleReader(bytes);
    this.instructions = new InstructionReader(bytes, 0, 0);
    this.limits = limits;
  }

  /** Behind the type section, indices are final: one beyond them must not come to name a type that is added. */
  sealTypes(): void {
    this.reader.types = this.instructions.types = this.types.length;
  }

  pushFunction(type: number): void {
    if (this.functionCount === this.functionTypes.length) {
      const grown = new Uint32Array(Math.max(64, this.functionCount * 2));
      grown.set(this.functionTypes);
      this.functionTypes = grown;
    }
    this.functionTypes[this.functionCount++] = type;
    if (this.functionCount > this.limits.functions)
      this.reader.tooLarge("number of functions", this.functionCount, this.limits.functions);
  }

  sealFunctions(): void {
    this.functionTypes = this.functionTypes.slice(0, this.functionCount);
    if (this.addressTaken.length < this.functionCount) this.addressTaken = new Uint8Array(this.functionCount);
  }

  /** Notes a place that names a function, and behind which the reader stands. */
  functionReference(at: number, index: number, takesAddress: boolean): void {
    if (this.addressTaken.length < this.functionCount) this.sealFunctions();
    if (index >= this.functionCount) this.reader.fail("reference to a function that does not exist", at);
    if (takesAddress) {
      this.addressTaken[index] = 1;
      if (!this.placing) this.looseFunctions.add(index);
    }
    if (index === this.importedFunctions) this.firstFunctionReferences.push(at, this.reader.position, index);
  }

  module(): WasmModule {
    return {
      bytes: this.reader.bytes,
      sections: this.sections,
      types: this.types,
      imports: this.imports,
      functionTypes: this.functionTypes,
      importedFunctions: this.importedFunctions,
      tables: this.tables,
      importedTables: this.importedTables,
      memories: this.memories,
      importedMemories: this.importedMemories,
      globals: this.globals,
      importedGlobals: this.importedGlobals,
      tags: this.tags,
      exports: this.exports,
      start: this.start,
      bodies: this.bodies,
      addressTaken: this.addressTaken,
      looseFunctions: this.looseFunctions,
      firstFunctionReferences: this.firstFunctionReferences,
      globalReferences: this.globalReferences,
      dataCount: this.dataCount,
      elementCount: this.elementCount,
      dataLengths: this.dataLengths,
    };
  }
}
