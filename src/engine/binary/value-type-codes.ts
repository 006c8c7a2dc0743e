/** The value types that are one byte, but for those of garbage collection (core specification, "Value Types"). */
export const VALUE_TYPE_CODES: ReadonlyMap<string, number> = new Map([
  ["i32", 0x7f],
  ["i64", 0x7e],
  ["f32", 0x7d],
  ["f64", 0x7c],
  ["v128", 0x7b],
  ["funcref", 0x70],
  ["externref", 0x6f],
]);
