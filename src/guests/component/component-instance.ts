import type { FuelCell, FuelGauge } from "../../engine/instance/fuel-gauge.ts";
import { EXHAUSTED_IMPORT } from "../../engine/index.ts";
import { WardianError } from "../../errors.ts";
import { FUEL_IMPORT } from "./load-component.ts";
import { FunctionNames } from "../../engine/snapshot/function-names.ts";
import type { GuestState } from "../../engine/snapshot/state-image.ts";
import { createGlueState, hooksOf } from "./glue-state.ts";
import type { GlueState } from "./glue-state.ts";
import { guardImports } from "./guard-imports.ts";
import { Lifting } from "./lifting.ts";
import type { PreparedComponent } from "./load-component.ts";

/** A live component. */
export interface ComponentInstance {
  readonly exports: Readonly<Record<string, unknown>>;
  readonly cell: FuelCell;
  /** What a copy of it holds. */
  readonly state: GuestState;
  /** What its tables and globals may hold. */
  readonly names: FunctionNames;
  /** What jco keeps of it. */
  readonly glue: GlueState;
  /** Bytes of all memories together. */
  memoryBytes(): number;
  /** Whether a module has trapped for the depth of its calls. */
  tooDeep(): boolean;
  /** Before each entry: puts the depth limits back, and begins to count anew what crosses. */
  rearm(): void;
}

/** Units for linking: the glue makes some hundred closures and objects. */
const LINK_UNITS = 10_000_000;

/**
 * Links a component. To be called inside `fuel.enter`: start functions and segments are the guest's. `blank`: no code of the
 * guest's is run, for one that is to go on from a copy, which holds what its start functions did.
 */
export function instantiateComponent(
  { glue, modules, stackLimit }: PreparedComponent,
  imports: Parameters<PreparedComponent["glue"]>[1],
  fuel: FuelGauge,
  blank = false,
): ComponentInstance {
  fuel.charge(LINK_UNITS);
  const cell = fuel.cell();
  const shared = new WebAssembly.Global({ value: "i32", mutable: true }, 0);
  cell.attach(shared);
  const own = { [EXHAUSTED_IMPORT.name]: cell.exhausted, [FUEL_IMPORT.name]: shared };
  const byModule = new Map([...modules.values()].map((item) => [item.module, item] as const));
  const stacks: WebAssembly.Global<"i32">[] = [];
  const memories = new Set<WebAssembly.Memory>();
  const globals = new Set<WebAssembly.Global>();
  const tables = new Set<WebAssembly.Table>();
  const linked: WebAssembly.Exports[] = [];
  const state = createGlueState();
  let starts = false;
  const ofGuests = new Set<unknown>();
  const lifting = new Lifting(fuel);

  function instantiateCore(module: WebAssembly.Module, given: WebAssembly.Imports = {}): WebAssembly.Instance {
    const metered = byModule.get(module)?.metered;
    if (metered === undefined) throw new WardianError("internal", "Cannot link the component: unknown core module");
    const instance = new WebAssembly.Instance(module, {
      ...guardImports(given, ofGuests, fuel, lifting),
      [EXHAUSTED_IMPORT.module]: own,
    });
    const { exports } = instance;
    for (const item of Object.values(exports)) if (typeof item === "function") ofGuests.add(item);
    const stack = metered.stackExport === undefined ? undefined : exports[metered.stackExport];
    if (stack instanceof WebAssembly.Global) stacks.push(stack as WebAssembly.Global<"i32">);
    collect(exports, metered.state.memories, WebAssembly.Memory, memories);
    collect(exports, metered.state.globals, WebAssembly.Global, globals);
    collect(exports, metered.state.tables, WebAssembly.Table, tables);
    linked.push(exports);
    const start = metered.startExport === undefined ? undefined : exports[metered.startExport];
    starts ||= start !== undefined;
    if (!blank && typeof start === "function") (start as () => unknown)();
    return instance;
  }

  const exports = glue(
    (file) => {
      const found = modules.get(file);
      if (found === undefined) throw new WardianError("internal", `Cannot link the component: no module "${file}"`);
      return found.module;
    },
    imports,
    instantiateCore,
    lifting.take,
    hooksOf(state),
  );
  const guest: GuestState = { memories: [...memories], globals: [...globals], tables: [...tables] };
  return {
    exports,
    cell,
    state: guest,
    // Code that has run may have changed a table: its entries are then no names that hold in every instance.
    names: new FunctionNames(linked, starts ? { tables: [] } : guest),
    glue: state,
    memoryBytes: () => [...memories].reduce((sum, memory) => sum + memory.buffer.byteLength, 0),
    tooDeep: () => stacks.some((stack) => stack.value < 0),
    rearm: () => {
      lifting.begin();
      for (const stack of stacks) stack.value = stackLimit;
    },
  };
}

/** Modules share what they import of each other: each thing once, in the order of its coming. */
function collect<T>(
  exports: WebAssembly.Exports,
  names: readonly string[],
  type: abstract new (...args: never[]) => T,
  into: Set<T>,
): void {
  for (const name of names) {
    const item = exports[name];
    if (item instanceof type) into.add(item);
  }
}
