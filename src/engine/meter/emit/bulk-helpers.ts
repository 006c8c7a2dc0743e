import type { Assembler } from "./assembler.ts";
import { OP } from "../../binary/opcodes.ts";
import {
  ARRAY_ELEMENT_SHIFT,
  BULK_BYTES_SHIFT,
  GROW_PAGE_SHIFT,
  TABLE_ELEMENT_SHIFT,
  WAIT_COST,
} from "../costs/costs.ts";
import { I32, I64, LARGEST_CHARGE, type Injection } from "./injection.ts";

/**
 * Functions that stand in for operations whose work depends on a run-time size: each charges by the size, and does
 * large ones in chunks with a check before each, so that none runs long between two checks.
 *
 * A chunked operation first proves that the whole range is in bounds: one that is not must trap without any effect.
 */

/** Bytes of linear memory between two checks. */
const MEMORY_CHUNK = 1 << 20;
/** Table elements between two checks. */
const TABLE_CHUNK = 1 << 14;

/** Index of the function that does `memory.fill`. */
export function memoryFill(injection: Injection, memory: number): number {
  const store = memoryStore(injection, memory);
  const address = addressType(store.wide);
  return injection.function(`memory.fill ${memory}`, [address, I32, address], [], (code) => {
    new ChunkedOperation(injection, code, {
      emit: () => code.op(OP.memoryFill, memory),
      ranges: [{ local: 0, wide: store.wide, size: store.size }],
      moving: [{ local: 0, wide: store.wide }],
      fixed: 1,
      wide: store.wide,
      chunk: MEMORY_CHUNK,
      shift: -BULK_BYTES_SHIFT,
      overlapping: false,
    }).write();
  });
}

export function memoryCopy(injection: Injection, target: number, source: number): number {
  const to = memoryStore(injection, target);
  const from = memoryStore(injection, source);
  const wide = to.wide && from.wide;
  return injection.function(
    `memory.copy ${target} ${source}`,
    [addressType(to.wide), addressType(from.wide), addressType(wide)],
    [],
    (code) => {
      new ChunkedOperation(injection, code, {
        emit: () => code.op(OP.memoryCopy, target, source),
        ranges: [
          { local: 0, wide: to.wide, size: to.size },
          { local: 1, wide: from.wide, size: from.size },
        ],
        moving: [
          { local: 0, wide: to.wide },
          { local: 1, wide: from.wide },
        ],
        fixed: undefined,
        wide,
        chunk: MEMORY_CHUNK,
        shift: -BULK_BYTES_SHIFT,
        overlapping: target === source,
      }).write();
    },
  );
}

export function memoryInit(injection: Injection, segment: number, memory: number): number {
  const to = memoryStore(injection, memory);
  const length = injection.module.dataLengths[segment] ?? 0;
  return injection.function(`memory.init ${segment} ${memory}`, [addressType(to.wide), I32, I32], [], (code) => {
    new ChunkedOperation(injection, code, {
      emit: () => code.op(OP.memoryInit, segment, memory),
      ranges: [
        { local: 0, wide: to.wide, size: to.size },
        // A dropped segment has length 0, which the first chunk finds out without any effect.
        { local: 1, wide: false, size: (into) => into.i64(length) },
      ],
      moving: [
        { local: 0, wide: to.wide },
        { local: 1, wide: false },
      ],
      fixed: undefined,
      wide: false,
      chunk: MEMORY_CHUNK,
      shift: -BULK_BYTES_SHIFT,
      overlapping: false,
    }).write();
  });
}

export function tableFill(injection: Injection, table: number): number {
  const store = tableStore(injection, table);
  const address = addressType(store.wide);
  return injection.function(`table.fill ${table}`, [address, store.element, address], [], (code) => {
    new ChunkedOperation(injection, code, {
      emit: () => code.op(OP.tableFill, table),
      ranges: [{ local: 0, wide: store.wide, size: store.size }],
      moving: [{ local: 0, wide: store.wide }],
      fixed: 1,
      wide: store.wide,
      chunk: TABLE_CHUNK,
      shift: TABLE_ELEMENT_SHIFT,
      overlapping: false,
    }).write();
  });
}

