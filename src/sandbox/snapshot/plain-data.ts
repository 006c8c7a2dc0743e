import { ByteWriter } from "../../internal/byte-writer.ts";
import { WardianError } from "../../errors.ts";

/** What {@link encodePlain} takes: a tree of data. Numbers keep NaN and infinities, strings lone surrogates. */
export type PlainData =
  | null
  | undefined
  | boolean
  | number
  | string
  | Uint8Array
  | readonly PlainData[]
  | { readonly [name: string]: PlainData };

/*
 * One byte says what follows. Lengths are unsigned LEB128, numbers little-endian.
 */
const TAG = {
  null: 0,
  undefined: 1,
  false: 2,
  true: 3,
  /** A non-negative integer up to 2^53, as LEB128. */
  count: 4,
  /** Any other number, as f64. */
  number: 5,
  /** UTF-8. */
  text: 6,
  /** UTF-16, for text with lone surrogates. */
  units: 7,
  bytes: 8,
  list: 9,
  /** Pairs of a text and a value. */
  object: 10,
} as const;

const encoder = new TextEncoder();

/** Writes plain data as bytes: the same bytes for the same data, object keys in their order. */
export function encodePlain(data: unknown): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter(4_096);
  write(writer, data);
  return writer.finish();
}

function write(writer: ByteWriter, data: unknown): void {
  switch (typeof data) {
    case "undefined":
      return writer.byte(TAG.undefined);
    case "boolean":
      return writer.byte(data ? TAG.true : TAG.false);
    case "number":
      return writeNumber(writer, data);
    case "string":
      return writeText(writer, data);
    case "object":
      return writeObject(writer, data);
    default:
      throw new WardianError("internal", `Cannot write plain data: it holds a ${typeof data}`);
  }
}

function writeNumber(writer: ByteWriter, value: number): void {
  if (Number.isSafeInteger(value) && value >= 0 && !Object.is(value, -0)) {
    writer.byte(TAG.count);
    return writer.u64(value);
  }
  writer.byte(TAG.number);
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value, true);
  writer.bytes(bytes);
}

function writeText(writer: ByteWriter, text: string): void {
  if (/\p{Surrogate}/u.test(text)) {
    writer.byte(TAG.units);
    writer.u64(text.length);
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index);
      writer.byte(unit & 0xff);
      writer.byte(unit >> 8);
    }
    return;
  }
  const bytes = encoder.encode(text);
  writer.byte(TAG.text);
  writer.u64(bytes.length);
  writer.bytes(bytes);
}

function writeObject(writer: ByteWriter, value: object | null): void {
  if (value === null) return writer.byte(TAG.null);
  if (value instanceof Uint8Array) {
    writer.byte(TAG.bytes);
    writer.u64(value.length);
    return writer.bytes(value);
  }
  if (Array.isArray(value)) {
    writer.byte(TAG.list);
    writer.u64(value.length);
    for (const item of value) write(writer, item);
    return;
  }
  const entries = Object.entries(value);
  writer.byte(TAG.object);
  writer.u64(entries.length);
  for (const [name, item] of entries) {
    writeText(writer, name);
    write(writer, item);
  }
}

/** Deeper than anything that is written here; recursion stays bounded. */
const MAX_DEPTH = 32;

/**
 * Reads what {@link encodePlain} wrote; bytes are views of `bytes`, objects have no prototype. The bytes are hostile: every
 * length is checked against what is left before anything is made of it.
 *
 * @throws WardianError "invalid-snapshot"
 */
export function decodePlain(bytes: Uint8Array): unknown {
  const reader = new PlainReader(bytes);
  const data = reader.value(0);
  if (reader.left !== 0) throw damaged("bytes are left over");
  return data;
}

class PlainReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  value(depth: number): unknown {
    if (depth > MAX_DEPTH) throw damaged("it is nested too deep");
    switch (this.#byte()) {
      case TAG.null:
        return null;
      case TAG.undefined:
        return undefined;
      case TAG.false:
        return false;
      case TAG.true:
        return true;
      case TAG.count:
        return this.#count();
      case TAG.number:
        return this.#view.getFloat64(this.#skip(8), true);
      case TAG.text:
        return this.#text();
      case TAG.units:
        return this.#units();
      case TAG.bytes: {
        const length = this.#count();
        const start = this.#skip(length);
        return this.#bytes.subarray(start, start + length);
      }
      case TAG.list:
        return this.#list(depth);
      case TAG.object:
        return this.#object(depth);
      default:
        throw damaged("a value is of no known kind");
    }
  }

  #list(depth: number): unknown[] {
    const length = this.#items(1);
    const list: unknown[] = [];
    for (let index = 0; index < length; index++) list.push(this.value(depth + 1));
    return list;
  }

  #object(depth: number): object {
    const length = this.#items(3);
    const object = Object.create(null) as Record<string, unknown>;
    for (let index = 0; index < length; index++) {
      const name = this.value(MAX_DEPTH);
      if (typeof name !== "string") throw damaged("the name of a field is no text");
      object[name] = this.value(depth + 1);
    }
    return object;
  }

  #text(): string {
    const length = this.#count();
    const start = this.#skip(length);
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
        this.#bytes.subarray(start, start + length),
      );
    } catch {
      throw damaged("a text is not UTF-8");
    }
  }

  #units(): string {
    const length = this.#count();
    const start = this.#skip(length * 2);
    let text = "";
    for (let index = 0; index < length; index++)
      text += String.fromCharCode(this.#view.getUint16(start + index * 2, true));
    return text;
  }

  /** How many items follow, each of at least `least` bytes. */
  #items(least: number): number {
    const count = this.#count();
    if (count * least > this.left) throw damaged("it is cut short");
    return count;
  }

  #byte(): number {
    return this.#view.getUint8(this.#skip(1));
  }

  #count(): number {
    let value = 0;
    for (let scale = 1; scale < 2 ** 53; scale *= 128) {
      const byte = this.#byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (!Number.isSafeInteger(value)) break;
        return value;
      }
    }
    throw damaged("a number is too large");
  }

  #skip(length: number): number {
    if (length > this.left) throw damaged("it is cut short");
    this.#at += length;
    return this.#at - length;
  }
}

function damaged(why: string): WardianError {
  return new WardianError("invalid-snapshot", `Cannot read a snapshot: ${why}`);
}
