/**
 * A copy that `JSON.stringify` can take. What JSON has no word for becomes `{ "$type": …, "value": … }`:
 * bigint and number (NaN, the infinities, -0) as text, bytes as base64, a date as ISO text or null, map and set as arrays, undefined.
 */
export function toJson(value: unknown): unknown {
  switch (typeof value) {
    case "bigint":
      return { $type: "bigint", value: value.toString() };
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : { $type: "number", value: Object.is(value, -0) ? "-0" : String(value) };
    case "undefined":
      return { $type: "undefined" };
    case "object":
      return value === null ? null : objectToJson(value);
    case "string":
    case "boolean":
      return value;
    default:
      return { $type: typeof value };
  }
}

function objectToJson(value: object): unknown {
  if (Array.isArray(value)) return value.map(toJson);
  if (value instanceof Uint8Array) return { $type: "bytes", value: Buffer.from(value).toString("base64") };
  if (value instanceof Date)
    return { $type: "date", value: Number.isNaN(value.getTime()) ? null : value.toISOString() };
  if (value instanceof Map)
    return { $type: "map", value: [...value].map(([key, item]) => [toJson(key), toJson(item)]) };
  if (value instanceof Set) return { $type: "set", value: [...value].map(toJson) };
  if (value instanceof Error) return { name: value.name, message: value.message };
  const copy = Object.create(null) as Record<string, unknown>;
  for (const [key, item] of Object.entries(value)) copy[key] = toJson(item);
  return copy;
}