export function tableCopy(injection: Injection, target: number, source: number): number {
  const to = tableStore(injection, target);
  const from = tableStore(injection, source);
  const wide = to.wide && from.wide;
  return injection.function(
    `table.copy ${target} ${source}`,
    [addressType(to.wide), addressType(from.wide), addressType(wide)],
    [],
    (code) => {
      new ChunkedOperation(injection, code, {
        emit: () => code.op(OP.tableCopy, target, source),
        ranges: [
          { local: 0, wide: to.wide, size: to.size },
          { local: 1, wide: from.wide, size: from.size },
        ],
        moving: [
          { local: 0, wide: to.wide },
          { local: 1, wide: from.wide },
        ],
        fixed: undefined,
        wide,
        chunk: TABLE_CHUNK,
        shift: TABLE_ELEMENT_SHIFT,
        overlapping: target === source,
      }).write();
    },
  );
}

/** Index of a function that takes the number of pages to grow by, charges for it and returns it. */
export function memoryGrowCount(injection: Injection, memory: number): number {
  const { wide, pageSizeLog2 } = memoryStore(injection, memory);
  return pageSizeLog2 === 16 ? count(injection, wide, GROW_PAGE_SHIFT) : count(injection, wide, 0);
}

/** The same for `table.grow`. */
export function tableGrowCount(injection: Injection, table: number): number {
  return count(injection, tableStore(injection, table).wide, TABLE_ELEMENT_SHIFT);
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

function chargeAndCheck(injection: Injection, code: Assembler, amount: () => void): void {
  code.op(OP.globalGet, injection.fuel);
  amount();
  code.op(OP.i32Sub).op(OP.globalSet, injection.fuel);
  code.op(OP.globalGet, injection.fuel).i32(0).op(OP.i32LtS);
  code.open(OP.if).op(OP.call, injection.slowPath).end();
}

interface Chunks {
  /** Writes the operation itself; its operands are on the stack. */
  readonly emit: () => void;
  /** Ranges that have to be in bounds: the local with the start, and code for the size as i64. */
  readonly ranges: readonly {
    readonly local: number;
    readonly wide: boolean;
    readonly size: (code: Assembler) => void;
  }[];
  /** Leading operands that move on with each chunk. */
  readonly moving: readonly { readonly local: number; readonly wide: boolean }[];
  /** Local of an operand between the moving ones and the length. */
  readonly fixed: number | undefined;
  /** Whether the length (always local 2) is an i64. */
  readonly wide: boolean;
  /** Elements a chunk. */
  readonly chunk: number;
  /** Units per element, as log2; negative: elements per unit. */
  readonly shift: number;
  /** Copy within one store: backwards if the target lies behind the source. */
  readonly overlapping: boolean;
}

const LENGTH = 2;

class ChunkedOperation {
  readonly #injection: Injection;
  readonly #code: Assembler;
  readonly #chunks: Chunks;

  constructor(injection: Injection, code: Assembler, chunks: Chunks) {
    this.#injection = injection;
    this.#code = code;
    this.#chunks = chunks;
  }

  write(): void {
    const code = this.#code;
    code.u32(0);
    code.open(OP.block);
    this.#isLong().op(OP.brIf, 0);
    this.#rest();
    code.op(OP.return).end();
    code.open(OP.block).open(OP.block);
    for (const { local, wide, size } of this.#chunks.ranges) {
      this.#asI64(LENGTH, this.#chunks.wide);
      size(code);
      code.op(OP.i64GtU).op(OP.brIf, 0);
      this.#asI64(local, wide);
      size(code);
      this.#asI64(LENGTH, this.#chunks.wide);
      code.op(OP.i64Sub).op(OP.i64GtU).op(OP.brIf, 0);
    }
    code.op(OP.br, 1).end();
    // Out of bounds: traps at once, with the trap of the operation itself.
    this.#operands(0);
    code.op(OP.localGet, LENGTH);
    this.#chunks.emit();
    // Never reached. It lets the verifier see that the operation above, which nobody has paid for, ends the run.
    code.op(OP.unreachable).end();
    if (this.#chunks.overlapping) {
      code.open(OP.block);
      this.#asI64(1, this.#wideOf(1));
      this.#asI64(0, this.#wideOf(0));
      code.op(OP.i64GeU).op(OP.brIf, 0);
      this.#loop(true);
      code.op(OP.return).end();
    }
    this.#loop(false);
    code.end();
  }

  #wideOf(local: number): boolean {
    return this.#chunks.moving[local]?.wide ?? false;
  }

  #loop(backwards: boolean): void {
    const code = this.#code;
    const { chunk, wide, moving, shift } = this.#chunks;
    code.open(OP.loop);
    chargeAndCheck(this.#injection, code, () => code.i32(chunk * 2 ** shift));
    const subtract = (): void => {
      code.op(OP.localGet, LENGTH);
      this.#constant(wide, chunk);
      code.op(wide ? OP.i64Sub : OP.i32Sub).op(OP.localSet, LENGTH);
    };
    if (backwards) subtract();
    this.#operands(backwards ? 1 : 0);
    this.#constant(wide, chunk);
    this.#chunks.emit();
    if (!backwards) {
      subtract();
      for (const { local, wide: wideLocal } of moving) {
        code.op(OP.localGet, local);
        this.#constant(wideLocal, chunk);
        code.op(wideLocal ? OP.i64Add : OP.i32Add).op(OP.localSet, local);
      }
    }
    this.#isLong().op(OP.brIf, 0).end();
    this.#rest();
  }

  /** Charges for what is left and does it. */
  #rest(): void {
    const code = this.#code;
    const { wide, shift } = this.#chunks;
    chargeAndCheck(this.#injection, code, () => {
      code.op(OP.localGet, LENGTH);
      if (wide) code.op(OP.i32WrapI64);
      // By zero too: the amount is then plainly not a loop's debt, to readers and to the verifier.
      code.i32(Math.abs(shift)).op(shift <= 0 ? OP.i32ShrU : OP.i32Shl);
    });
    this.#operands(0);
    code.op(OP.localGet, LENGTH);
    this.#chunks.emit();
  }

  /** Pushes everything but the length; with `ahead`, moving operands plus the length. */
  #operands(ahead: 0 | 1): void {
    const code = this.#code;
    const { moving, fixed, wide } = this.#chunks;
    for (const { local, wide: wideLocal } of moving) {
      code.op(OP.localGet, local);
      if (ahead === 0) continue;
      if (wideLocal) this.#asI64(LENGTH, wide);
      else {
        code.op(OP.localGet, LENGTH);
        if (wide) code.op(OP.i32WrapI64);
      }
      code.op(wideLocal ? OP.i64Add : OP.i32Add);
    }
    if (fixed !== undefined) code.op(OP.localGet, fixed);
  }

  #isLong(): Assembler {
    this.#code.op(OP.localGet, LENGTH);
    this.#constant(this.#chunks.wide, this.#chunks.chunk);
    return this.#code.op(this.#chunks.wide ? OP.i64GtU : OP.i32GtU);
  }

  #constant(wide: boolean, value: number): void {
    if (wide) this.#code.i64(value);
    else this.#code.i32(value);
  }

  #asI64(local: number, wide: boolean): void {
    this.#code.op(OP.localGet, local);
    if (!wide) this.#code.op(OP.i64ExtendI32U);
  }
}

interface Store {
  readonly wide: boolean;
  readonly size: (code: Assembler) => void;
}

function memoryStore(injection: Injection, index: number): Store & { readonly pageSizeLog2: number } {
  const memory = injection.module.memories[index];
  const wide = memory?.wide ?? false;
  const pageSizeLog2 = memory?.pageSizeLog2 ?? 16;
  return {
    wide,
    pageSizeLog2,
    size: (code) => {
      code.op(OP.memorySize, index);
      if (!wide) code.op(OP.i64ExtendI32U);
      code.i64(pageSizeLog2).op(OP.i64Shl);
    },
  };
}

function tableStore(injection: Injection, index: number): Store & { readonly element: Uint8Array } {
  const table = injection.module.tables[index];
  const wide = table?.wide ?? false;
  return {
    wide,
    element: table === undefined ? FUNCREF : injection.module.bytes.slice(table.elementStart, table.elementEnd),
    size: (code) => {
      code.op(OP.tableSize, index);
      if (!wide) code.op(OP.i64ExtendI32U);
    },
  };
}

const FUNCREF = Uint8Array.of(0x70);

function addressType(wide: boolean): Uint8Array {
  return wide ? I64 : I32;
}
