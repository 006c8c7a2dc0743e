import { IMMEDIATE, PLAIN_IMMEDIATES, PREFIXED_IMMEDIATES } from "./opcodes.ts";
import { ModuleReader } from "./module-reader.ts";

/**
 * Walks instructions in place, one `next()` at a time, without allocating.
 *
 * The fields describe the instruction last read. Which of them have a meaning depends on the opcode.
 */
export class InstructionReader extends ModuleReader {
  /** Opcode; prefixed ones as `prefix << 12 | sub`. */
  op = 0;
  /** Offset of the instruction's first byte; its end is `position`. */
  start = 0;
  /** First index immediate, or the memory index, or the constant of `i32.const`; of block types the type index, or -1. */
  index = 0;
  /** Range of the first index immediate (of a block type: of the type). */
  indexStart = 0;
  indexEnd = 0;
  /** Second index immediate. */
  second = 0;
  /** `br_table`: number of targets without the default; `try_table`: number of catch clauses; `array.new_fixed` uses `second`. */
  count = 0;
  /** Offset of the first of `count` entries. */
  entries = 0;
  readonly #branchTargets: number;

  constructor(bytes: Uint8Array, start: number, end: number, branchTargets: number = Number.POSITIVE_INFINITY) {
    super(bytes, start, end);
    this.#branchTargets = branchTargets;
  }

  /** Moves to another body. */
  reset(start: number, end: number): void {
    this.position = start;
    this.end = end;
  }

  /** Reads one instruction; false at the end of the range. */
  next(): boolean {
    if (this.position >= this.end) return false;
    this.start = this.position;
    const first = this.bytes[this.position++] as number;
    let kind: number;
    if (first >= 0xfb && first <= 0xfe) {
      const sub = this.u32();
      kind = PREFIXED_IMMEDIATES.get(first)?.[sub] ?? IMMEDIATE.unknown;
      this.op = (first << 12) | sub;
    } else {
      kind = PLAIN_IMMEDIATES[first] as number;
      this.op = first;
    }
    if (kind === IMMEDIATE.none) return true;
    if (kind === IMMEDIATE.index) {
      this.#index();
      return true;
    }
    this.#immediates(kind);
    return true;
  }

  #index(): void {
    this.indexStart = this.position;
    this.index = this.u32();
    this.indexEnd = this.position;
  }

  #immediates(kind: number): void {
    switch (kind) {
      case IMMEDIATE.memory:
        this.#memoryArgument();
        return;
      case IMMEDIATE.s32:
        this.index = this.s32();
        return;
      case IMMEDIATE.block:
        this.#blockType();
        return;
      case IMMEDIATE.twoIndices:
        this.#index();
        this.second = this.u32();
        return;
      case IMMEDIATE.branchTable:
        this.count = this.u32();
        if (this.count > this.#branchTargets)
          this.tooLarge("number of br_table targets", this.count, this.#branchTargets);
        this.entries = this.position;
        for (let entry = 0; entry <= this.count; entry++) this.u32();
        return;
      case IMMEDIATE.s64:
        this.skipS64();
        return;
      case IMMEDIATE.bytes4:
        this.skip(4);
        return;
      case IMMEDIATE.bytes8:
        this.skip(8);
        return;
      case IMMEDIATE.bytes16:
        this.skip(16);
        return;
      case IMMEDIATE.lane:
        this.skip(1);
        return;
      case IMMEDIATE.memoryLane:
        this.#memoryArgument();
        this.skip(1);
        return;
      case IMMEDIATE.valueTypes:
        for (let count = this.u32(); count > 0; count--) this.valueType();
        return;
      case IMMEDIATE.heapType:
        this.heapType();
        return;
      case IMMEDIATE.castBranch:
        this.skip(1);
        this.#index();
        this.heapType();
        this.heapType();
        return;
      case IMMEDIATE.tryTable:
        this.#blockType();
        this.count = this.u32();
        this.entries = this.position;
        for (let entry = 0; entry < this.count; entry++) this.skipCatchClause();
        return;
      default:
        this.fail("unknown instruction", this.start);
    }
  }

  /** Moves over one clause of a `try_table` and leaves its label in `second`, the label's offset in `entries`. */
  skipCatchClause(): void {
    const kind = this.byte();
    if (kind > 3) this.fail("unknown catch clause", this.position - 1);
    if (kind < 2) this.u32();
    this.second = this.u32();
  }

  #memoryArgument(): void {
    const alignment = this.u32();
    if (alignment >= 0x80) this.fail("malformed memory argument", this.start);
    this.index = (alignment & 0x40) === 0 ? 0 : this.u32();
    this.u64();
  }

  #blockType(): void {
    this.indexStart = this.position;
    const first = this.position < this.end ? (this.bytes[this.position] as number) : 0;
    if (first === 0x40) {
      this.position++;
      this.index = -1;
    } else if (first >= 0x41 && first <= 0x7f) {
      this.valueType();
      this.index = -1;
    } else {
      this.index = this.s33();
      if (this.index < 0) this.fail("unknown block type", this.indexStart);
    }
    this.indexEnd = this.position;
  }
}
