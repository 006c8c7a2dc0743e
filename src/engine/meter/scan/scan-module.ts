import { InstructionReader } from "../../binary/instruction-reader.ts";
import type { WasmModule } from "../../binary/module.ts";
import { OP } from "../../binary/opcodes.ts";
import type { RewriteLimits } from "../../limits.ts";
import { enterBody } from "./body-reader.ts";
import { isSized } from "../costs/is-sized.ts";
import { BlockScan } from "./block-scan.ts";
import { CalleeList } from "./callee-list.ts";
import { LoopList } from "./loop-list.ts";
import { CATCHES, LOOP, type ModuleScan } from "./module-scan.ts";

/** Opcodes of floating-point arithmetic, `f32.abs` to `f64.copysign`. */
const FIRST_FLOAT = 0x8b;
const LAST_FLOAT = 0xa6;
/** Targets of a `br_table` that make it an interpreter's. */
const DISPATCH_TARGETS = 48;

/** Reads every instruction once. @throws WardianError for malformed structure. */
export function scanModule(module: WasmModule, limits: RewriteLimits): ModuleScan {
  const scanner = new BodyScanner(module, limits);
  const defined = module.bodies.length / 2;
  const calleeStart = new Int32Array(defined + 1);
  const loopStart = new Int32Array(defined + 1);
  const callsOut = new Uint8Array(defined);
  const catches = new Uint8Array(defined);
  for (let index = 0; index < defined; index++) {
    scanner.scan(index);
    callsOut[index] = scanner.callsOut ? 1 : 0;
    catches[index] = scanner.catches ? 1 : 0;
    calleeStart[index + 1] = scanner.callees.length;
    loopStart[index + 1] = scanner.loops.length;
  }
  const { callees } = scanner.callees;
  const { flags: loops, debtWithin } = scanner.loops;
  return {
    callees,
    calleeStart,
    callsOut,
    catches,
    encodings: scanner.encodings,
    loops,
    debtWithin,
    loopStart,
  };
}

class BodyScanner {
  readonly callees: CalleeList = new CalleeList();
  readonly loops: LoopList = new LoopList();
  /** Whether the last body calls anything but functions of the module directly. */
  callsOut = false;
  /** Whether it can catch exceptions. */
  catches = false;
  /** Flags of `CATCHES`: how the bodies so far catch. */
  encodings = 0;
  readonly #module: WasmModule;
  readonly #limits: RewriteLimits;
  readonly #reader: InstructionReader;
  readonly #blocks: BlockScan;

  constructor(module: WasmModule, limits: RewriteLimits) {
    this.#module = module;
    this.#limits = limits;
    this.#reader = new InstructionReader(module.bytes, 0, 0, limits.branchTargets);
    this.#reader.types = module.types.length;
    this.#blocks = new BlockScan(module, this.#reader, this.loops, limits.nesting);
  }

  scan(defined: number): void {
    const reader = this.#reader;
    const blocks = this.#blocks;
    enterBody(reader, this.#module, defined, this.#limits);
    this.callsOut = false;
    this.catches = false;
    this.callees.begin();
    const type = this.#module.types[this.#module.functionTypes[this.#module.importedFunctions + defined] as number];
    blocks.begin(type?.kind === "function" ? type.results.length : 0);
    while (reader.next()) {
      if (blocks.depth === 0) reader.fail("code behind the end of a function", reader.start);
      this.#instruction();
    }
    if (blocks.depth !== 0) reader.fail("function has no end");
  }

  #instruction(): void {
    const reader = this.#reader;
    const blocks = this.#blocks;
    const { op } = reader;
    switch (op) {
      case OP.block:
        blocks.open();
        return;
      case OP.if:
        blocks.decides();
        blocks.open();
        return;
      case OP.try:
        this.catches = true;
        this.encodings |= CATCHES.try;
        blocks.awkward();
        blocks.open();
        return;
      case OP.tryTable:
        this.catches = true;
        this.encodings |= CATCHES.tryTable;
        blocks.awkward();
        this.#catchClauses();
        blocks.open();
        return;
      case OP.loop:
        blocks.openLoop();
        return;
      case OP.end:
      case OP.delegate:
        blocks.close();
        return;
      case OP.br:
        blocks.branch(reader.index, false);
        return;
      case OP.brIf:
        blocks.decides();
        blocks.branch(reader.index, blocks.carries(reader.index));
        return;
      case OP.brOnNull:
      case OP.brOnNonNull:
      case OP.brOnCast:
      case OP.brOnCastFail:
        blocks.awkward();
        blocks.branch(reader.index, true);
        return;
      case OP.brTable:
        this.#branchTable();
        return;
      case OP.call:
      case OP.returnCall:
        this.#call();
        return;
      case OP.callIndirect:
      case OP.callRef:
        this.callsOut = true;
        blocks.markCall();
        return;
      case OP.returnCallIndirect:
      case OP.returnCallRef:
        this.callsOut = true;
        return;
      case OP.throw:
      case OP.rethrow:
      case OP.throwRef:
        blocks.markCall();
        return;
      default:
        if (op >= FIRST_FLOAT && op <= LAST_FLOAT) blocks.mark(LOOP.floats);
        else if (op >= OP.memoryGrow && isSized(op)) blocks.markCall();
    }
  }

  #call(): void {
    const { op, index, start, position } = this.#reader;
    const { functionTypes, importedFunctions, bytes } = this.#module;
    if (index >= functionTypes.length) this.#reader.fail("function does not exist", start);
    if (index < importedFunctions) this.callsOut = true;
    else this.callees.add(index - importedFunctions);
    // A call that cannot come back (a panic) takes part in no turn of the loop.
    if (op === OP.call && bytes[position] !== OP.unreachable) this.#blocks.markCall();
  }

  #branchTable(): void {
    const reader = this.#reader;
    const end = reader.position;
    this.#blocks.awkward();
    reader.position = reader.entries;
    if (reader.count >= DISPATCH_TARGETS) this.#blocks.mark(LOOP.dispatches);
    for (let entry = 0; entry <= reader.count; entry++) this.#blocks.branch(reader.u32(), true);
    reader.position = end;
  }

  #catchClauses(): void {
    const reader = this.#reader;
    const end = reader.position;
    reader.position = reader.entries;
    for (let entry = 0; entry < reader.count; entry++) {
      reader.skipCatchClause();
      this.#blocks.branch(reader.second, true);
    }
    reader.position = end;
  }
}
