import { OP } from "../../binary/opcodes.ts";

/**
 * Fuel units per instruction.
 *
 * One unit is about one simple machine instruction of optimised code (measured: 28–105 ps). Locals, constants and
 * structure are free since the compiler removes them. What is charged by size is charged at run time on top.
 */
export const COSTS: Uint16Array = plainCosts();

/** Of a prefixed opcode (`prefix << 12 | sub`). */
export function prefixedCost(op: number): number {
  switch (op >> 12) {
    case 0xfb:
      return GC_COSTS[op & 0xfff] ?? 2;
    case 0xfc:
      return BULK_COSTS[op & 0xfff] ?? 2;
    case 0xfd:
      return op === OP.v128Const ? 0 : 2;
    default:
      return op >= OP.atomicWait32 && op < OP.atomicFence ? 200 : 20;
  }
}

/** A call of an imported function: leaves Wasm and comes back. */
export const IMPORT_CALL_COST = 20;
/** Units per 64 KiB page of `memory.grow`, as log2: a unit a byte, since fresh pages have to be cleared. */
export const GROW_PAGE_SHIFT = 16;
/** Units per table element, as log2: engines write a dispatch entry for each. */
export const TABLE_ELEMENT_SHIFT = 6;
/** Units per array element, as log2. */
export const ARRAY_ELEMENT_SHIFT = 2;
/**
 * Bytes per unit of a bulk memory operation, as log2. A unit a byte: on fresh pages a quarter let one slice of a million
 * units run for 4 to 10 ms.
 */
export const BULK_BYTES_SHIFT = 0;
/** Charge for `memory.atomic.wait`, whose time-out is cut to a millisecond. */
export const WAIT_COST = 20_000_000;

function plainCosts(): Uint16Array {
  const costs = new Uint16Array(256).fill(1);
  const set = (cost: number, ...opcodes: readonly number[]): void => {
    for (const opcode of opcodes) costs[opcode] = cost;
  };
  set(
    0,
    OP.unreachable,
    OP.nop,
    OP.block,
    OP.loop,
    OP.else,
    OP.end,
    OP.br,
    OP.return,
    OP.drop,
    OP.try,
    OP.tryTable,
    OP.delegate,
  );
  set(
    0,
    OP.localGet,
    OP.localSet,
    OP.localTee,
    OP.i32Const,
    OP.i64Const,
    OP.f32Const,
    OP.f64Const,
    OP.refNull,
    OP.refFunc,
  );
  set(0, OP.catch, OP.catchAll);
  set(2, OP.brTable, OP.tableGet);
  set(4, OP.call, OP.returnCall, OP.tableSet);
  set(6, OP.callIndirect, OP.returnCallIndirect, OP.callRef, OP.returnCallRef);
  set(300, OP.throw, OP.rethrow, OP.throwRef);
  set(1000, OP.memoryGrow);
  // Integer division and remainder, then float division and square root.
  set(8, 0x6d, 0x6e, 0x6f, 0x70, 0x7f, 0x80, 0x81, 0x82);
  set(4, 0x91, 0x95, 0x9f, 0xa3);
  return costs;
}

/** By sub-opcode: allocations 8 to 10, casts 3, the rest 2. */
const GC_COSTS: readonly number[] = [
  8, 8, 1, 1, 1, 2, 10, 10, 10, 20, 20, 2, 2, 2, 2, 1, 4, 4, 20, 20, 3, 3, 3, 3, 3, 3, 2, 2, 1, 1, 1,
];
const BULK_COSTS: readonly number[] = [2, 2, 2, 2, 2, 2, 2, 2, 20, 4, 20, 20, 20, 4, 20, 100, 1, 20];
