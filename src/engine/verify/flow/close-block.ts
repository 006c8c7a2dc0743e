import type { FunctionWalk } from "../function-walk.ts";
import { VALUE } from "../values/symbolic-stack.ts";
import { branchTo } from "./branch-to.ts";
import { at, copyState, FIELD, joinState, leaveLoops } from "./flow-state.ts";
import { KIND } from "./frame.ts";
import type { Frame } from "./frame.ts";
import { joinInto } from "./join-into.ts";
import { frameAt, labelState, secondState } from "./open-frame.ts";
import { throwTo } from "./throw-point.ts";

export function closeBlock(walk: FunctionWalk, delegates: boolean): void {
  const frame = frameAt(walk, walk.top);
  const index = walk.top;
  if (frame.kind === KIND.loop) {
    if (walk.live) leaveLoops(walk.states, 0, frame.depth - 1);
    walk.depth--;
    walk.top--;
    return;
  }
  if (frame.kind === KIND.if && frame.second) {
    // No else: its path goes straight on.
    joinInto(walk, labelState(index), secondState(index), frame.depth, frame.reached);
    frame.reached = true;
  }
  if (frame.kind === KIND.try || frame.kind === KIND.tryTable) walk.innerTry = frame.outerTry;
  if (frame.second && frame.kind >= KIND.try) dispatchExceptions(walk, frame, index, delegates);
  if (frame.reached) {
    if (walk.live) joinState(walk.states, 0, labelState(index));
    else copyState(walk.states, 0, labelState(index));
    walk.live = true;
  }
  if (walk.live) leaveLoops(walk.states, 0, frame.depth);
  walk.depth = frame.depth;
  walk.top--;
  if (walk.live && frame.kind === KIND.if && frame.constant !== undefined)
    walk.stack.push(VALUE.constant, frame.constant);
  if (index === 0 && walk.live) leaveFunction(walk);
}

/** Hands the exceptions of a closed `try` to its clauses and to the next one around it. */
function dispatchExceptions(walk: FunctionWalk, frame: Frame, index: number, delegates: boolean): void {
  const state = secondState(index);
  if (frame.kind === KIND.tryTable) {
    const reader = walk.reader;
    const { position } = reader;
    reader.position = frame.entries;
    for (let clause = 0; clause < frame.count; clause++) {
      if ((walk.facts.module.bytes[reader.position] ?? 0) >= 2) frame.catchAll = true;
      reader.skipCatchClause();
      branchTo(walk, index - 1 - reader.second, state);
    }
    reader.position = position;
  }
  if (frame.catchAll) return;
  let target = frame.outerTry;
  if (delegates) while (target >= 0 && target > index - 1 - walk.reader.index) target = frameAt(walk, target).outerTry;
  throwTo(walk, target, state);
}

function leaveFunction(walk: FunctionWalk): void {
  const states = walk.states;
  if (at(states, FIELD.checked) < 0) walk.findings.passable = true;
  if (at(states, FIELD.dirty) !== 0) walk.problem("the function may return with unpaid debt");
  if (at(states, FIELD.unproven) !== 0) walk.problem("the function may return with an unchecked charge");
  walk.findings.need = Math.max(walk.findings.need, -at(states, FIELD.credit));
  // A debt that was flushed and not checked goes with the path.
  walk.findings.through =
    at(states, FIELD.through) + (at(states, FIELD.flushed) >= 0 ? 2 * walk.findings.debtLimit : 0);
}
