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
  readonly cost: (op: number) => number;
  /** Units that a call has paid for a callee that it can't see into: an indirect one, or one that it is recursive with. */
  readonly blindlyPrepaid: number;
  /** 1 for functions that the host can call by name: nobody pays for them. */
  readonly exported: Uint8Array;
  /** 1 for functions that a caller relied on to need no more than `blindlyPrepaid`. */
  readonly calledBlindly: Uint8Array;
  /** The local that holds the debt of each function, or -1. */
  readonly debts: Int32Array;
  /** 1 for functions whose only parameter is taken off the fuel: 2 once it is proved that they do so on every path, and check. */
  readonly settlers: Uint8Array;
  /** 1 for functions that ask the host on every path. */
  readonly askers: Uint8Array;
  /** log2 of the units a function charges per unit of its only parameter, which it returns; or NOT_A_SIZER. */
  readonly sizers: Int8Array;
  /** Largest value that a function returns that cuts its only parameter; 0 if it doesn't. */
  readonly cutters: Float64Array;
  /** Units that a function needs its caller to have paid; -1 while not known. */
  readonly prepaid: Int32Array;
  readonly report: (problem: MeteringProblem) => void;
  readonly calls: CallSink;
}

/** Takes the calls of the function that is being verified. */
export interface CallSink {
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
  /** Number of instructions that cost anything. */
  readonly weight: number;
  /** Largest debt that goes unchecked, 0 without a debt. */
  readonly debtLimit: number;
  readonly loops: number;
  readonly checks: number;
  readonly charges: number;
}
