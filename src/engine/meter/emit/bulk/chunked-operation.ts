import { OP } from "../../../binary/opcodes.ts";
import type { Assembler } from "../assembler.ts";
import type { Injection } from "../injection.ts";
import { chargeAndCheck } from "./charge-and-check.ts";

/** What is done in chunks. */
export interface Chunks {
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

/**
 * Writes the body of a function that stands in for a bulk operation: it charges by the size, and does large ones in
 * chunks with a check before each, so that none runs long between two checks.
 *
 * It first proves that the whole range is in bounds: an operation that is not must trap without any effect.
 */
export class ChunkedOperation {
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
