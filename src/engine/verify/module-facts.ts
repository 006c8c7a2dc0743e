import type { WasmModule } from "../binary/module.ts";

/** One thing that the verifier could not prove. */
export interface MeteringProblem {
  /** Index of the function in the metered module; -1 for the module as a whole. */
  readonly function: number;
  /** Byte offset in the metered module. */
  readonly offset: number;
  readonly problem: string;
}

/** `sizers`: not a function that charges for its parameter and hands it back. */
export const NOT_A_SIZER = -128;

/** What is known of the module and of the functions that were already verified. */
export interface ModuleFacts {
  readonly module: WasmModule;
  /** Index of the fuel global. */
  readonly fuel: number;
  /** Index of the imported `exhausted` function. */
  readonly exhausted: number;
  /** Whether a guest could see an exception: the module has tags or `try`. */
  readonly exceptions: boolean;
  /** Whether a function of the module can catch them. */
  readonly catches: boolean;
  readonly cost: (op: number) => number;
  /** The local that holds the debt of each function, or -1. */
  readonly debts: Int32Array;
  /** The local in which each function holds the new value of fuel between a charge and its check, or -1. */
  readonly counters: Int32Array;
  /** 1 for functions whose only parameter is taken off the fuel: 2 once it is proved that they do so on every path, and check. */
  readonly settlers: Uint8Array;
  /** 1 for functions that ask the host on every path. */
  readonly askers: Uint8Array;
  /** log2 of the units a function charges per unit of its only parameter, which it returns; or NOT_A_SIZER. */
  readonly sizers: Int8Array;
  /** Largest value that a function returns that cuts its only parameter; 0 if it doesn't. */
  readonly cutters: Float64Array;
  /** Units that a function needs its caller to have paid, as far as is known. Grows until it holds everywhere. */
  readonly prepaid: Float64Array;
  /** The same for functions that are called by reference, all together. */
  indirectPrepaid: number;
  /** 0 for functions that check on every path. */
  readonly passable: Uint8Array;
  /** Most units of work on a path through a function without a check, and from its entry to its first check. */
  readonly through: Float64Array;
  readonly prefix: Float64Array;
  /** The same for functions that are called by reference, all together. */
  indirectThrough: number;
  indirectPrefix: number;
  readonly calls: CallSink;
}

/** Takes the calls of the function that is being verified. */
export interface CallSink {
  /** The calls that follow are made by this function. They replace those that it was said to make before. */
  begin(caller: number): void;
  /** `checked`: fuel was checked on every path from the function's entry to the call. */
  call(callee: number, checked: boolean): void;
}

/** Stand for all functions that an indirect call, or an import, may enter. */
export const INDIRECT = -1;
export const IMPORTED = -2;

/** What a caller has to know of a verified function. */
export interface FunctionSummary {
  /** Whether there is a path through the function without a check. */
  readonly passable: boolean;
  /** Most units of work between two checks. */
  readonly longestRun: number;
  readonly problems: readonly MeteringProblem[];
  readonly loops: number;
  readonly checks: number;
  readonly charges: number;
  /** Whether it calls by reference. */
  readonly callsIndirectly: boolean;
}
