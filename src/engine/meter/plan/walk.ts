import type { InstructionReader } from "../../binary/instruction-reader.ts";
import { OP } from "../../binary/opcodes.ts";
import { MOST_UNCHECKED } from "../costs/callee-costs.ts";
import { copyPath, join, leave, MOST_EXTRA_POINTS, SLACK, type ChargePoint, type Path } from "./charge-points.ts";
import { EDIT, type EditList } from "./edits.ts";
import type { Frame } from "./frame.ts";

/** How far back a walk looks for paths that wait on a point; beyond it the charge is only less sharp. */
const MOST_FRAMES_SEARCHED = 64;
/** Loops whose waiting paths are marked as left at one branch; beyond it charges are only less sharp. */
const MOST_LOOPS_LEFT = 16;

/**
 * The state of the walk over one function: open blocks, the current path and the points that pay for it.
 *
 * Knows how to pay, to branch and to join, and nothing of instructions. See `charge-points.ts` for the accounting.
 */
export class Walk {
  readonly #reader: InstructionReader;
  readonly #edits: EditList;
  readonly frames: Frame[] = [];
  /** Frames of the open repeating loops. */
  readonly loops: Frame[] = [];
  /** Places of the open loops that are written as two. */
  readonly doubled: number[] = [];
  /** Place of the block around the open loop whose body is written several times, or -1: there is at most one. */
  unrolled = -1;
  /** Blocks from there on that the input does not have. */
  hidden = 0;
  /** Undefined in code that cannot be reached. */
  path: Path | undefined;
  /** Units that may burn on a way from the entry without any check. */
  mostThrough = 0;
  /** Whether any check stands in the function. */
  checks = false;
  exitsByBranch = false;
  /** What the function's callers have to know, as far as the walk has come: see `Weights`. */
  prefix = 0;
  through = -1;
  suffix = 0;

  constructor(reader: InstructionReader, edits: EditList) {
    this.#reader = reader;
    this.#edits = edits;
  }

  /** Begins a function: its entry is the first point, at the reader's place. `ahead`: units that it burns before. */
  begin(mostThrough: number, ahead: number): ChargePoint {
    const { position } = this.#reader;
    this.frames.length = 0;
    this.loops.length = 0;
    this.doubled.length = 0;
    this.unrolled = -1;
    this.mostThrough = mostThrough;
    this.checks = false;
    this.exitsByBranch = false;
    this.prefix = ahead;
    this.through = -1;
    this.suffix = 0;
    const point: ChargePoint = {
      edit: this.#edits.add(EDIT.charge, position, position, 0),
      depth: 0,
      extra: 0,
      frame: 0,
      charge: 0,
      left: Number.POSITIVE_INFINITY,
      floor: Number.POSITIVE_INFINITY,
    };
    this.path = { point, least: 0, most: 0, below: undefined, unchecked: ahead, through: ahead, caught: false };
    this.openBlock(OP.block);
    return point;
  }

  /** Has the current path pay. If that takes a new point, it stands before the current instruction. */
  pay(cost: number): void {
    const path = this.path;
    if (path === undefined || cost === 0) return;
    if (path.unchecked + cost > MOST_UNCHECKED || (path.through >= 0 && path.through + cost > this.mostThrough)) {
      this.newPoint(path, cost, true);
      return;
    }
    const { point } = path;
    const most = path.most + cost;
    if (most > point.charge) {
      if (most - Math.min(point.floor, path.least + cost) > SLACK) {
        this.newPoint(path, cost, false);
        return;
      }
      point.charge = most;
      this.#edits.setA(point.edit, most);
    }
    path.most = most;
    path.least += cost;
    this.#burn(path, cost);
  }

