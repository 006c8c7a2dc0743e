import { OP } from "../../binary/opcodes.ts";
import { check, checkedBelow } from "../charges/check.ts";
import { LARGEST_RUN, owe, runUnchecked, work } from "../charges/work.ts";
import { boundary } from "../flow/boundary.ts";
import { branchTo } from "../flow/branch-to.ts";
import { at, FIELD } from "../flow/flow-state.ts";
import { throwPoint } from "../flow/throw-point.ts";
import type { FunctionWalk } from "../function-walk.ts";
import { IMPORTED, INDIRECT, NOT_A_SIZER } from "../module-facts.ts";
import { forget } from "../values/forget.ts";
import { VALUE } from "../values/symbolic-stack.ts";

export function interpretCall(walk: FunctionWalk, op: number): void {
  const reader = walk.reader;
  const facts = walk.facts;
  const states = walk.states;
  const direct = op === OP.call || op === OP.returnCall;
  const callee = direct ? reader.index : INDIRECT;
  if (callee === facts.exhausted) {
    forget(walk);
    walk.findings.asks = true;
    // Where the engine's stack ends, a host's function throws before it has looked at anything.
    if (walk.innerTry >= 0) throwPoint(walk);
    else if (facts.catches) walk.problem("asking the host may throw where the guest can catch it");
    if (op === OP.call) walk.stack.push(VALUE.answer);
    else walk.problem("the host's answer is ignored");
    return;
  }
  if (op === OP.call && facts.askers[callee] === 1) {
    forget(walk);
    check(walk, 0);
    return;
  }
  if ((facts.settlers[callee] ?? 0) > 0) {
    walk.stack.pop();
    if (op !== OP.call || facts.settlers[callee] !== 2)
      walk.problem("a debt is settled by a function that may not do it");
    const { kind, amount } = walk.stack;
    if ((kind !== VALUE.debt && kind !== VALUE.lifted) || amount !== 0)
      walk.problem("something else than the debt is settled");
    forget(walk);
    check(walk, 0);
    walk.owesReset = kind === VALUE.debt;
    return;
  }
  if (op === OP.call && facts.sizers[callee] !== NOT_A_SIZER) {
    walk.stack.pop();
    walk.stack.push(VALUE.paid, 0, -1, facts.sizers[callee]);
    if (facts.passable[callee] === 0) checkedBelow(walk);
    return;
  }
  if (op === OP.call && (facts.cutters[callee] ?? 0) > 0) {
    walk.stack.pop();
    walk.stack.push(VALUE.size, facts.cutters[callee]);
    if (facts.passable[callee] === 0) checkedBelow(walk);
    return;
  }
  boundary(walk);
  walk.findings.leaf = false;
  const imported = direct && callee < facts.module.importedFunctions;
  if (at(states, FIELD.unproven) !== 0) walk.problem("a call stands before the check of a charge");
  const tail = op === OP.returnCall || op === OP.returnCallIndirect || op === OP.returnCallRef;
  facts.calls.call(imported ? IMPORTED : callee, at(states, FIELD.checked) >= 0);
  work(walk, op);
  if (!direct) {
    walk.findings.callsIndirectly = true;
    owe(walk, facts.indirectPrepaid);
    runUnchecked(walk, facts.indirectPrefix, facts.indirectThrough);
  } else if (!imported) {
    owe(walk, facts.prepaid[callee] ?? 0);
    runUnchecked(walk, facts.prefix[callee] ?? 0, facts.passable[callee] === 0 ? 0 : (facts.through[callee] ?? 0));
  }
  if (tail) {
    if (direct && facts.passable[callee] === 0) checkedBelow(walk);
    branchTo(walk, 0, 0);
    walk.live = false;
    return;
  }
  // A callee that throws may have worked as long as it does before its first check.
  const before = at(states, FIELD.run);
  states[FIELD.run] = Math.min(before + (direct ? (facts.prefix[callee] ?? 0) : facts.indirectPrefix), LARGEST_RUN);
  throwPoint(walk);
  states[FIELD.run] = before;
  if (direct && facts.passable[callee] === 0) checkedBelow(walk);
}
