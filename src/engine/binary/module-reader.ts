import { WardianError } from "../../errors.ts";
import { ByteReader } from "../../internal/byte-reader.ts";
import type { ValueType } from "./module.ts";

/** Reads module bytes; every malformation is a `WardianError` with its byte offset. */
export class ModuleReader extends ByteReader {
  /** Number of types that the module defines, once known: an index beyond must not come to name one that is added. */
  types: number = Number.POSITIVE_INFINITY;

  /** Largest type index that a reference type has named. It must exist: types that are added later stand behind. */
  largestType = -1;

  override fail(message: string, offset: number = this.position): never {
    throw new WardianError("invalid-module", `Cannot meter module: ${message} at byte ${offset}`);
  }

  /** Refuses for size, not for form. */
  tooLarge(what: string, actual: number, allowed: number): never {
    throw new WardianError(
      "module-too-large",
      `Cannot meter module: ${what} is ${actual}, at most ${allowed} allowed (at byte ${this.position})`,
    );
  }

  name(): string {
    const length = this.u32();
    const start = this.position;
    const bytes = this.range(length);
    let ascii = true;
    for (const byte of bytes) if (byte >= 0x80) ascii = false;
    if (ascii && length <= 64) return String.fromCharCode(...bytes);
    try {
      return UTF8.decode(bytes);
    } catch {
      return this.fail("malformed UTF-8 name", start);
    }
  }

  valueType(): ValueType {
    const start = this.position;
    const byte = this.byte();
    const simple = VALUE_TYPES.get(byte);
    if (simple !== undefined) return simple;
    if (byte === 0x63) return `(ref null ${this.heapType()})`;
    if (byte === 0x64) return `(ref ${this.heapType()})`;
    return this.fail("unknown value type", start);
  }

  heapType(): string {
    const start = this.position;
    const type = this.s33();
    if (type >= 0) {
      if (type > this.largestType) this.largestType = type;
      return String(type);
    }
    const shared = HEAP_TYPES.get(type & 0x7f);
    return type >= -64 && shared !== undefined ? shared : this.fail("unknown heap type", start);
  }
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const HEAP_TYPES: ReadonlyMap<number, string> = new Map([
  [0x74, "noexn"],
  [0x73, "nofunc"],
  [0x72, "noextern"],
  [0x71, "none"],
  [0x70, "func"],
  [0x6f, "extern"],
  [0x6e, "any"],
  [0x6d, "eq"],
  [0x6c, "i31"],
  [0x6b, "struct"],
  [0x6a, "array"],
  [0x69, "exn"],
]);

const VALUE_TYPES: ReadonlyMap<number, ValueType> = new Map([
  [0x7f, "i32"],
  [0x7e, "i64"],
  [0x7d, "f32"],
  [0x7c, "f64"],
  [0x7b, "v128"],
  [0x74, "nullexnref"],
  [0x73, "nullfuncref"],
  [0x72, "nullexternref"],
  [0x71, "nullref"],
  [0x70, "funcref"],
  [0x6f, "externref"],
  [0x6e, "anyref"],
  [0x6d, "eqref"],
  [0x6c, "i31ref"],
  [0x6b, "structref"],
  [0x6a, "arrayref"],
  [0x69, "exnref"],
]);