  #burn(path: Path, units: number): void {
    path.unchecked += units;
    if (path.through < 0) return;
    path.through += units;
    if (path.through > this.prefix) this.prefix = path.through;
  }

  /** The current place checks the global. */
  checked(path: Path): void {
    path.unchecked = 0;
    path.through = -1;
  }

  newPoint(path: Path, cost: number, checked: boolean): void {
    const debt = this.loops[this.loops.length - 1]?.debt ?? false;
    const { start } = this.#reader;
    if (checked) this.checks = true;
    const kind = debt ? (checked ? EDIT.debtAndCheck : EDIT.debt) : checked ? EDIT.chargeAndCheck : EDIT.charge;
    leave(path.point, path.least);
    // A long chain forgets its top instead of growing.
    const full = path.point.extra >= MOST_EXTRA_POINTS;
    const edit = this.#edits.add(kind, start, start, cost);
    const next = this.push(edit, cost, full ? path.below : path, path, full ? path.point.extra : path.point.extra + 1);
    if (checked) {
      next.unchecked = 0;
      // Within the quantum, a debt loop's check does not reach the global.
      if (!debt) next.through = -1;
      else if (next.through >= 0) next.through = 0;
    }
    this.#burn(next, cost);
  }

  push(edit: number, cost: number, below: Path | undefined, from: Path, extra: number): Path {
    const point: ChargePoint = {
      edit,
      depth: (below?.point.depth ?? -1) + 1,
      extra,
      frame: this.frames.length,
      charge: cost,
      left: Number.POSITIVE_INFINITY,
      floor: Number.POSITIVE_INFINITY,
    };
    const { unchecked, through, caught } = from;
    const path = { point, least: cost, most: cost, below, unchecked, through, caught };
    this.path = path;
    return path;
  }

  /** Before the current instruction, if it stands in a debt loop: moves the debt to the global and checks it. */
  flush(): void {
    if (!this.inDebt()) return;
    this.#edits.add(EDIT.flush, this.#reader.start, this.#reader.start, 0);
    if (this.path !== undefined) this.checked(this.path);
  }

  inDebt(): boolean {
    return this.path !== undefined && this.loops[this.loops.length - 1]?.debt === true;
  }

  /** Whether a branch leaves the debt loops that are open. */
  leavesDebt(label: number): boolean {
    const target = this.frames[this.targetOf(label)];
    if (!this.inDebt() || target === undefined || target.debt) return false;
    return this.loops[target.loops - 1]?.debt !== true;
  }

  /** Opens the current instruction's loop, to which some branch goes back. */
  openLoop(number: number, debt: boolean, doubled: boolean): void {
    if (doubled) this.doubled.push(this.frames.length);
    const frame: Frame = {
      op: OP.loop,
      number,
      repeats: true,
      debt,
      doubled,
      loops: this.loops.length,
      entry: this.path,
      otherwise: undefined,
      label: undefined,
      caught: false,
      catches: [],
    };
    this.frames.push(frame);
    this.loops.push(frame);
  }

  openBlock(op: number, catches: readonly number[] = []): void {
    const entry = this.path;
    this.frames.push({
      op,
      number: -1,
      repeats: false,
      debt: false,
      doubled: false,
      loops: this.loops.length,
      entry: op === OP.block || entry === undefined ? entry : copyPath(entry),
      otherwise: undefined,
      label: undefined,
      caught: false,
      catches,
    });
  }

  branch(label: number, path: Path | undefined): void {
    this.branchTo(this.targetOf(label), path);
  }

  branchTo(place: number, path: Path | undefined): void {
    if (path === undefined) return;
    const target = this.frames[place];
    if (target === undefined) return;
    if (target === this.frames[0]) {
      this.exitsByBranch = true;
      this.exit(path);
    } else if (target.repeats) {
      leave(path.point, path.least);
      this.leaveLoops(target.loops + 1);
    } else if (this.loops.length > target.loops) {
      // Out of loops: the outermost of them has the path that goes on behind it.
      this.leaveLoops(target.loops + 1);
      this.wait(target, this.outOf(this.loops[target.loops] as Frame, path));
    } else this.wait(target, copyPath(path));
  }

  outOf(loop: Frame, path: Path): Path {
    leave(path.point, path.least);
    const entry = loop.entry as Path;
    return { ...entry, unchecked: path.unchecked, through: path.through };
  }

  wait(frame: Frame, path: Path | undefined): void {
    if (path === undefined) return;
    const label = join(frame.label, path);
    frame.label = label;
    if (label !== undefined) label.point.floor = Math.min(label.point.floor, label.least);
  }

  /** A way out of the function. */
  exit(path: Path): void {
    leave(path.point, path.least);
    if (path.through > this.through) this.through = path.through;
    if (path.unchecked > this.suffix) this.suffix = path.unchecked;
    this.leaveLoops(0);
  }

  /** The paths that wait outside of the open loops from `first` on will not come back on this way. */
  leaveLoops(first: number): void {
    const last = Math.max(first, this.loops.length - MOST_LOOPS_LEFT);
    for (let index = this.loops.length - 1; index >= last; index--) {
      const entry = this.loops[index]?.entry;
      if (entry !== undefined) leave(entry.point, entry.least);
    }
  }

  /** Some path has stopped waiting: the least cost over the ways is that of those which left or still wait. */
  refloor(point: ChargePoint): void {
    const frames = this.frames;
    if (frames.length - point.frame > MOST_FRAMES_SEARCHED) return;
    let floor = point.left;
    for (let index = frames.length - 1; index >= point.frame && index >= 0; index--) {
      const { label, otherwise } = frames[index] as Frame;
      if (label?.point === point) floor = Math.min(floor, label.least);
      if (otherwise?.point === point) floor = Math.min(floor, otherwise.least);
    }
    point.floor = floor;
  }

  /**
   * Place of the block that a label of the input means. In a loop that is written several times, the block around the
   * turn stands for the loop: to go on is to fall into the next turn.
   */
  targetOf(label: number): number {
    const target = this.frames.length - 1 - label;
    return target < this.unrolled + this.hidden && this.unrolled >= 0 ? target - this.hidden : target;
  }

  shiftLabel(label: number, start: number, end: number): void {
    const shifted = this.shifted(label);
    if (shifted !== label) this.#edits.add(EDIT.index, start, end, shifted);
  }

  /** In a loop that is written as two or several times, labels of blocks outside lie further out. */
  shifted(label: number): number {
    const target = this.targetOf(label);
    let shifted = this.frames.length - 1 - target;
    for (const place of this.doubled) if (target < place) shifted++;
    return shifted;
  }

  top(): Frame {
    return this.frames[this.frames.length - 1] as Frame;
  }
}
