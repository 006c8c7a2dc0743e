/** Bytes ended early or held a malformed number. */
export class ByteReaderError extends RangeError {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.name = "ByteReaderError";
    this.offset = offset;
  }
}

/**
 * Reads little-endian numbers, LEB128 integers and byte ranges, never past `end`.
 *
 * LEB128 is read strictly, as the WebAssembly specification asks: at most ⌈bits/7⌉ bytes, and no stray bits in the last.
 */
export class ByteReader {
  readonly bytes: Uint8Array;
  position: number;
  end: number;

  constructor(bytes: Uint8Array, position = 0, end: number = bytes.length) {
    this.bytes = bytes;
    this.position = position;
    this.end = end;
  }

  /** Overridden where errors carry a domain's own code. */
  fail(message: string, offset: number = this.position): never {
    throw new ByteReaderError(message, offset);
  }

  byte(): number {
    if (this.position >= this.end) this.fail("unexpected end");
    return this.bytes[this.position++] as number;
  }

  skip(length: number): void {
    if (length > this.end - this.position) this.fail("unexpected end");
    this.position += length;
  }

  /** A view, not a copy. */
  range(length: number): Uint8Array {
    const start = this.position;
    this.skip(length);
    return this.bytes.subarray(start, start + length);
  }

  u32(): number {
    if (this.position < this.end) {
      const first = this.bytes[this.position] as number;
      if (first < 0x80) {
        this.position++;
        return first;
      }
    }
    const start = this.position;
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    const last = this.byte();
    if (last > 0x0f) this.fail("malformed integer (more than 32 bits)", start);
    return (value | (last << 28)) >>> 0;
  }

  s32(): number {
    const start = this.position;
    let value = 0;
    let shift = 0;
    for (; shift < 28; shift += 7) {
      const byte = this.byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (byte & 0x40) !== 0 ? value | (-1 << (shift + 7)) : value;
    }
    const last = this.byte();
    const sign = last & 0x78;
    if (last >= 0x80 || (sign !== 0 && sign !== 0x78)) this.fail("malformed integer (more than 32 bits)", start);
    return value | (last << 28);
  }

  /** A signed 33-bit integer, as block types and heap types use: exact in a JavaScript number. */
  s33(): number {
    const start = this.position;
    let value = 0;
    let scale = 1;
    for (let count = 0; count < 4; count++) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      scale *= 128;
      if (byte < 0x80) return (byte & 0x40) !== 0 ? value - scale : value;
    }
    const last = this.byte();
    const sign = last & 0x70;
    if (last >= 0x80 || (sign !== 0 && sign !== 0x70)) this.fail("malformed integer (more than 33 bits)", start);
    value += (last & 0x1f) * scale;
    return sign !== 0 ? value - scale * 32 : value;
  }

  /** Skips a signed integer of up to 64 bits. */
  skipS64(): void {
    const start = this.position;
    for (let count = 0; count < 9; count++) if (this.byte() < 0x80) return;
    const last = this.byte();
    if (last !== 0 && last !== 0x7f) this.fail("malformed integer (more than 64 bits)", start);
  }

  /** An unsigned integer of up to 64 bits; above 2^53 it is rounded. */
  u64(): number {
    const start = this.position;
    let value = 0;
    let scale = 1;
    for (let count = 0; count < 9; count++) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 128;
    }
    const last = this.byte();
    if (last > 1) this.fail("malformed integer (more than 64 bits)", start);
    return value + last * scale;
  }
}
