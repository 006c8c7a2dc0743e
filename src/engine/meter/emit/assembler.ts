import { ByteWriter } from "../../../internal/byte-writer.ts";
import { OP } from "../../binary/opcodes.ts";

/** Writes instructions. */
export class Assembler extends ByteWriter {
  /** Writes an opcode and unsigned immediates. */
  op(op: number, ...immediates: readonly number[]): this {
    if (op > 0xff) {
      this.byte(op >> 12);
      this.u32(op & 0xfff);
    } else this.byte(op);
    for (const immediate of immediates) this.u32(immediate);
    return this;
  }

  i32(value: number): this {
    this.byte(OP.i32Const);
    this.signed(value);
    return this;
  }

  i64(value: number): this {
    this.byte(OP.i64Const);
    this.signed(value);
    return this;
  }

  /** `block`, `loop` or `if` without parameters and results. */
  open(op: number): this {
    this.byte(op);
    this.byte(0x40);
    return this;
  }

  end(): this {
    this.byte(OP.end);
    return this;
  }
}
