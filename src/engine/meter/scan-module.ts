import { InstructionReader } from "../binary/instruction-reader.ts";
import type { WasmModule } from "../binary/module.ts";
import { OP } from "../binary/opcodes.ts";
import type { RewriteLimits } from "../limits.ts";
import { enterBody } from "./body-reader.ts";
import { isSized } from "./size-charges.ts";

/** Facts about one loop that have to be known at its header. */
export const LOOP = {
  /** Some branch goes back to it. */
  repeats: 1,
  /** A call, a throw or an operation charged by size stands inside. */
  calls: 2,
  /** A loop that repeats stands inside. */
  nests: 4,
  /** A loop that repeats and is free of calls stands inside. */
  nestsCallFree: 8,
} as const;

/** What the first pass finds out about all function bodies. */
export interface ModuleScan {
  /** Direct callees that are defined, by defined function: `callees[calleeStart[f] … calleeStart[f + 1])`, as defined indices. */
  readonly callees: Int32Array;
  readonly calleeStart: Int32Array;
  /** 1 for each defined function that calls an import, through a table or through a reference. */
  readonly callsOut: Uint8Array;
  /** 1 for each defined function that can catch exceptions. */
  readonly catches: Uint8Array;
  /** Flags of all loops, in order of appearance: those of function f begin at `loopStart[f]`. */
  readonly loops: Uint8Array;
  readonly loopStart: Int32Array;
}

/** Reads every instruction once. @throws WardianError for malformed structure. */
export function scanModule(module: WasmModule, limits: RewriteLimits): ModuleScan {
  return new Scanner(module, limits).scan();
}

class Scanner {
  readonly #module: WasmModule;
  readonly #limits: RewriteLimits;
  readonly #reader: InstructionReader;
  #callees: Int32Array = new Int32Array(1024);
  #calleeCount = 0;
  #loops: Uint8Array = new Uint8Array(1024);
  #loopCount = 0;
  /** Loop number of each open block, or -1. */
  readonly #frames: Int32Array;
  #depth = 0;
  /** Numbers of the open loops. */
  readonly #open: number[] = [];
  /** The open loops up to this one are known to hold a call. */
  #marked = 0;
  #catches = false;

  constructor(module: WasmModule, limits: RewriteLimits) {
    this.#module = module;
    this.#limits = limits;
    this.#reader = new InstructionReader(module.bytes, 0, 0, limits.branchTargets);
    this.#frames = new Int32Array(limits.nesting + 2);
  }

