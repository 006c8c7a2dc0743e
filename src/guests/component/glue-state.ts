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

/** Also: the component's number, and the representations that were ever made, both of no use to a copy. */
export type HandleTable = number[];

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

/** The parameter of the glue's that its hooks come as. No name of a component's can be it: those are in camel case. */
const HOOKS = "wardian$hooks";

/**
 * Rewrites jco's text so that its state is kept where `hooks` say. Undefined if it is not the text that this was written for.
 */
export function exposeGlueState(text: string): string | undefined {
  let complete = true;
  const replace = (source: string, pattern: RegExp, by: string): string => {
    if (!pattern.test(source)) complete = false;
    return source.replace(pattern, by);
  };
  let result = replace(
    text,
    /(function instantiate\(getCoreModule, imports, instantiateCore) = [^{]*=> [^{]*\) \{/,
    `$1, ${HOOKS}) {`,
  );
  // A component without resources has none of these.
  result = result
    .replace(/const HANDLE_TABLES\s*=\s*\[\];/, `const HANDLE_TABLES = ${HOOKS}.handleTables;`)
    .replace(/const symbolRscHandle\s*=\s*Symbol\('handle'\);/, `const symbolRscHandle = ${HOOKS}.symbolHandle;`)
    .replace(
      /function finalizationRegistryCreate \(unregister\) \{[\s\S]*?\n\}/,
      `function finalizationRegistryCreate (unregister) { return ${HOOKS}.register(unregister); }`,
    )
    .replaceAll(
      /const captureTable(\d+)\s*=\s*new Map\(\);\s*let captureCnt\1\s*=\s*0;/g,
      `const captureTable$1 = new Map(); let captureCnt$1 = 0;
${HOOKS}.capture($1, { objects: captureTable$1, get last() { return captureCnt$1; }, set last(value) { captureCnt$1 = value; } });`,
    );
  const count = (pattern: RegExp): number => [...text.matchAll(pattern)].length;
  const exposed = [...result.matchAll(/wardian\$hooks\.capture\(/g)].length;
  const known =
    exposed === count(/const captureTable\d+/g) &&
    !result.includes("FinalizationRegistry(") &&
    count(/const handleTable\d+/g) === count(/HANDLE_TABLES\[\d+\] = handleTable\d+;/g) &&
    (count(/const handleTable\d+/g) === 0 ||
      (result.includes(`${HOOKS}.handleTables`) && result.includes(`${HOOKS}.symbolHandle`)));
  return complete && known ? result : undefined;
}
