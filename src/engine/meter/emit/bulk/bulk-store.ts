import { OP } from "../../../binary/opcodes.ts";
import { BULK_BYTES_SHIFT, TABLE_ELEMENT_SHIFT } from "../../costs/costs.ts";
import type { Assembler } from "../assembler.ts";
import { I32, I64, type Injection } from "../injection.ts";

/** Bytes of linear memory between two checks. */
const MEMORY_CHUNK = 1 << 20;
/** Table elements between two checks. */
const TABLE_CHUNK = 1 << 14;

/** A memory or a table, as far as bulk operations on it differ. */
export interface BulkStore {
  readonly kind: "memory" | "table";
  readonly index: number;
  /** 64-bit addresses. */
  readonly wide: boolean;
  /** Encoded type of an address. */
  readonly address: Uint8Array;
  /** Encoded type of what a fill writes. */
  readonly element: Uint8Array;
  /** Writes code that leaves the size, in bytes or elements, as an i64. */
  readonly size: (code: Assembler) => void;
  readonly fill: number;
  readonly copy: number;
  /** Bytes or elements between two checks. */
  readonly chunk: number;
  /** Units for each of them, as log2; negative: so many for a unit. */
  readonly shift: number;
}

export function memoryStore(injection: Injection, index: number): BulkStore {
  const memory = injection.module.memories[index];
  const wide = memory?.wide ?? false;
  return {
    kind: "memory",
    index,
    wide,
    address: addressType(wide),
    element: I32,
    size: (code) => {
      code.op(OP.memorySize, index);
      if (!wide) code.op(OP.i64ExtendI32U);
      code.i64(memory?.pageSizeLog2 ?? 16).op(OP.i64Shl);
    },
    fill: OP.memoryFill,
    copy: OP.memoryCopy,
    chunk: MEMORY_CHUNK,
    shift: -BULK_BYTES_SHIFT,
  };
}

export function tableStore(injection: Injection, index: number): BulkStore {
  const table = injection.module.tables[index];
  const wide = table?.wide ?? false;
  return {
    kind: "table",
    index,
    wide,
    address: addressType(wide),
    element: table === undefined ? FUNCREF : injection.module.bytes.slice(table.elementStart, table.elementEnd),
    size: (code) => {
      code.op(OP.tableSize, index);
      if (!wide) code.op(OP.i64ExtendI32U);
    },
    fill: OP.tableFill,
    copy: OP.tableCopy,
    chunk: TABLE_CHUNK,
    shift: TABLE_ELEMENT_SHIFT,
  };
}

const FUNCREF = Uint8Array.of(0x70);

export function addressType(wide: boolean): Uint8Array {
  return wide ? I64 : I32;
}
