import { OP } from "../../binary/opcodes.ts";
import { DEBT, LOOP, TINY_BODY } from "../scan/module-scan.ts";
import { copyPath, join, type Path } from "./charge-points.ts";
import { EDIT } from "./edits.ts";
import type { Frame } from "./frame.ts";
import type { PlanContext } from "./plan-context.ts";
import type { StackPlanner } from "../stack/stack-planner.ts";

/** Times that a tiny loop's body is written. Six or eight gained nothing measurable, three lost (sort, sieve). */
const TURNS = 4;
/** An eighth of the module and 64 KiB: enough for all tiny loops of QuickJS and CPython. */
const LEAST_SPARE_BYTES = 65_536;
const SPARE_SHARE = 8;
const TANGLED: number = LOOP.decidesMore | LOOP.floats;
/** Loops within each other that are written as two. */
const MOST_DOUBLED = 4;
/** What a turn of a loop costs by itself: an empty loop must not be free. */
const LOOP_COST = 1;

/**
 * Plans loops.
 *
 * Loops without calls ("debt loops") add to a local, which is flushed into the global every `DEBT_QUANTUM` units, before
 * anything is called or thrown, and at exit.
 */
export class LoopPlanner {
  readonly #context: PlanContext;
  readonly #stack: StackPlanner;
  #next = 0;
  /** Whether the function has a debt loop. */
  usesDebt = false;
  /** Numbers of the open debt loops. */
  readonly #debts: Set<number> = new Set();
  /** Of the open loop whose body is written several times: where the body begins, and the turns still to write. */
  #turnStart = 0;
  #turnsLeft = 0;
  /** Bytes by which repeated bodies may still lengthen the module: a hostile one is full of tiny loops. */
  #spareBytes: number;

  constructor(context: PlanContext, stack: StackPlanner) {
    this.#context = context;
    this.#stack = stack;
    this.#spareBytes = LEAST_SPARE_BYTES + context.module.bytes.length / SPARE_SHARE;
  }

  begin(defined: number): void {
    this.#next = this.#context.scan.loopStart[defined] as number;
    this.usesDebt = false;
    this.#turnsLeft = 0;
  }

  open(): void {
    const { scan, edits, reader, walk } = this.#context;
    const number = this.#next++;
    const flags = scan.loops[number] as number;
    const path = walk.path;
    if ((flags & LOOP.repeats) === 0 || path === undefined) {
      walk.pay(LOOP_COST);
      walk.openBlock(OP.block);
      return;
    }
    const within = scan.debtWithin[number] as number;
    const debt = (flags & LOOP.calls) === 0 && (within === DEBT.always || this.#debts.has(within));
    // The slow path of a hot loop stands outside of it: a call inside makes engines spill around it, and V8 unrolls
    // only loops without. In floating-point loops with more than one way out, though,
    // unrolling the doubled loop keeps its values in memory (mandelbrot: 1.75 instead of 1.1).
    const dispatches = (flags & LOOP.dispatches) !== 0;
    const doubled = (debt ? (flags & TANGLED) !== TANGLED : dispatches) && walk.doubled.length < MOST_DOUBLED;
    const { start, position } = reader;
    // Tiny bodies also grow past what V8 unrolls itself, so that the loops around them can be doubled as well.
    const turns = debt ? this.#turns(flags) : 1;
    if (turns > 1) {
      edits.add(EDIT.open, start, start, 0);
      walk.unrolled = walk.frames.length;
      walk.hidden = 1;
      walk.openBlock(OP.block);
    }
    const edit = doubled
      ? edits.add(debt ? EDIT.doubledLoop : EDIT.doubledCheckedLoop, start, position, LOOP_COST)
      : edits.add(debt ? EDIT.debtAndCheck : EDIT.chargeAndCheck, position, position, LOOP_COST);
    walk.checks = true;
    walk.openLoop(number, debt, doubled);
    // A catch clause may come back here with the stack of what it caught.
    this.#stack.restore();
    walk.push(edit, LOOP_COST, path, path, 0);
    const inner = walk.path as Path;
    // Within the quantum, a debt loop does not check the global.
    inner.unchecked = LOOP_COST;
    if (!debt) inner.through = -1;
    if (debt) {
      this.usesDebt = true;
      this.#debts.add(number);
    }
    if (turns > 1) this.#openTurns(turns);
  }

  /**
   * How often to write the body of a debt loop: one check, and one charge as far as the slack reaches, then pay for as
   * many turns.
   *
   * `loop body end` becomes `block loop (block body (br 2) end)… body end end`. To go on is to fall into the next turn,
   * to fall out of the body is to leave.
   */
  #turns(flags: number): number {
    const { module, reader } = this.#context;
    const plain = module.bytes[reader.indexStart] === 0x40;
    if ((flags & LOOP.tiny) === 0 || !plain || this.#spareBytes < 0) return 1;
    this.#spareBytes -= (TURNS - 1) * TINY_BODY;
    return TURNS;
  }

  #openTurns(turns: number): void {
    const { edits, reader, walk } = this.#context;
    edits.add(EDIT.open, reader.position, reader.position, 0);
    walk.hidden = 2;
    walk.openBlock(OP.block);
    this.#turnStart = reader.position;
    this.#turnsLeft = turns - 1;
  }

  /** Whether the current `end` is that of a body that is to be written again. */
  get repeatsTurn(): boolean {
    const { walk } = this.#context;
    return this.#turnsLeft > 0 && walk.frames.length === walk.unrolled + 3;
  }

  /** At such an `end`: the reader goes back to the body's begin. */
  nextTurn(): void {
    const { edits, reader, walk } = this.#context;
    const loop = walk.frames[walk.unrolled + 1] as Frame;
    const more = this.#turnsLeft > 1;
    edits.add(EDIT.turn, reader.start, this.#turnStart, loop.doubled ? 3 : 2, more ? 1 : 0);
    walk.branchTo(walk.unrolled, walk.path);
    const { label } = walk.top();
    walk.frames.pop();
    walk.path = label === undefined ? undefined : copyPath(label);
    if (label !== undefined) walk.refloor(label.point);
    this.#turnsLeft--;
    if (more) walk.openBlock(OP.block);
    else walk.hidden = 1;
    reader.position = this.#turnStart;
    reader.start = this.#turnStart;
    walk.pay(LOOP_COST);
  }

  /** At the `end` of a repeating loop, whose frame the walk has left. */
  close(frame: Frame): void {
    const { edits, reader, walk } = this.#context;
    const { start, position } = reader;
    walk.loops.pop();
    if (frame.doubled) {
      edits.add(EDIT.end, start, start, 0);
      walk.doubled.pop();
    }
    if (walk.path !== undefined) walk.path = walk.outOf(frame, walk.path);
    if (walk.unrolled >= 0) this.#closeTurns();
    if (!frame.debt) return;
    this.#debts.delete(frame.number);
    if (walk.loops[walk.loops.length - 1]?.debt !== true && walk.path !== undefined) {
      edits.add(EDIT.flush, position, position, 0);
      walk.checked(walk.path);
    }
  }

  /** The end of the block around a loop that was written several times. */
  #closeTurns(): void {
    const { edits, reader, walk } = this.#context;
    edits.add(EDIT.end, reader.position, reader.position, 0);
    walk.unrolled = -1;
    const frame = walk.frames.pop();
    const path = join(walk.path, frame?.label);
    walk.path = path === undefined ? undefined : copyPath(path);
    if (path !== undefined) walk.refloor(path.point);
  }
}
