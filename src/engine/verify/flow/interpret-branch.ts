import { OP } from "../../binary/opcodes.ts";
import { work } from "../charges/work.ts";
import type { FunctionWalk } from "../function-walk.ts";
import { VALUE } from "../values/symbolic-stack.ts";
import { assume, isCondition } from "./assume.ts";
import { boundary } from "./boundary.ts";
import { branchTo } from "./branch-to.ts";
import { copyState } from "./flow-state.ts";
import { scratchState } from "./open-frame.ts";
import { throwPoint } from "./throw-point.ts";

export function interpretBranch(walk: FunctionWalk, op: number): void {
  const reader = walk.reader;
  switch (op) {
    case OP.brIf: {
      walk.stack.pop();
      const { kind, amount, local } = walk.stack;
      if (kind === VALUE.answer) walk.problem("the host's answer does not stop the guest");
      const counter = walk.counterState;
      boundary(walk);
      if (!isCondition(kind)) work(walk, op);
      else walk.counterState = counter;
      const taken = scratchState(walk);
      copyState(walk.states, taken, 0);
      assume(walk, taken, kind, amount, local, true);
      branchTo(walk, walk.top - reader.index, taken, kind === VALUE.fuelBelow && amount <= 0);
      assume(walk, 0, kind, amount, local, false);
      return;
    }
    case OP.br:
      boundary(walk);
      branchTo(walk, walk.top - reader.index, 0);
      walk.live = false;
      return;
    case OP.brTable: {
      boundary(walk);
      work(walk, op);
      const end = reader.position;
      reader.position = reader.entries;
      // A table of a thousand entries has few distinct targets next to each other.
      let last = -1;
      for (let entry = 0; entry <= reader.count; entry++) {
        const label = reader.u32();
        if (label !== last) branchTo(walk, walk.top - label, 0);
        last = label;
      }
      reader.position = end;
      walk.live = false;
      return;
    }
    case OP.return:
      boundary(walk);
      branchTo(walk, 0, 0);
      walk.live = false;
      return;
    case OP.unreachable:
      // Everything may be left half-done before a trap.
      walk.stack.clear();
      walk.sizes.clear();
      walk.owesReset = false;
      walk.live = false;
      return;
    case OP.throw:
    case OP.throwRef:
    case OP.rethrow:
      boundary(walk);
      work(walk, op);
      throwPoint(walk);
      walk.live = false;
      return;
    default:
      // br_on_null, br_on_non_null, br_on_cast, br_on_cast_fail
      boundary(walk);
      work(walk, op);
      branchTo(walk, walk.top - reader.index, 0);
  }
}
