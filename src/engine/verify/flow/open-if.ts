import { OP } from "../../binary/opcodes.ts";
import { work } from "../charges/work.ts";
import type { FunctionWalk } from "../function-walk.ts";
import { VALUE } from "../values/symbolic-stack.ts";
import { assume, isCondition } from "./assume.ts";
import { copyState } from "./flow-state.ts";
import { KIND } from "./frame.ts";
import { openFrame, secondState } from "./open-frame.ts";

export function openIf(walk: FunctionWalk, kind: number, amount: number, local: number): void {
  if (walk.live && kind === VALUE.answer) {
    const { bytes } = walk.facts.module;
    const { position } = walk.reader;
    if (bytes[position] !== OP.unreachable || bytes[position + 1] !== OP.end)
      walk.problem("the host's answer does not stop the guest");
  }
  if (walk.live && !isCondition(kind)) work(walk, OP.if);
  const frame = openFrame(walk, KIND.if);
  if (!walk.live) return;
  frame.second = true;
  copyState(walk.states, secondState(walk.top), 0);
  assume(walk, secondState(walk.top), kind, amount, local, false);
  assume(walk, 0, kind, amount, local, true);
}
