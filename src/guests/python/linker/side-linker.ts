import { FunctionSlots } from "./function-slots.ts";
import type { WasmFunction } from "./function-slots.ts";
import { damagedLinks, sameStep } from "./link-journal.ts";
import type { LinkState, LinkStep } from "./link-journal.ts";
import { sideImports } from "./side-imports.ts";
import type { LinkTarget } from "./side-imports.ts";
import type { SideModule, SideModules } from "./side-module.ts";

/** A linked module. */
export interface LinkedModule {
  readonly side: SideModule;
  readonly exports: WebAssembly.Exports;
  readonly memoryBase: number;
  readonly tableBase: number;
}

/** What the linker has done after a step, to go back to. */
interface Mark {
  readonly step: LinkStep;
  /** Where the table's next free place was before. */
  readonly next: number;
}

/**
 * Links extension modules to one instance of the interpreter, as Emscripten's `dlopen` does: data into memory, functions
 * into the table, addresses into the slots of the modules. Everything that it does is on a journal, so that a restored or
 * replaced instance can be brought to the same point.
 */
export class SideLinker {
  readonly #target: LinkTarget;
  readonly #sides: SideModules;
  readonly #slots: FunctionSlots;
  readonly #linked = new Map<string, LinkedModule>();
  readonly #handles = new Map<number, LinkedModule>();
  #marks: Mark[] = [];

  constructor(target: LinkTarget, sides: SideModules) {
    this.#target = target;
    this.#sides = sides;
    this.#slots = new FunctionSlots(target.exports.__indirect_function_table, target.trampoline);
  }

  has(path: string): boolean {
    return this.#sides.modules.has(path);
  }

