/** Facts about one loop that have to be known at its header. */
export const LOOP = {
  /** Some branch goes back to it. */
  repeats: 1,
  /** A call, a throw or an operation charged by size stands inside. */
  calls: 2,
  /** A large `br_table` stands directly inside: an interpreter's dispatch. */
  dispatches: 8,
  /** One conditional stands directly inside. */
  decides: 16,
  /** More than one does. */
  decidesMore: 32,
  /** Floating-point arithmetic stands directly inside. */
  floats: 64,
  /** So small, without a loop or a branch but `br` and `br_if` inside, that its body may be written several times. */
  tiny: 128,
} as const;

/** Bytes of a loop's body that may be written several times. */
export const TINY_BODY: number = 80;

export const DEBT = { always: 0x7fff_ffff, never: -1 } as const;

/** The two encodings of exception handling: the one that browsers had first, and that of Wasm 3.0. */
export const CATCHES = { try: 1, tryTable: 2 } as const;

/** What the first pass finds out about all function bodies. */
export interface ModuleScan {
  /** Direct callees that are defined, by defined function: `callees[calleeStart[f] … calleeStart[f + 1])`, as defined indices. */
  readonly callees: Int32Array;
  readonly calleeStart: Int32Array;
  /** 1 for each defined function that calls an import, through a table or through a reference. */
  readonly callsOut: Uint8Array;
  /** 1 for each defined function that can catch exceptions. */
  readonly catches: Uint8Array;
  /** Flags of {@link CATCHES}: how the module's functions catch exceptions, if they do. */
  readonly encodings: number;
  /** Flags of all loops, in order of appearance: those of function f begin at `loopStart[f]`. */
  readonly loops: Uint8Array;
  /**
   * A branch that leaves a loop in a way that has no place for a flush (a table, a cast, values on the stack) may only
   * lead into another debt loop. Number of the outermost loop that has to be one for each loop to be one;
   * `DEBT.always`: none, `DEBT.never`: such a branch leaves all loops.
   */
  readonly debtWithin: Int32Array;
  readonly loopStart: Int32Array;
}
