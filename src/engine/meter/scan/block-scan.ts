import type { InstructionReader } from "../../binary/instruction-reader.ts";
import type { WasmModule } from "../../binary/module.ts";
import type { LoopList } from "./loop-list.ts";
import { LOOP, TINY_BODY } from "./module-scan.ts";

/** Functions of more bytes stay as they are: they may be as large as engines take. */
const UNROLLED_FUNCTION = 1 << 16;

/** Follows the blocks of one function after the other, and tells the loops what happens in them. */
export class BlockScan {
  readonly #module: WasmModule;
  readonly #reader: InstructionReader;
  readonly #loops: LoopList;
  readonly #mostNested: number;
  /** Loop number of each open block, or -1. */
  readonly #frames: Int32Array;
  /** Innermost loop around the target of a branch to each open block (for a loop, itself), or -1. */
  readonly #enclosing: Int32Array;
  /** Whether a branch to each open block takes values along. */
  readonly #carries: Uint8Array;
  depth = 0;
  /** Numbers of the open loops. */
  readonly #open: number[] = [];
  /** The open loops up to this one are known to hold a call. */
  #marked = 0;
  /** Where the innermost loop's body begins, and the last instruction that bars its loops from being `tiny`. */
  #bodyStart = 0;
  #awkwardAt = 0;

  constructor(module: WasmModule, reader: InstructionReader, loops: LoopList, mostNested: number) {
    this.#module = module;
    this.#reader = reader;
    this.#loops = loops;
    this.#mostNested = mostNested;
    this.#frames = new Int32Array(mostNested + 2);
    this.#enclosing = new Int32Array(mostNested + 2);
    this.#carries = new Uint8Array(mostNested + 2);
  }

  /** Begins a function, whose first instruction is the reader's next. */
  begin(results: number): void {
    this.#frames[0] = -1;
    this.#enclosing[0] = -1;
    this.#carries[0] = results > 0 ? 1 : 0;
    this.depth = 1;
    this.#open.length = 0;
    this.#marked = 0;
    const { position, end } = this.#reader;
    this.#awkwardAt = end - position > UNROLLED_FUNCTION ? end : 0;
  }

  /** Opens the current instruction's block. */
  open(): void {
    this.#push(-1);
  }

  openLoop(): void {
    this.awkward();
    const loop = this.#loops.add();
    this.#open.push(loop);
    this.#bodyStart = this.#reader.position;
    this.#push(loop);
  }

  #push(loop: number): void {
    const { index, indexStart, bytes } = this.#reader;
    const type = index >= 0 ? this.#module.types[index] : undefined;
    const values =
      type?.kind === "function"
        ? (loop >= 0 ? type.params : type.results).length
        : index < 0 && loop < 0 && bytes[indexStart] !== 0x40
          ? 1
          : 0;
    this.#carries[this.depth] = values > 0 ? 1 : 0;
    this.#enclosing[this.depth] = loop >= 0 ? loop : (this.#open[this.#open.length - 1] ?? -1);
    this.#frames[this.depth++] = loop;
    if (this.depth > this.#mostNested) this.#reader.tooLarge("nesting of blocks", this.depth, this.#mostNested);
  }

  close(): void {
    const loop = this.#frames[--this.depth] as number;
    if (loop < 0) return;
    this.#open.pop();
    // Behind an inner loop, which is awkward, the place is that of the inner loop's body, and does no harm.
    if (this.#awkwardAt < this.#bodyStart && this.#reader.start - this.#bodyStart <= TINY_BODY)
      this.#loops.mark(loop, LOOP.tiny);
    this.awkward();
    this.#marked = Math.min(this.#marked, this.#open.length);
    const outer = this.#open[this.#open.length - 1];
    if (outer === undefined) return;
    // What holds for the inner loop holds for the outer, unless it is about the outer itself.
    const within = this.#loops.debtWithin[loop] as number;
    if (within < outer) this.#loops.restrict(outer, within);
  }

  /** The current instruction branches. `awkward`: there is no place on the way for a flush. */
  branch(label: number, awkward: boolean): void {
    if (label >= this.depth) this.#reader.fail("label does not exist", this.#reader.start);
    const frame = this.depth - 1 - label;
    const loop = this.#frames[frame] as number;
    if (loop >= 0) this.#loops.mark(loop, LOOP.repeats);
    if (!awkward) return;
    const innermost = this.#open[this.#open.length - 1];
    const within = this.#enclosing[frame] as number;
    if (innermost !== undefined && innermost !== within) this.#loops.restrict(innermost, within);
  }

  /** Whether a branch to a label takes values along. */
  carries(label: number): boolean {
    return label < this.depth && this.#carries[this.depth - 1 - label] === 1;
  }

  /** The current instruction bars the loops around it from being `tiny`. */
  awkward(): void {
    if (this.#reader.start > this.#awkwardAt) this.#awkwardAt = this.#reader.start;
  }

  decides(): void {
    const loop = this.#open[this.#open.length - 1];
    if (loop === undefined) return;
    const decided = ((this.#loops.flags[loop] as number) & LOOP.decides) !== 0;
    this.#loops.mark(loop, decided ? LOOP.decidesMore : LOOP.decides);
  }

  /** Marks the innermost loop. */
  mark(flag: number): void {
    const loop = this.#open[this.#open.length - 1];
    if (loop !== undefined) this.#loops.mark(loop, flag);
  }

  /** Marks every open loop; each is marked once, so that deep nests stay linear. */
  markCall(): void {
    for (; this.#marked < this.#open.length; this.#marked++)
      this.#loops.mark(this.#open[this.#marked] as number, LOOP.calls);
  }
}
