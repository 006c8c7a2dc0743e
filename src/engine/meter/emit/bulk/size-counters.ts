import { OP } from "../../../binary/opcodes.ts";
import { ARRAY_ELEMENT_SHIFT, GROW_PAGE_SHIFT, TABLE_ELEMENT_SHIFT, WAIT_COST } from "../../costs/costs.ts";
import { I32, I64, LARGEST_CHARGE, type Injection } from "../injection.ts";
import { addressType } from "./bulk-store.ts";
import { chargeAndCheck } from "./charge-and-check.ts";

/** Index of a function that takes the number of pages to grow by, charges for it and returns it. */
export function memoryGrowCount(injection: Injection, memory: number): number {
  const { wide = false, pageSizeLog2 = 16 } = injection.module.memories[memory] ?? {};
  return count(injection, wide, pageSizeLog2 === 16 ? GROW_PAGE_SHIFT : 0);
}

/** The same for `table.grow`. */
export function tableGrowCount(injection: Injection, table: number): number {
  return count(injection, injection.module.tables[table]?.wide ?? false, TABLE_ELEMENT_SHIFT);
}

/** The same for the number of elements of `table.init`. */
export function tableInitCount(injection: Injection): number {
  return count(injection, false, TABLE_ELEMENT_SHIFT);
}

/** The same for the number of elements of an array operation. */
export function arrayCount(injection: Injection): number {
  return count(injection, false, ARRAY_ELEMENT_SHIFT);
}

/** Index of a function that takes the time-out of an atomic wait, charges, and returns at most a millisecond. */
export function waitTimeout(injection: Injection): number {
  return injection.function("wait", [I64], [I64], (code) => {
    code.u32(0);
    chargeAndCheck(injection, code, () => code.i32(WAIT_COST));
    // Unsigned comparison: a negative time-out, which waits for ever, counts as the longest.
    code.i64(1_000_000).op(OP.localGet, 0).op(OP.localGet, 0).i64(1_000_000).op(OP.i64GtU).op(OP.select);
    code.end();
  });
}

function count(injection: Injection, wide: boolean, shift: number): number {
  const type = addressType(wide);
  return injection.function(`count ${wide ? 64 : 32} ${shift}`, [type], [type], (code) => {
    const largest = LARGEST_CHARGE / 2 ** shift;
    code.u32(1);
    code.u32(1);
    code.bytes(I32);
    if (wide) {
      code
        .i32(largest)
        .op(OP.localGet, 0)
        .op(OP.i32WrapI64)
        .op(OP.localGet, 0)
        .i64(largest)
        .op(OP.i64GtU)
        .op(OP.select);
    } else {
      code.i32(largest).op(OP.localGet, 0).op(OP.localGet, 0).i32(largest).op(OP.i32GtU).op(OP.select);
    }
    code.op(OP.localSet, 1);
    chargeAndCheck(injection, code, () => {
      code.op(OP.localGet, 1);
      if (shift > 0) code.i32(shift).op(OP.i32Shl);
    });
    code.op(OP.localGet, 0).end();
  });
}
