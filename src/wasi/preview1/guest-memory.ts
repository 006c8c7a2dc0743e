const decoder = new TextDecoder();

/**
 * Checked access to a guest's linear memory. Every address and length comes from the guest, so each method
 * compares both with the memory's size first and answers `undefined` or `false` for what lies outside.
 *
 * Numbers arrive as signed i32: they are made unsigned here, once.
 */
export class GuestMemory {
  readonly #memory: WebAssembly.Memory;
  #view: DataView;
  #bytes: Uint8Array<ArrayBuffer>;
  /** The view that was asked for last, of which a guest's read loop wants another and another. */
  #lastView: Uint8Array<ArrayBuffer>;
  /** The text that was read last by {@link asciiText}. */
  #lastText = "";

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory;
    this.#view = new DataView(memory.buffer);
    this.#bytes = new Uint8Array(memory.buffer);
    this.#lastView = this.#bytes.subarray(0, 0);
  }

  /** Bytes of memory now. */
  get size(): number {
    return this.#current().length;
  }

  /** Grows to `bytes` (rounded up to whole pages). Returns whether the engine agreed. */
  growTo(bytes: number): boolean {
    const missing = Math.ceil((bytes - this.size) / PAGE);
    if (missing <= 0) return true;
    try {
      this.#memory.grow(missing);
      return true;
    } catch {
      return false;
    }
  }

  /** A view of guest memory, valid until the guest runs again or memory grows. */
  view(address: number, length: number): Uint8Array<ArrayBuffer> | undefined {
    const start = address >>> 0;
    const size = length >>> 0;
    const bytes = this.#current();
    if (start + size > bytes.length) return undefined;
    const last = this.#lastView;
    // Making a view costs as much as copying a KiB. One of a memory that has grown is detached, and so has no length.
    if (last.byteOffset === start && last.length === size && size > 0) return last;
    return (this.#lastView = bytes.subarray(start, start + size));
  }

  u8(address: number): number | undefined {
    return this.#current()[address >>> 0];
  }

  u16(address: number): number | undefined {
    return this.has(address, 2) ? this.#view.getUint16(address >>> 0, true) : undefined;
  }

  u32(address: number): number | undefined {
    return this.has(address, 4) ? this.#view.getUint32(address >>> 0, true) : undefined;
  }

  i32(address: number): number | undefined {
    return this.has(address, 4) ? this.#view.getInt32(address >>> 0, true) : undefined;
  }

  i64(address: number): bigint | undefined {
    return this.has(address, 8) ? this.#view.getBigInt64(address >>> 0, true) : undefined;
  }

  setU8(address: number, value: number): boolean {
    if (!this.has(address, 1)) return false;
    this.#view.setUint8(address >>> 0, value);
    return true;
  }

  setU16(address: number, value: number): boolean {
    if (!this.has(address, 2)) return false;
    this.#view.setUint16(address >>> 0, value, true);
    return true;
  }

  setU32(address: number, value: number): boolean {
    if (!this.has(address, 4)) return false;
    this.#view.setUint32(address >>> 0, value, true);
    return true;
  }

  /** Writes a number as i64, clamped to what an i64 holds; NaN becomes 0. */
  setI64(address: number, value: number | bigint): boolean {
    if (!this.has(address, 8)) return false;
    // Nearly all of them: as two halves, without a bigint.
    if (typeof value === "number" && value >= 0 && value <= Number.MAX_SAFE_INTEGER) {
      const whole = Math.floor(value);
      this.#view.setUint32(address >>> 0, whole % 2 ** 32, true);
      this.#view.setUint32((address >>> 0) + 4, whole / 2 ** 32, true);
      return true;
    }
    this.#view.setBigInt64(address >>> 0, typeof value === "bigint" ? value : toI64(value), true);
    return true;
  }

  /** Copies `bytes` into the guest, or nothing if they don't fit. */
  write(address: number, bytes: Uint8Array): boolean {
    const target = this.view(address, bytes.length);
    if (target === undefined) return false;
    target.set(bytes);
    return true;
  }

  /** Zeroes a range. */
  clear(address: number, length: number): boolean {
    if (!this.has(address, length >>> 0)) return false;
    this.#bytes.fill(0, address >>> 0, (address >>> 0) + (length >>> 0));
    return true;
  }

  /** The UTF-8 text of a range, with U+FFFD for what is none. */
  text(address: number, length: number): string | undefined {
    const bytes = this.view(address, length);
    return bytes && decoder.decode(bytes);
  }

  /** Whether `text`, which is ASCII, is what stands at `address`. */
  hasAscii(address: number, text: string): boolean {
    const bytes = this.#current();
    const start = address >>> 0;
    for (let at = 0; at < text.length; at++) if (bytes[start + at] !== text.charCodeAt(at)) return false;
    return true;
  }

  /** The ASCII text before the next NUL, if all of it is ASCII and there are at most `limit` bytes; else undefined. */
  asciiText(address: number, limit: number): string | undefined {
    const bytes = this.#current();
    const start = address >>> 0;
    const last = this.#lastText;
    // A program that looks at a file opens it next: the same text, often at the same place.
    if (last.length <= limit && bytes[start + last.length] === 0 && this.hasAscii(start, last)) return last;
    const end = Math.min(bytes.length, start + limit + 1);
    let text = "";
    for (let at = start; at < end; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === 0) return (this.#lastText = text);
      if (byte > 0x7f) return undefined;
      text += String.fromCharCode(byte);
    }
    return undefined;
  }

  /** The bytes before the next NUL, of which there may be `limit`: undefined if memory ends or the limit passes first. */
  cString(address: number, limit: number): Uint8Array<ArrayBuffer> | "too-long" | undefined {
    const bytes = this.#current();
    const start = address >>> 0;
    if (start >= bytes.length) return undefined;
    const window = bytes.subarray(start, Math.min(bytes.length, start + limit + 1));
    const end = window.indexOf(0);
    if (end >= 0) return window.subarray(0, end);
    return window.length > limit ? "too-long" : undefined;
  }

  has(address: number, length: number): boolean {
    return (address >>> 0) + length <= this.#current().length;
  }

  /** The bytes of memory; made anew after a growth, which detaches the old buffer and so leaves nothing of this view. */
  #current(): Uint8Array<ArrayBuffer> {
    if (this.#bytes.length === 0) {
      this.#bytes = new Uint8Array(this.#memory.buffer);
      this.#view = new DataView(this.#memory.buffer);
    }
    return this.#bytes;
  }
}

const PAGE = 65_536;

const MAX_I64 = 2n ** 63n - 1n;

function toI64(value: number): bigint {
  if (Number.isNaN(value)) return 0n;
  if (value >= 2 ** 63) return MAX_I64;
  if (value <= -(2 ** 63)) return -(2n ** 63n);
  return BigInt(Math.trunc(value));
}
