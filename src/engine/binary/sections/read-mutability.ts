import type { ModuleReader } from "../module-reader.ts";

/** Whether a field or a global is mutable. */
export function readMutability(reader: ModuleReader): boolean {
  const flag = reader.byte();
  if (flag > 1) reader.fail("malformed mutability", reader.position - 1);
  return flag === 1;
}