  /** The modules that have to be linked before `path` can be opened, itself last. */
  missing(path: string): readonly SideModule[] {
    const paths = [...(this.#sides.needs.get(path) ?? []), path];
    return paths.filter((item) => !this.#linked.has(item)).flatMap((item) => this.#sides.modules.get(item) ?? []);
  }

  /**
   * Links a module whose needs are linked, with its data at `memoryBase`. Nothing of it has run behind that: call its
   * initializers. Undefined if the engine refuses. To be called inside of `fuel.enter`: segments that don't fit are a trap.
   */
  link(side: SideModule, memoryBase: number): LinkedModule | undefined {
    const step: LinkStep = { kind: "link", path: side.path, memoryBase };
    return this.#step(step, () => this.#link(side, memoryBase));
  }

  /** Knows a linked module by the interpreter's own address for it from now on. */
  open(path: string, handle: number): LinkedModule | undefined {
    const linked = this.#linked.get(path);
    if (linked === undefined) return undefined;
    if (this.#handles.get(handle) === linked) return linked;
    return this.#step({ kind: "handle", path, handle }, () => {
      this.#handles.set(handle, linked);
      return linked;
    });
  }

  /** The address of what a module exports: a place in the table, or in memory. Undefined if there is no such thing. */
  symbol(handle: number, name: string): number | undefined {
    const linked = this.#handles.get(handle);
    if (linked === undefined) return undefined;
    const { side, exports, memoryBase } = linked;
    const value = exports[name];
    if (side.functions.has(name) && typeof value === "function") {
      const known = this.#slots.placeOf(value);
      if (known !== undefined) return known;
      return this.#step({ kind: "symbol", path: side.path, name }, () => this.#slots.place(value as WasmFunction));
    }
    return side.data.has(name) && value instanceof WebAssembly.Global
      ? (memoryBase + Number(value.value)) | 0
      : undefined;
  }

  capture(): LinkState {
    const globals = Array.from(this.#linked.values(), ({ side, exports }) =>
      side.stateGlobals.map((name) => Number((exports[name] as WebAssembly.Global).value)),
    );
    return { steps: this.#marks.map(({ step }) => step), globals };
  }

  /**
   * Goes to where another linker, or this one, was. Memory is not touched but by the segments of modules that are linked
   * anew: its content is to be restored behind this.
   *
   * @throws WardianError "invalid-snapshot" if these modules can't have come there
   */
  restore({ steps, globals }: LinkState): void {
    let same = 0;
    while (
      same < this.#marks.length &&
      same < steps.length &&
      sameStep(this.#marks[same]?.step, steps[same] as LinkStep)
    )
      same++;
    this.#undo(same);
    for (const step of steps.slice(same)) this.#again(step);
    if (globals.length !== this.#linked.size) throw damagedLinks();
    for (const [index, { side, exports }] of [...this.#linked.values()].entries()) {
      const values = globals[index] ?? [];
      if (values.length !== side.stateGlobals.length) throw damagedLinks();
      for (const [at, name] of side.stateGlobals.entries()) (exports[name] as WebAssembly.Global).value = values[at];
    }
  }

  /** Takes back everything behind the first `count` steps. */
  #undo(count: number): void {
    const first = this.#marks[count];
    if (first === undefined) return;
    this.#slots.release(first.next);
    for (const { step } of this.#marks.slice(count)) {
      if (step.kind === "link") this.#linked.delete(step.path);
      if (step.kind === "handle") this.#handles.delete(step.handle);
    }
    this.#marks = this.#marks.slice(0, count);
    // A handle may have stood for another module before.
    this.#handles.clear();
    for (const { step } of this.#marks) {
      const linked = step.kind === "handle" ? this.#linked.get(step.path) : undefined;
      if (step.kind === "handle" && linked !== undefined) this.#handles.set(step.handle, linked);
    }
  }

  #again(step: LinkStep): void {
    let done: unknown;
    try {
      done = this.#replay(step);
    } catch (cause) {
      throw damagedLinks(cause);
    }
    if (done === undefined) throw damagedLinks();
  }

  #replay(step: LinkStep): unknown {
    const side = this.#sides.modules.get(step.path);
    if (side === undefined) return undefined;
    if (step.kind === "link") {
      const [next] = this.missing(step.path);
      return next === side ? this.link(side, step.memoryBase) : undefined;
    }
    if (step.kind === "handle") return this.open(step.path, step.handle);
    const value = side.functions.has(step.name) ? this.#linked.get(step.path)?.exports[step.name] : undefined;
    if (typeof value !== "function" || this.#slots.placeOf(value) !== undefined) return undefined;
    return this.#step(step, () => this.#slots.place(value as WasmFunction));
  }

  /** On the journal once it is done; what was half done is taken back. */
  #step<T>(step: LinkStep, act: () => T | undefined): T | undefined {
    const { next } = this.#slots;
    let done: T | undefined;
    try {
      done = act();
    } finally {
      if (done === undefined) {
        this.#slots.release(next);
        if (step.kind === "link") this.#linked.delete(step.path);
      } else this.#marks.push({ step, next });
    }
    return done;
  }

  #link(side: SideModule, memoryBase: number): LinkedModule | undefined {
    const { info } = side;
    const tableBase = this.#slots.take(info.tableEntries);
    const selfBase = this.#slots.take(side.selfImports.length);
    if (tableBase === undefined || selfBase === undefined) return undefined;
    const libraries = (this.#sides.needs.get(side.path) ?? []).flatMap((path) => this.#linked.get(path) ?? []);
    const { imports, settle } = sideImports(this.#target, {
      side,
      libraries,
      bases: { memoryBase, tableBase, selfBase },
      slots: this.#slots,
    });
    let exports: WebAssembly.Exports;
    try {
      ({ exports } = new WebAssembly.Instance(side.module, imports));
    } catch (cause) {
      // Such as a memory that is shorter than the module asks for.
      if (cause instanceof WebAssembly.LinkError) return undefined;
      throw cause;
    }
    const linked: LinkedModule = { side, exports, memoryBase, tableBase };
    this.#slots.noteAll(tableBase, info.tableEntries);
    if (!settle(linked)) return undefined;
    this.#linked.set(side.path, linked);
    return linked;
  }
}
