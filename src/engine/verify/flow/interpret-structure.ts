import { OP } from "../../binary/opcodes.ts";
import { recogniseService } from "../calls/recognise-service.ts";
import type { FunctionWalk } from "../function-walk.ts";
import { VALUE } from "../values/symbolic-stack.ts";
import { isCondition } from "./assume.ts";
import { boundary } from "./boundary.ts";
import { branchTo } from "./branch-to.ts";
import { closeBlock } from "./close-block.ts";
import { copyState } from "./flow-state.ts";
import { KIND } from "./frame.ts";
import type { Frame } from "./frame.ts";
import { frameAt, openFrame, secondState } from "./open-frame.ts";
import { openIf } from "./open-if.ts";
import { openLoop } from "./open-loop.ts";

export function interpretStructure(walk: FunctionWalk, op: number): void {
  const lastEnd = op === OP.end && walk.top === 0;
  if (lastEnd) recogniseService(walk);
  const condition = op === OP.if && walk.live;
  if (condition) walk.stack.pop();
  const { kind, amount, local } = walk.stack;
  const length = condition && isCondition(kind) ? constantOnTop(walk) : undefined;
  // The check of a flush may stand before the debt is cleared.
  const checks = op === OP.if ? kind === VALUE.fuelBelow : op === OP.end && frameAt(walk, walk.top).checks;
  if (walk.live) boundary(walk, checks);
  else walk.stack.clear();
  switch (op) {
    case OP.block:
      openFrame(walk, KIND.block);
      return;
    case OP.loop:
      openLoop(walk);
      return;
    case OP.if:
      openIf(walk, kind, amount, local);
      frameAt(walk, walk.top).constant = length;
      frameAt(walk, walk.top).checks = checks;
      return;
    case OP.try:
      openFrame(walk, KIND.try);
      walk.innerTry = walk.top;
      return;
    case OP.tryTable: {
      const frame = openFrame(walk, KIND.tryTable);
      frame.entries = walk.reader.entries;
      frame.count = walk.reader.count;
      walk.innerTry = walk.top;
      return;
    }
    case OP.else: {
      const frame = frameAt(walk, walk.top);
      if (walk.live) branchTo(walk, walk.top, 0);
      frame.kind = KIND.else;
      enterSecond(walk, frame);
      return;
    }
    case OP.catch:
    case OP.catchAll: {
      const frame = frameAt(walk, walk.top);
      if (walk.live) branchTo(walk, walk.top, 0);
      if (frame.kind === KIND.try) walk.innerTry = frame.outerTry;
      frame.kind = KIND.catch;
      if (op === OP.catchAll) frame.catchAll = true;
      enterSecond(walk, frame);
      return;
    }
    default:
      closeBlock(walk, op === OP.delegate);
  }
}

/** A check may stand between a constant length and its operation: what an `if` without parameters finds, it leaves. */
function constantOnTop(walk: FunctionWalk): number | undefined {
  if (walk.facts.module.bytes[walk.reader.indexStart] !== 0x40) return undefined;
  walk.stack.peek();
  return walk.stack.kind === VALUE.constant ? walk.stack.amount : undefined;
}

function enterSecond(walk: FunctionWalk, frame: Frame): void {
  walk.live = frame.second && !frame.dead;
  if (walk.live) copyState(walk.states, 0, secondState(walk.top));
  walk.depth = frame.depth;
  if (frame.kind === KIND.else) frame.second = false;
}