  scan(): ModuleScan {
    const defined = this.#module.bodies.length / 2;
    const calleeStart = new Int32Array(defined + 1);
    const loopStart = new Int32Array(defined + 1);
    const callsOut = new Uint8Array(defined);
    const catches = new Uint8Array(defined);
    for (let index = 0; index < defined; index++) {
      enterBody(this.#reader, this.#module, index, this.#limits);
      this.#catches = false;
      if (this.#body(calleeStart[index] as number)) callsOut[index] = 1;
      if (this.#catches) catches[index] = 1;
      calleeStart[index + 1] = this.#calleeCount;
      loopStart[index + 1] = this.#loopCount;
    }
    return { callees: this.#callees, calleeStart, callsOut, catches, loops: this.#loops, loopStart };
  }

  /** Returns whether the body calls anything but functions of the module directly. */
  #body(firstCallee: number): boolean {
    const reader = this.#reader;
    const { importedFunctions, functionTypes, bytes } = this.#module;
    let callsOut = false;
    this.#frames[0] = -1;
    this.#depth = 1;
    this.#open.length = 0;
    this.#marked = 0;
    while (reader.next()) {
      const { op } = reader;
      if (this.#depth === 0) reader.fail("code behind the end of a function", reader.start);
      switch (op) {
        case OP.block:
        case OP.if:
          this.#push(-1);
          break;
        case OP.try:
          this.#catches = true;
          this.#push(-1);
          break;
        case OP.tryTable:
          this.#catches = true;
          this.#catchClauses();
          this.#push(-1);
          break;
        case OP.loop:
          this.#openLoop();
          break;
        case OP.end:
        case OP.delegate:
          this.#close();
          break;
        case OP.br:
        case OP.brIf:
        case OP.brOnNull:
        case OP.brOnNonNull:
        case OP.brOnCast:
        case OP.brOnCastFail:
          this.#branch(reader.index);
          break;
        case OP.brTable: {
          const end = reader.position;
          reader.position = reader.entries;
          for (let entry = 0; entry <= reader.count; entry++) this.#branch(reader.u32());
          reader.position = end;
          break;
        }
        case OP.call:
        case OP.returnCall:
          if (reader.index >= functionTypes.length) reader.fail("function does not exist", reader.start);
          if (reader.index < importedFunctions) callsOut = true;
          else this.#callee(reader.index - importedFunctions, firstCallee);
          // A call that cannot come back (a panic) takes part in no turn of the loop.
          if (bytes[reader.position] !== OP.unreachable) this.#markCall();
          break;
        case OP.callIndirect:
        case OP.returnCallIndirect:
        case OP.callRef:
        case OP.returnCallRef:
          callsOut = true;
          this.#markCall();
          break;
        case OP.throw:
        case OP.rethrow:
        case OP.throwRef:
          this.#markCall();
          break;
        default:
          if (op >= OP.memoryGrow && isSized(op)) this.#markCall();
      }
    }
    if (this.#depth !== 0) reader.fail("function has no end");
    return callsOut;
  }

  #push(loop: number): void {
    this.#frames[this.#depth++] = loop;
    if (this.#depth > this.#limits.nesting) this.#reader.tooLarge("nesting of blocks", this.#depth, this.#limits.nesting);
  }

  #openLoop(): void {
    if (this.#loopCount === this.#loops.length) {
      const grown = new Uint8Array(this.#loopCount * 2);
      grown.set(this.#loops);
      this.#loops = grown;
    }
    this.#loops[this.#loopCount] = 0;
    this.#open.push(this.#loopCount);
    this.#push(this.#loopCount++);
  }

  #close(): void {
    const loop = this.#frames[--this.#depth] as number;
    if (loop < 0) return;
    this.#open.pop();
    const flags = this.#loops[loop] as number;
    this.#marked = Math.min(this.#marked, this.#open.length);
    const outer = this.#open[this.#open.length - 1];
    if (outer === undefined) return;
    let inherited = flags & (LOOP.nests | LOOP.nestsCallFree);
    if ((flags & LOOP.repeats) !== 0) inherited |= LOOP.nests | ((flags & LOOP.calls) === 0 ? LOOP.nestsCallFree : 0);
    this.#loops[outer] = (this.#loops[outer] as number) | inherited;
  }

  #branch(label: number): void {
    if (label >= this.#depth) this.#reader.fail("label does not exist", this.#reader.start);
    const loop = this.#frames[this.#depth - 1 - label] as number;
    if (loop >= 0) this.#loops[loop] = (this.#loops[loop] as number) | LOOP.repeats;
  }

  #catchClauses(): void {
    const reader = this.#reader;
    const end = reader.position;
    reader.position = reader.entries;
    for (let entry = 0; entry < reader.count; entry++) {
      reader.skipCatchClause();
      this.#branch(reader.second);
    }
    reader.position = end;
  }

  #callee(defined: number, firstCallee: number): void {
    // Neighbours repeat often; the rest of the duplicates does no harm.
    for (let index = this.#calleeCount - 1; index >= firstCallee && index > this.#calleeCount - 5; index--) {
      if (this.#callees[index] === defined) return;
    }
    if (this.#calleeCount === this.#callees.length) {
      const grown = new Int32Array(this.#calleeCount * 2);
      grown.set(this.#callees);
      this.#callees = grown;
    }
    this.#callees[this.#calleeCount++] = defined;
  }

  /** Marks every open loop; each is marked once, so that deep nests stay linear. */
  #markCall(): void {
    for (; this.#marked < this.#open.length; this.#marked++) {
      const loop = this.#open[this.#marked] as number;
      this.#loops[loop] = (this.#loops[loop] as number) | LOOP.calls;
    }
  }
}
