/**
 * The language's own functions, taken before any guest code runs. Guest code may replace what hangs on the globals;
 * what the prelude needs to report results stays as it was.
 */
const { bind, call } = Function.prototype;

/** Turns a method into a function whose first argument is `this`. */
export const uncurry = bind.bind(call) as <This, Args extends unknown[], Result>(
  method: (this: This, ...args: Args) => Result,
) => (self: This, ...args: Args) => Result;

export const { apply, construct, get, getPrototypeOf, ownKeys } = Reflect;
export const { create, defineProperty, freeze, getOwnPropertyDescriptor, keys, setPrototypeOf } = Object;
export const { isArray } = Array;
export const { isInteger, isNaN } = Number;
export const { floor, max, min } = Math;
export const toText = String;
export const { fromCharCode, fromCodePoint } = String;
export const stringify = JSON.stringify as (value: unknown, replacer?: null, indent?: number) => string | undefined;
export const parse = JSON.parse as (text: string) => unknown;

export const sliceText = uncurry(String.prototype.slice);
export const findText = uncurry(String.prototype.indexOf);
export const findLastText = uncurry(String.prototype.lastIndexOf);
export const startsWith = uncurry(String.prototype.startsWith);
export const endsWith = uncurry(String.prototype.endsWith);
export const repeatText = uncurry(String.prototype.repeat);
export const padStart = uncurry(String.prototype.padStart);
export const padEnd = uncurry(String.prototype.padEnd);
export const charCodeAt = uncurry(String.prototype.charCodeAt);
export const codePointAt = uncurry(String.prototype.codePointAt);
export const lowerCase = uncurry(String.prototype.toLowerCase);
export const splitText = uncurry(String.prototype.split as (this: string, separator: string) => string[]);
export const toWellFormed = uncurry(
  (String.prototype as unknown as { toWellFormed: (this: string) => string }).toWellFormed,
);
export const testPattern = ((): ((pattern: RegExp, text: string) => boolean) => {
  // RegExp.prototype.test would look up the guest's `exec`.
  const exec = uncurry(RegExp.prototype.exec);
  return (pattern, text) => exec(pattern, text) !== null;
})();
export const matchPattern = uncurry(RegExp.prototype.exec);

export const push = uncurry(Array.prototype.push as (this: unknown[], item: unknown) => number);
export const join = uncurry(Array.prototype.join);
export const sortList = uncurry(
  Array.prototype.sort as (this: unknown[], compare?: (a: never, b: never) => number) => unknown[],
);

/** Makes an own, writable property, whatever the guest hung on `Object.prototype` for descriptors to inherit. */
export function defineValue<T extends object>(target: T, key: PropertyKey, value: unknown, enumerable: boolean): T {
  const descriptor = create(null) as PropertyDescriptor;
  descriptor.value = value;
  descriptor.writable = true;
  descriptor.configurable = true;
  descriptor.enumerable = enumerable;
  return defineProperty(target, key, descriptor);
}

/**
 * An empty list that can be filled whatever the guest did to `Array.prototype`: with a setter there for "0", assigning
 * to a plain array's first element would call it.
 */
export function newList<T>(): T[] {
  return setPrototypeOf([], null) as T[];
}

export const SafeMap = Map;
export const SafeSet = Set;
export const mapGet = uncurry(Map.prototype.get as (this: Map<unknown, unknown>, key: unknown) => unknown) as <K, V>(
  map: Map<K, V>,
  key: K,
) => V | undefined;
export const mapSet = uncurry(
  Map.prototype.set as (this: Map<unknown, unknown>, key: unknown, value: unknown) => unknown,
) as <K, V>(map: Map<K, V>, key: K, value: V) => unknown;
export const mapHas = uncurry(Map.prototype.has as (this: Map<unknown, unknown>, key: unknown) => boolean);
export const mapDelete = uncurry(Map.prototype.delete as (this: Map<unknown, unknown>, key: unknown) => boolean);
export const mapClear = uncurry(Map.prototype.clear);
export const mapForEach = uncurry(
  Map.prototype.forEach as (this: Map<unknown, unknown>, visit: (value: unknown, key: unknown) => void) => void,
);
export const setForEach = uncurry(
  Set.prototype.forEach as (this: Set<unknown>, visit: (value: unknown) => void) => void,
);
export const mapSize = uncurry(getterOf(Map.prototype, "size") as (this: Map<unknown, unknown>) => number);
export const setSize = uncurry(getterOf(Set.prototype, "size") as (this: Set<unknown>) => number);
export const setAdd = uncurry(Set.prototype.add as (this: Set<unknown>, value: unknown) => unknown);
export const setHas = uncurry(Set.prototype.has as (this: Set<unknown>, value: unknown) => boolean);
export const setDelete = uncurry(Set.prototype.delete as (this: Set<unknown>, value: unknown) => boolean);

export const dateTime = uncurry(Date.prototype.getTime);
export const dateText = uncurry(Date.prototype.toISOString);
export const regExpText = uncurry(RegExp.prototype.toString);
export const symbolText = uncurry(Symbol.prototype.toString);
export const bigintText = uncurry(BigInt.prototype.toString);
export const numberText = uncurry(Number.prototype.toString);
export const functionText = uncurry(Function.prototype.toString);

const TypedArray = getPrototypeOf(Uint8Array.prototype) as object;
/** "Uint8Array" and so on, undefined for everything that is not a typed array. */
export const typedArrayName = uncurry(
  getterOf(TypedArray, Symbol.toStringTag) as (this: unknown) => string | undefined,
);
export const typedArrayLength = uncurry(getterOf(TypedArray, "length") as (this: unknown) => number);
export const typedArrayBuffer = uncurry(getterOf(TypedArray, "buffer") as (this: unknown) => ArrayBuffer);
export const typedArrayOffset = uncurry(getterOf(TypedArray, "byteOffset") as (this: unknown) => number);
export const typedArrayBytes = uncurry(getterOf(TypedArray, "byteLength") as (this: unknown) => number);
export const subarray = uncurry(Uint8Array.prototype.subarray);
export const setBytes = uncurry(Uint8Array.prototype.set);
export const bufferLength = uncurry(getterOf(ArrayBuffer.prototype, "byteLength") as (this: unknown) => number);
export const bufferSlice = uncurry(ArrayBuffer.prototype.slice);
export const dataViewBuffer = uncurry(getterOf(DataView.prototype, "buffer") as (this: unknown) => ArrayBuffer);
export const dataViewOffset = uncurry(getterOf(DataView.prototype, "byteOffset") as (this: unknown) => number);
export const dataViewLength = uncurry(getterOf(DataView.prototype, "byteLength") as (this: unknown) => number);
export const Bytes = Uint8Array;

export const SafePromise = Promise;
export const rejectedPromise = bind.call(Promise.reject, Promise) as (reason: unknown) => Promise<never>;
export const promiseThen = uncurry(
  Promise.prototype.then as (this: Promise<unknown>, done?: unknown, failed?: unknown) => Promise<unknown>,
);
export const SafeError = Error;
export const SafeTypeError = TypeError;
export const SafeRangeError = RangeError;
export const SafeSyntaxError = SyntaxError;

function getterOf(target: object, key: PropertyKey): () => unknown {
  const getter = Object.getOwnPropertyDescriptor(target, key)?.get;
  if (getter === undefined) throw new TypeError(`No getter ${String(key)}`);
  return getter;
}

/** Whether `probe` (a getter that throws for anything without the internal slot) accepts the value. */
export function has(probe: (value: never) => unknown, value: unknown): boolean {
  try {
    probe(value as never);
    return true;
  } catch {
    return false;
  }
}
