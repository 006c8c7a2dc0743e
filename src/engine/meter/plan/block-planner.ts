import { OP } from "../../binary/opcodes.ts";
import { MOST_UNCHECKED } from "../costs/callee-costs.ts";
import { COSTS, prefixedCost } from "../costs/costs.ts";
import { copyPath, join, type Path } from "./charge-points.ts";
import { EDIT } from "./edits.ts";
import type { Frame } from "./frame.ts";
import type { PlanContext } from "./plan-context.ts";
import type { StackPlanner } from "../stack/stack-planner.ts";

/** Plans blocks and the branches between them: structure without loops. */
export class BlockPlanner {
  readonly #context: PlanContext;
  readonly #stack: StackPlanner;

  constructor(context: PlanContext, stack: StackPlanner) {
    this.#context = context;
    this.#stack = stack;
  }

  openIf(): void {
    const { walk } = this.#context;
    walk.pay(1);
    walk.openBlock(OP.if);
    const { path } = walk;
    if (path === undefined) return;
    walk.top().otherwise = copyPath(path);
    path.point.floor = Math.min(path.point.floor, path.least);
  }

  openElse(): void {
    const { reader, walk } = this.#context;
    const frame = walk.top();
    if (frame.op !== OP.if) reader.fail("else without if", reader.start);
    walk.wait(frame, walk.path);
    walk.path = frame.otherwise;
    frame.otherwise = undefined;
    if (walk.path !== undefined) walk.refloor(walk.path.point);
  }

  openTryTable(): void {
    const { reader, walk } = this.#context;
    const end = reader.position;
    const catches: number[] = [];
    reader.position = reader.entries;
    for (let entry = 0; entry < reader.count; entry++) {
      if (reader.byte() < 2) reader.u32();
      const at = reader.position;
      const label = reader.u32();
      walk.shiftLabel(label, at, reader.position);
      catches.push(label);
    }
    reader.position = end;
    walk.openBlock(OP.tryTable, catches);
  }

  openCatch(): void {
    const { reader, walk } = this.#context;
    const frame = walk.top();
    if (frame.op !== OP.try) reader.fail("catch without try", reader.start);
    walk.wait(frame, walk.path);
    walk.path = caught(frame);
    this.#stack.restore();
  }

  throw(): void {
    const { reader, walk } = this.#context;
    walk.pay(COSTS[reader.op] as number);
    walk.flush();
    if (reader.op === OP.rethrow) walk.shiftLabel(reader.index, reader.indexStart, reader.indexEnd);
    walk.path = undefined;
  }

  branch(): void {
    const { reader, walk } = this.#context;
    if (walk.leavesDebt(reader.index)) walk.flush();
    walk.shiftLabel(reader.index, reader.indexStart, reader.indexEnd);
    walk.branch(reader.index, walk.path);
    walk.path = undefined;
  }

  branchIf(): void {
    const { edits, reader, walk } = this.#context;
    const { op, index, start, position } = reader;
    walk.pay(op > 0xff ? prefixedCost(op) : 1);
    // A conditional branch out of the debt loops: the flush stands on its way.
    if (op === OP.brIf && walk.leavesDebt(index)) edits.add(EDIT.exitIf, start, position, walk.shifted(index) + 1);
    else walk.shiftLabel(index, reader.indexStart, reader.indexEnd);
    walk.branch(index, walk.path);
  }

  branchTable(): void {
    const { reader, walk } = this.#context;
    walk.pay(COSTS[OP.brTable] as number);
    const end = reader.position;
    reader.position = reader.entries;
    let previous = -1;
    for (let entry = 0; entry <= reader.count; entry++) {
      const at = reader.position;
      const label = reader.u32();
      walk.shiftLabel(label, at, reader.position);
      if (label !== previous) walk.branch(label, walk.path);
      previous = label;
    }
    reader.position = end;
    walk.path = undefined;
  }

  return(): void {
    const { walk } = this.#context;
    if (walk.path !== undefined) {
      walk.exit(walk.path);
      walk.flush();
      this.#stack.leave();
    }
    walk.path = undefined;
  }

  /** At the `end` of a block, whose frame the walk has left. */
  close(frame: Frame): void {
    const { walk } = this.#context;
    for (const label of frame.catches) {
      walk.branch(label, caught(frame));
      const target = walk.frames[walk.frames.length - 1 - label];
      if (target !== undefined) target.caught = true;
    }
    if (frame.caught) this.#stack.restore();
    const path = join(join(walk.path, frame.otherwise), frame.label);
    walk.path = path === undefined ? undefined : copyPath(path);
    if (path !== undefined) walk.refloor(path.point);
  }
}

/** An exception comes from anywhere in the `try` body, and never with debt: that is flushed before calls and throws. */
function caught({ entry }: Frame): Path | undefined {
  if (entry === undefined) return undefined;
  return { ...entry, most: entry.point.charge, unchecked: MOST_UNCHECKED, caught: true };
}
