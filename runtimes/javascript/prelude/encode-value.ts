import {
  newList,
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
import { encodeBase64 } from "./web/base64.ts";
import { inspect } from "./console/inspect.ts";
import { typeName } from "./console/type-name.ts";

/** Thrown when the text gets longer than allowed, or the value nests deeper. */
export const TOO_LARGE: object = create(null) as object;

/** As in src/guests/value-codec.ts. */
const MAX_DEPTH = 200;
const MAX_BIGINT_DIGITS = 100_000;
const MAX_OPAQUE_TEXT = 2_000;

const objectPrototype = Object.prototype;

/** A container that is being written. */
interface Frame {
  readonly item: object;
  /** What is written one after the other: a container's items, or the values behind `names`. */
  readonly list: ArrayLike<unknown>;
  /** The keys of an object. */
  readonly names: readonly string[] | undefined;
  readonly length: number;
  readonly close: string;
  next: number;
}

/**
 * The tagged JSON of src/guests/value-codec.ts. Getters and proxies of the guest run in here, under its own meter;
 * what they throw comes out. Throws {@link TOO_LARGE} past `limit` UTF-16 units.
 *
 * Not recursive: the engine's stack is as small as the value may be deep.
 */
export function encodeValue(value: unknown, limit: number): string {
  const above = new SafeSet<unknown>();
  const frames = newList<Frame>();
  let text = "";

  function add(piece: string): void {
    if (text.length + piece.length > limit) throw TOO_LARGE;
    text += piece;
  }

  function quote(content: string): string {
    if (content.length + 2 > limit - text.length) throw TOO_LARGE;
    return stringify(content) as string;
  }

  function addOpaque(name: string, content: string): void {
    add(`{"x":[${quote(cut(name, 200))},${quote(cut(content, MAX_OPAQUE_TEXT))}]}`);
  }

  function begin(
    item: object,
    open: string,
    list: ArrayLike<unknown>,
    names: readonly string[] | undefined,
    length: number,
    close: string,
  ): void {
    if (frames.length >= MAX_DEPTH) throw TOO_LARGE;
    if (setHas(above, item)) return addOpaque(typeName(item), "[Circular]");
    setAdd(above, item);
    add(open);
    frames[frames.length] = { item, list, names, length, close, next: 0 };
  }

  function addPrimitive(item: unknown): void {
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
          ? addOpaque("BigInt", `${digits.length} digits`)
          : add(`{"i":"${digits}"}`);
      }
      case "symbol":
        return addOpaque("Symbol", inspect(item));
      case "function":
        return addOpaque("Function", inspect(item));
      default:
        return add("null");
    }
  }

  function addObject(item: object): void {
    if (isArray(item)) return begin(item, "[", item as unknown[], undefined, (item as unknown[]).length, "]");
    const prototype = getPrototypeOf(item);
    if (prototype === objectPrototype || prototype === null) {
      const names = keys(item);
      return begin(item, '{"o":[', names, names, names.length, "]}");
    }
    // The probes below throw for what they are not made for, and an error costs the depth of the stack: data comes first.
    const bytes = bytesOf(item);
    if (bytes !== undefined) return add(`{"b":"${encodeBase64(bytes, limit - text.length, TOO_LARGE)}"}`);
    if (typedArrayName(item) !== undefined)
      return begin(item, "[", item as ArrayLike<unknown> & object, undefined, typedArrayLength(item), "]");
    if (has(dateTime, item)) {
      const time = dateTime(item);
      return add(time === time ? `{"d":${stringify(time) as string}}` : '{"d":null}');
    }
    if (has(mapSize, item)) {
      const entries = newList<unknown>();
      mapForEach(item as Map<unknown, unknown>, (content, key) => {
        entries[entries.length] = key;
        entries[entries.length] = content;
      });
      return begin(item, '{"m":[', entries, undefined, entries.length, "]}");
    }
    if (has(setSize, item)) {
      const items = newList<unknown>();
      setForEach(item as Set<unknown>, (content) => {
        items[items.length] = content;
      });
      return begin(item, '{"s":[', items, undefined, items.length, "]}");
    }
    addOpaque(typeName(item), inspect(item));
  }

  function addAny(item: unknown): void {
    if (typeof item === "object" && item !== null) addObject(item);
    else addPrimitive(item);
  }

  addAny(value);
  while (frames.length > 0) {
    const frame = frames[frames.length - 1] as Frame;
    const { next } = frame;
    if (next === frame.length) {
      add(frame.close);
      setDelete(above, frame.item);
      frames.length--;
      continue;
    }
    frame.next = next + 1;
    if (frame.names !== undefined) {
      const name = frame.names[next] as string;
      add(next > 0 ? `,${quote(name)},` : `${quote(name)},`);
      addAny(get(frame.item, name));
      continue;
    }
    const item = frame.list[next];
    // By far the most common long lists: one step instead of three.
    if (typeof item === "number" && item - item === 0 && item !== 0) add(next > 0 ? `,${item}` : `${item}`);
    else {
      if (next > 0) add(",");
      addAny(item);
    }
  }
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
