/**
 * A copy that shares nothing changeable with the original: arrays, plain objects (without prototype) and dates; what a
 * schema may have made beyond that is cloned if the platform can, else handed over as it is.
 */
export function copyData(value: unknown, copies: Map<object, unknown> = new Map()): unknown {
  if (typeof value !== "object" || value === null) return value;
  const known = copies.get(value);
  if (known !== undefined) return known;
  if (Array.isArray(value)) {
    const list: unknown[] = [];
    copies.set(value, list);
    for (const item of value) list.push(copyData(item, copies));
    return list;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) return clone(value);
  const object = Object.create(null) as Record<string, unknown>;
  copies.set(value, object);
  // Without a prototype there is no setter for "__proto__": assigning makes a key like any other.
  for (const [key, item] of Object.entries(value)) object[key] = copyData(item, copies);
  return object;
}

function clone(value: object): unknown {
  try {
    return structuredClone(value);
  } catch {
    return value;
  }
}
