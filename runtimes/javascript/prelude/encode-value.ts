import {
  bigintText,
  bufferLength,
  Bytes,
  charCodeAt,
  create,
  dataViewBuffer,
  dataViewLength,
  dataViewOffset,
  dateTime,
  get,
  getPrototypeOf,
  has,
  isArray,
  keys,
  mapForEach,
  mapSize,
  SafeSet,
  setAdd,
  setDelete,
  setForEach,
  setHas,
  setSize,
  sliceText,
  stringify,
  typedArrayBuffer,
  typedArrayBytes,
  typedArrayLength,
  typedArrayName,
  typedArrayOffset,
} from "./intrinsics.ts";
import { encodeBase64 } from "./base64.ts";
import { inspect, typeName } from "./inspect.ts";

/** Thrown when the text gets longer than allowed, or the value nests deeper. */
export const TOO_LARGE: object = create(null) as object;

/** As in src/guests/value-codec.ts. */
const MAX_DEPTH = 200;
const MAX_BIGINT_DIGITS = 100_000;
const MAX_OPAQUE_TEXT = 2_000;

const objectPrototype = Object.prototype;

/**
 * The tagged JSON of src/guests/value-codec.ts. Getters and proxies of the guest run in here, under its own meter;
 * what they throw comes out. Throws {@link TOO_LARGE} past `limit` UTF-16 units.
 */
export function encodeValue(value: unknown, limit: number): string {
  const above = new SafeSet<unknown>();
  let text = "";

  function add(piece: string): void {
    if (text.length + piece.length > limit) throw TOO_LARGE;
    text += piece;
  }

  function quote(content: string): string {
    if (content.length + 2 > limit - text.length) throw TOO_LARGE;
    return stringify(content) as string;
  }

  function visit(item: unknown, depth: number): void {
    switch (typeof item) {
      case "string":
        return add(quote(item));
      case "number":
        if (item !== item) return add('{"n":"NaN"}');
        if (item === 1 / 0) return add('{"n":"Infinity"}');
        if (item === -1 / 0) return add('{"n":"-Infinity"}');
        if (item === 0 && 1 / item < 0) return add('{"n":"-0"}');
        return add(stringify(item) as string);
      case "boolean":
        return add(item ? "true" : "false");
      case "undefined":
        return add('{"u":1}');
      case "bigint": {
        const digits = bigintText(item);
        return digits.length > MAX_BIGINT_DIGITS
          ? opaque("BigInt", `${digits.length} digits`)
          : add(`{"i":"${digits}"}`);
      }
      case "symbol":
        return opaque("Symbol", inspect(item));
      case "function":
        return opaque("Function", inspect(item));
      default:
    }
    if (item === null) return add("null");
    visitObject(item as object, depth);
  }

  function visitObject(item: object, depth: number): void {
    if (isArray(item)) return inside(item, depth, visitArray);
    const prototype = getPrototypeOf(item);
    if (prototype === objectPrototype || prototype === null) return inside(item, depth, visitPlain);
    // The probes below throw for what they are not made for, and an error costs the depth of the stack: data comes first.
    const bytes = bytesOf(item);
    if (bytes !== undefined) return add(`{"b":"${encodeBase64(bytes, limit - text.length, TOO_LARGE)}"}`);
    if (typedArrayName(item) !== undefined) return inside(item, depth, visitArray);
    if (has(dateTime, item)) {
      const time = dateTime(item);
      return add(time === time ? `{"d":${stringify(time)}}` : '{"d":null}');
    }
    if (has(mapSize, item)) return inside(item, depth, visitMap);
    if (has(setSize, item)) return inside(item, depth, visitSet);
    opaque(typeName(item), inspect(item));
  }

  function inside<T extends object>(item: T, depth: number, show: (item: T, depth: number) => void): void {
    if (depth >= MAX_DEPTH) throw TOO_LARGE;
    if (setHas(above, item)) return opaque(typeName(item), "[Circular]");
    setAdd(above, item);
    show(item, depth + 1);
    setDelete(above, item);
  }

  function visitMap(item: object, depth: number): void {
    let separator = "";
    add('{"m":[');
    mapForEach(item as Map<unknown, unknown>, (value, key) => {
      add(separator);
      visit(key, depth);
      add(",");
      visit(value, depth);
      separator = ",";
    });
    add("]}");
  }

  function visitSet(item: object, depth: number): void {
    let separator = "";
    add('{"s":[');
    setForEach(item as Set<unknown>, (value) => {
      add(separator);
      visit(value, depth);
      separator = ",";
    });
    add("]}");
  }

  function visitPlain(item: object, depth: number): void {
    const names = keys(item);
    add('{"o":[');
    for (let index = 0; index < names.length; index++) {
      const name = names[index] as string;
      add(index > 0 ? `,${quote(name)},` : `${quote(name)},`);
      visit(get(item, name), depth);
    }
    add("]}");
  }

  function visitArray(item: object, depth: number): void {
    const typed = typedArrayName(item) !== undefined;
    visitList(item as ArrayLike<unknown>, typed ? typedArrayLength(item) : (item as readonly unknown[]).length, depth);
  }

  function visitList(list: ArrayLike<unknown>, length: number, depth: number): void {
    add("[");
    for (let index = 0; index < length; index++) {
      const item = list[index];
      // By far the most common long lists: one step instead of three.
      if (typeof item === "number" && item - item === 0 && item !== 0) {
        add(index > 0 ? `,${item}` : `${item}`);
        continue;
      }
      if (index > 0) add(",");
      visit(item, depth);
    }
    add("]");
  }

  function opaque(name: string, content: string): void {
    add(`{"x":[${quote(cut(name, 200))},${quote(cut(content, MAX_OPAQUE_TEXT))}]}`);
  }

  visit(value, 0);
  return text;
}

/** The bytes behind an Uint8Array, an Uint8ClampedArray, an ArrayBuffer or a DataView; undefined for all else. */
export function bytesOf(item: unknown): Uint8Array | undefined {
  const name = typedArrayName(item);
  if (name === "Uint8Array" || name === "Uint8ClampedArray")
    return new Bytes(typedArrayBuffer(item), typedArrayOffset(item), typedArrayBytes(item));
  if (name !== undefined) return undefined;
  if (has(bufferLength, item)) return new Bytes(item as ArrayBuffer);
  if (has(dataViewLength, item)) return new Bytes(dataViewBuffer(item), dataViewOffset(item), dataViewLength(item));
  return undefined;
}

/** Cut to `length` units, not inside a surrogate pair. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text;
  const last = charCodeAt(text, length - 1);
  return `${sliceText(text, 0, last >= 0xd800 && last < 0xdc00 ? length - 1 : length)}…`;
}
