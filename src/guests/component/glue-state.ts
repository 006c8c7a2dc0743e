import { WardianError } from "../../errors.ts";

/**
 * What jco's glue keeps of a component between calls. Its own text keeps it in closures; `exposeGlueState` has it put here
 * instead, so that it can be copied.
 */
export interface GlueState {
  /**
   * Handles by resource table: two words at the start (the free list's head and nothing), then two for each handle, the
   * scope of a borrow or the next free handle, and the representation with a flag. Holes for numbers without a table.
   */
  readonly handleTables: HandleTable[];
  /** Host objects by resource table. */
  readonly captures: CaptureTable[];
  /** One for each kind of resource of the component's own, in the order of the glue. */
  readonly registries: HandleRegistry[];
  /** The property of an object that holds its handle; it has none when the handle was passed on. */
  readonly symbolHandle: symbol;
}

/** With the representations that its component has made. */
export interface HandleTable extends Array<number> {
  _createdReps: Set<number>;
}

/** Host objects that a component has handles of, by representation. */
export interface CaptureTable {
  readonly objects: Map<number, object>;
  /** The representation that was given out last. */
  last: number;
}

/** Takes the place of the glue's `FinalizationRegistry`, whose callbacks would enter the guest at any time, with no fuel. */
export class HandleRegistry {
  /** Drops a handle: takes it out of its table and calls the resource's destructor. */
  readonly drop: (handle: number) => void;
  /** The objects that stand for handles of the host's. */
  readonly held: Map<object, number> = new Map();

  constructor(drop: (handle: number) => void) {
    this.drop = drop;
  }

  register(object: object, handle: number): void {
    this.held.set(object, handle);
  }

  unregister(object: object): void {
    this.held.delete(object);
  }

  /** Drops the handle that an object stands for: the guest's destructor runs. */
  release(object: object, symbolHandle: symbol): void {
    const handle = this.held.get(object);
    if (handle === undefined) return;
    this.held.delete(object);
    Reflect.set(object, symbolHandle, undefined);
    this.drop(handle);
  }
}

export function createGlueState(): GlueState {
  return { handleTables: [], captures: [], registries: [], symbolHandle: Symbol("handle") };
}

/** What the glue is given, beside the state, to fill it with. */
export interface GlueHooks {
  readonly handleTables: HandleTable[];
  readonly symbolHandle: symbol;
  capture(table: number, entry: CaptureTable): void;
  register(drop: (handle: number) => void): HandleRegistry;
}

export function hooksOf(state: GlueState): GlueHooks {
  const { handleTables, captures, registries, symbolHandle } = state;
  return {
    handleTables,
    symbolHandle,
    capture: (table, entry) => {
      captures[table] = entry;
    },
    register: (drop) => {
      const registry = new HandleRegistry(drop);
      registries.push(registry);
      return registry;
    },
  };
}

/** The last parameter of the glue's. No name of a component's can be it: those are in camel case, without a sign in them. */
const HOOKS = "wardian$hooks";

const HEAD = /(function instantiate\(getCoreModule, imports, instantiateCore, lifting)\) \{/;
const HANDLE_TABLES = /const HANDLE_TABLES\s*=\s*\[\];/;
const SYMBOL = /const symbolRscHandle\s*=\s*Symbol\('handle'\);/;
/** Up to the brace that stands as far to the right as the function does. */
const REGISTRY = /^( *)function finalizationRegistryCreate \(unregister\) \{[\s\S]*?\n\1\}/m;
const CAPTURE = /const captureTable(\d+)\s*=\s*new Map\(\);\s*let captureCnt\1\s*=\s*0;/g;

/**
 * Has jco's glue keep its state where its last argument, {@link GlueHooks}, says.
 *
 * @throws WardianError "internal" if the glue keeps it in a way that is not known here
 */
export function exposeGlueState(glue: string): string {
  const exposed = glue
    .replace(HEAD, `$1, ${HOOKS}) {`)
    .replace(HANDLE_TABLES, `const HANDLE_TABLES = ${HOOKS}.handleTables;`)
    .replace(SYMBOL, `const symbolRscHandle = ${HOOKS}.symbolHandle;`)
    .replace(REGISTRY, `$1function finalizationRegistryCreate (unregister) { return ${HOOKS}.register(unregister); }`)
    .replaceAll(
      CAPTURE,
      `const captureTable$1 = new Map(); let captureCnt$1 = 0; ${HOOKS}.capture($1, { objects: captureTable$1, get last() { return captureCnt$1; }, set last(value) { captureCnt$1 = value; } });`,
    );
  const count = (text: string, pattern: RegExp): number => [...text.matchAll(pattern)].length;
  const tables = count(glue, /const handleTable\d+\b/g);
  const known =
    exposed.includes(`lifting, ${HOOKS}) {`) &&
    !exposed.includes("new FinalizationRegistry") &&
    count(glue, /\bcaptureTable\d+\s*=/g) === count(exposed, /\.capture\(\d+, \{ objects: captureTable/g) &&
    tables === count(glue, /HANDLE_TABLES\[(\d+)\] = handleTable\1;/g) &&
    (tables === 0 || exposed.includes(`= ${HOOKS}.handleTables;`)) &&
    (count(glue, /\bsymbolRscHandle\b/g) === 0 || exposed.includes(`= ${HOOKS}.symbolHandle;`));
  if (known) return exposed;
  throw new WardianError("internal", "Cannot load the component: jco's glue keeps its handles in an unknown way");
}
