import { decodeModule } from "../../../engine/binary/decode-module.ts";
import type { WasmModule } from "../../../engine/binary/module.ts";
import { inspect, meter } from "../../../engine/index.ts";
import type { ModuleDescription } from "../../../engine/index.ts";
import { quoted } from "../packages/package-error.ts";
import { linkError } from "./link-error.ts";
import { readDylink } from "./read-dylink.ts";
import { refuseInstructions } from "./refuse-instructions.ts";
import { isPlainType, selfImportModule } from "./self-imports.ts";
import type { SideImport, SideModule } from "./side-module.ts";

/** Imports of the meter: the counters that a side module shares with the interpreter. */
const FUEL_IMPORT = { module: "wardian", name: "fuel" } as const;
const STACK_IMPORT = { module: "wardian", name: "stack" } as const;

/** What each plain import of a side module has to be. */
const PLACES: ReadonlyMap<string, string> = new Map([
  ["env.memory", "memory"],
  ["env.__indirect_function_table", "table"],
  ["env.__stack_pointer", "global mutable i32"],
  ["env.__memory_base", "global i32"],
  ["env.__table_base", "global i32"],
]);

/**
 * Checks that a side module can touch nothing but what a linker hands it, meters it and compiles it.
 *
 * @throws WardianError "unsealed-module" with what it must not have, "invalid-package", "invalid-module", "module-too-large"
 */
export async function prepareSideModule(
  bytes: Uint8Array<ArrayBuffer>,
  path: string,
  stackLimit: number,
): Promise<SideModule> {
  const decoded = decodeModule(bytes);
  const description = inspect(bytes);
  refuseParts(decoded, path);
  refuseJavaScript(description, path);
  refuseInstructions(decoded, path);
  const info = readDylink(decoded, path);
  const imports = sortImports(description, path);
  const metered = meter(bytes, {
    fuelImport: FUEL_IMPORT,
    stackImport: STACK_IMPORT,
    stackLimit,
    // Linking it again in a restored sandbox must not run it.
    start: "export",
    addExports: mutableGlobals(decoded).map((index) => ({ kind: "global" as const, index })),
  });
  const exported = new Map(description.exports.map(({ name, kind, type }) => [`${kind} ${name}`, type]));
  const selfImports = imports.functionImports.filter(
    ({ name, type }) => exported.get(`function ${name}`) === type && isPlainType(type),
  );
  const ofKind = (wanted: string) => description.exports.filter(({ kind }) => kind === wanted);
  try {
    const module = await WebAssembly.compile(metered.bytes);
    return {
      path,
      module,
      info,
      ...imports,
      selfImports,
      selfImportModule: selfImports.length === 0 ? undefined : await WebAssembly.compile(selfImportModule(selfImports)),
      functions: new Map(ofKind("function").map(({ name, type }) => [name, type])),
      data: new Set(ofKind("global").flatMap(({ name, type }) => (type === "i32" ? [name] : []))),
      startExport: metered.startExport,
      stateGlobals: metered.added.map(({ name }) => name),
      byteLength: metered.bytes.length,
    };
  } catch (cause) {
    throw linkError(path, "this engine does not accept the module", "invalid-package", cause);
  }
}

function refuseParts(module: WasmModule, path: string): void {
  const refuse = (what: string): never => {
    throw linkError(path, `it has ${what}, which no side module has`, "unsealed-module");
  };
  if (module.memories.length > module.importedMemories) refuse("a memory of its own");
  if (module.tables.length > module.importedTables) refuse("a table of its own");
  for (const index of mutableGlobals(module)) {
    const { type } = module.globals[index] ?? { type: "?" };
    if (type !== "i32") refuse(`a variable of the type ${type}`);
  }
}

function mutableGlobals({ globals, importedGlobals }: WasmModule): readonly number[] {
  return globals.flatMap(({ mutable }, index) => (mutable && index >= importedGlobals ? [index] : []));
}

/** EM_JS and EM_ASM: JavaScript in the data of a module, which Emscripten's own linker evaluates in the host. */
function refuseJavaScript({ exports }: ModuleDescription, path: string): void {
  const found = exports.find(({ name }) => /^__em_js__|^__(?:start|stop)_em_asm$|^__em_lib_deps_/.test(name));
  if (found !== undefined)
    throw linkError(path, `it carries JavaScript (${quoted(found.name)}); no sandbox runs that`, "unsealed-module");
}

/** Names in a message; a module may import a million. */
const MAX_NAMED = 10;

function sortImports(
  { imports, memories, tables }: ModuleDescription,
  path: string,
): Pick<SideModule, "functionImports" | "tags" | "functionAddresses" | "dataAddresses"> {
  const functionImports: SideImport[] = [];
  const tags: SideImport[] = [];
  const functionAddresses: string[] = [];
  const dataAddresses: string[] = [];
  const refused: string[] = [];
  for (const { module: from, name, kind, type } of imports) {
    const place = PLACES.get(`${from}.${name}`);
    if (place !== undefined && (place === kind || place === `${kind} ${type}`)) continue;
    if (kind === "function" && (from === "env" || from === "wasi_snapshot_preview1"))
      functionImports.push({ from, name, type });
    else if (kind === "tag" && from === "env") tags.push({ from, name, type });
    else if (kind === "global" && type === "mutable i32" && from === "GOT.func") functionAddresses.push(name);
    else if (kind === "global" && type === "mutable i32" && from === "GOT.mem") dataAddresses.push(name);
    else refused.push(`${quoted(from)} ${quoted(name)} (${kind})`);
  }
  if (
    memories.some(({ shared, wide, pageBytes }) => shared || wide || pageBytes !== 65_536) ||
    tables.some(({ wide, element }) => wide || element !== "funcref")
  )
    throw linkError(path, "its memory or table is of another kind than the interpreter's");
  if (refused.length > 0) throw unknownImports(path, refused);
  return { functionImports, tags, functionAddresses, dataAddresses };
}

/** The refusal of imports that nothing provides, with their names. */
export function unknownImports(path: string, names: readonly string[]): Error {
  const more = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : "";
  return linkError(
    path,
    `it is not sealed: it imports ${names.slice(0, MAX_NAMED).join(", ")}${more}, which the interpreter does not provide`,
    "unsealed-module",
  );
}
