import { OP } from "../../../binary/opcodes.ts";
import type { Assembler } from "../assembler.ts";
import type { Injection } from "../injection.ts";

/** Writes the charge of what `amount` puts on the stack, and the check. */
export function chargeAndCheck(injection: Injection, code: Assembler, amount: () => void): void {
  code.op(OP.globalGet, injection.fuel);
  amount();
  code.op(OP.i32Sub).op(OP.globalSet, injection.fuel);
  code.op(OP.globalGet, injection.fuel).i32(0).op(OP.i32LtS);
  code.open(OP.if).op(OP.call, injection.slowPath).end();
}
