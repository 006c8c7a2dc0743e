import type { PythonExports } from "../python-exports.ts";
import type { Trampoline } from "../trampoline.ts";
import type { FunctionSlots, WasmFunction } from "./function-slots.ts";
import { ENTRY_TABLE, FILL_ENTRIES } from "./linkage.ts";
import type { Linkage } from "./linkage.ts";
import type { LinkedModule } from "./side-linker.ts";
import type { SideModule } from "./side-module.ts";

/** The instance that modules are linked to. */
export interface LinkTarget {
  readonly linkage: Linkage;
  readonly exports: PythonExports & WebAssembly.Exports;
  readonly trampoline: Trampoline;
  /** The meter's import, and the counters that all modules share. */
  readonly exhausted: WebAssembly.ImportValue;
  readonly fuel: WebAssembly.Global;
  readonly stack: WebAssembly.Global;
  /** Stands for a function that is nowhere, which the module does not insist on: a call ends the guest. */
  readonly absent: (name: string) => WebAssembly.ImportValue;
}

/** One module and where it goes. */
export interface Placement {
  readonly side: SideModule;
  /** Those that it needs, linked. */
  readonly libraries: readonly LinkedModule[];
  readonly bases: { readonly memoryBase: number; readonly tableBase: number; readonly selfBase: number };
  readonly slots: FunctionSlots;
}

export interface SideImports {
  readonly imports: WebAssembly.Imports;
  /** Fills in the addresses of what the module defines itself, once it is there. False if the table is full. */
  readonly settle: (linked: LinkedModule) => boolean;
}

type Group = Record<string, WebAssembly.ImportValue>;

/**
 * Makes the import object of a module. Functions are the interpreter's before its libraries' and its own, as in Emscripten;
 * addresses of what the module defines are its own first. Nothing but functions and numbers of Wasm is handed out.
 */
export function sideImports(target: LinkTarget, placement: Placement): SideImports {
  const { side, bases } = placement;
  const { exports } = target;
  // Names in a module are hostile text.
  const group = (): Group => Object.create(null) as Group;
  const env = group();
  const imports: Record<string, Group> = {
    env,
    wasi_snapshot_preview1: group(),
    "GOT.func": group(),
    "GOT.mem": group(),
  };
  imports["wardian"] = { exhausted: target.exhausted, fuel: target.fuel, stack: target.stack };
  const self = selfImports(target, placement);
  for (const { from, name } of side.functionImports)
    (imports[from] ?? env)[name] = functionFor(target, placement, name) ?? self.get(name) ?? target.absent(name);
  for (const { name } of side.tags) env[name] = exports[name] as WebAssembly.ImportValue;
  env["memory"] = exports.memory;
  env["__indirect_function_table"] = exports.__indirect_function_table;
  env["__stack_pointer"] = exports["__stack_pointer"] as WebAssembly.Global;
  env["__memory_base"] = new WebAssembly.Global({ value: "i32" }, bases.memoryBase);
  env["__table_base"] = new WebAssembly.Global({ value: "i32" }, bases.tableBase);
  const addresses = { functions: imports["GOT.func"] ?? group(), data: imports["GOT.mem"] ?? group() };
  for (const name of side.functionAddresses) addresses.functions[name] = slot();
  for (const name of side.dataAddresses) addresses.data[name] = slot();
  return { imports, settle: (linked) => settle(target, placement, linked, addresses) };
}

/** A variable that holds an address; 0 is nowhere. */
function slot(): WebAssembly.Global {
  return new WebAssembly.Global({ value: "i32", mutable: true }, 0);
}

/** A function of the interpreter or of a library. */
function functionFor(target: LinkTarget, { libraries }: Placement, name: string): WasmFunction | undefined {
  const own = interpreterFunction(target, name);
  if (own !== undefined) return own;
  for (const { side, exports } of libraries) if (side.functions.has(name)) return exports[name] as WasmFunction;
  return undefined;
}

function interpreterFunction({ linkage, exports }: LinkTarget, name: string): WasmFunction | undefined {
  const found = linkage.functions.get(name);
  if (found === undefined) return undefined;
  const table = exports[ENTRY_TABLE] as WebAssembly.Table;
  if (table.length === 0) (exports[FILL_ENTRIES] as () => void)();
  return table.get(found.entry) as WasmFunction;
}

function selfImports({ exports }: LinkTarget, { side, bases }: Placement): ReadonlyMap<string, WasmFunction> {
  if (side.selfImportModule === undefined) return new Map();
  const base = new WebAssembly.Global({ value: "i32" }, bases.selfBase);
  const thunks = new WebAssembly.Instance(side.selfImportModule, {
    link: { table: exports.__indirect_function_table, base },
  }).exports;
  return new Map(side.selfImports.map(({ name }, index) => [name, thunks[index] as WasmFunction]));
}

function settle(
  target: LinkTarget,
  { side, libraries, bases, slots }: Placement,
  linked: LinkedModule,
  addresses: { readonly functions: Group; readonly data: Group },
): boolean {
  for (const [index, { name }] of side.selfImports.entries())
    slots.set(bases.selfBase + index, linked.exports[name] as WasmFunction);
  for (const name of side.functionAddresses) {
    const place = functionAddress(target, [linked, ...libraries], slots, name);
    if (place === undefined) return false;
    (addresses.functions[name] as WebAssembly.Global).value = place;
  }
  for (const name of side.dataAddresses)
    (addresses.data[name] as WebAssembly.Global).value = dataAddress(target, [linked, ...libraries], name);
  return true;
}

/** Undefined: the table is full. */
function functionAddress(
  target: LinkTarget,
  modules: readonly LinkedModule[],
  slots: FunctionSlots,
  name: string,
): number | undefined {
  const [own, ...libraries] = modules;
  if (own?.side.functions.has(name) === true) return slots.place(own.exports[name] as WasmFunction);
  const found = target.linkage.functions.get(name);
  // Where the interpreter's own table has it: C code compares addresses of functions.
  if (found !== undefined && found.slot >= 0) return found.slot;
  const value =
    interpreterFunction(target, name) ?? libraries.find(({ side }) => side.functions.has(name))?.exports[name];
  return value === undefined ? 0 : slots.place(value as WasmFunction);
}

function dataAddress({ linkage }: LinkTarget, modules: readonly LinkedModule[], name: string): number {
  const [own, ...libraries] = modules;
  const at = (module: LinkedModule | undefined): number | undefined =>
    module?.side.data.has(name) === true
      ? (module.memoryBase + Number((module.exports[name] as WebAssembly.Global).value)) | 0
      : undefined;
  return at(own) ?? linkage.data.get(name) ?? libraries.map(at).find((address) => address !== undefined) ?? 0;
}
