/** `structuredClone`: HTML, section 2.7, for the types that are here. Nothing can be transferred. */
import { DOMException } from "./dom-exception.ts";
import {
  bufferLength,
  bufferSlice,
  dataViewLength,
  dateTime,
  getPrototypeOf,
  has,
  isArray,
  mapForEach,
  mapSize,
  setForEach,
  setSize,
  typedArrayName,
} from "../intrinsics.ts";
import { isError } from "../console/error-text.ts";

const ERRORS: Readonly<Record<string, ErrorConstructor>> = {
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};

export function structuredClone(value: unknown): unknown {
  return clone(value, new Map());
}

function clone(value: unknown, seen: Map<object, unknown>): unknown {
  if (typeof value === "function" || typeof value === "symbol")
    throw new DOMException(`${String(value)} could not be cloned.`, "DataCloneError");
  if (typeof value !== "object" || value === null) return value;
  const known = seen.get(value);
  if (known !== undefined) return known;
  const copy = shell(value);
  seen.set(value, copy);
  if (has(mapSize, value)) {
    const entries: [unknown, unknown][] = [];
    mapForEach(value as Map<unknown, unknown>, (item, key) => void entries.push([key, item]));
    for (const [key, item] of entries) (copy as Map<unknown, unknown>).set(clone(key, seen), clone(item, seen));
  } else if (has(setSize, value)) {
    const items: unknown[] = [];
    setForEach(value as Set<unknown>, (item) => void items.push(item));
    for (const item of items) (copy as Set<unknown>).add(clone(item, seen));
  } else if (isError(value)) {
    for (const key of ["message", "stack", "cause"]) {
      const found = Object.getOwnPropertyDescriptor(value, key);
      if (found !== undefined && "value" in found)
        Object.defineProperty(copy, key, {
          value: key === "cause" ? clone(found.value, seen) : String(found.value),
          writable: true,
          configurable: true,
          enumerable: false,
        });
    }
  } else if (isArray(value) || isPlainCopy(copy)) {
    for (const key of Object.keys(value))
      (copy as Record<string, unknown>)[key] = clone((value as Record<string, unknown>)[key], seen);
  }
  return copy;
}

const plainCopies = new WeakSet<object>();

function isPlainCopy(copy: object): boolean {
  return plainCopies.has(copy);
}

/** The empty, or already complete, counterpart. */
function shell(value: object): object {
  if (isArray(value)) return new Array(value.length);
  if (has(dateTime, value)) return new Date(dateTime(value));
  if (has(bufferLength, value)) return bufferSlice(value, 0);
  const typed = typedArrayName(value);
  if (typed !== undefined || has(dataViewLength, value))
    return cloneView(value as ArrayBufferView, typed ?? "DataView");
  if (has(mapSize, value)) return new Map();
  if (has(setSize, value)) return new Set();
  if (value instanceof RegExp) return new RegExp(value.source, value.flags);
  if (isError(value)) {
    const name = String((value as { readonly name: unknown }).name);
    return new (Object.hasOwn(ERRORS, name) ? (ERRORS[name] as ErrorConstructor) : Error)();
  }
  if (value instanceof Number || value instanceof String || value instanceof Boolean || value instanceof BigInt)
    return Object(value.valueOf()) as object;
  if (value instanceof Promise || value instanceof WeakMap || value instanceof WeakSet || value instanceof WeakRef)
    throw new DOMException(
      `#<${getPrototypeOf(value)?.constructor.name ?? "Object"}> could not be cloned.`,
      "DataCloneError",
    );
  const copy = {};
  plainCopies.add(copy);
  return copy;
}

function cloneView(view: ArrayBufferView, name: string): object {
  const buffer = bufferSlice(view.buffer, view.byteOffset, view.byteOffset + view.byteLength);
  const type = (globalThis as unknown as Record<string, new (buffer: ArrayBuffer) => object>)[name];
  return type === undefined ? {} : new type(buffer);
}
