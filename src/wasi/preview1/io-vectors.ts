import { ERRNO } from "./errno.ts";
import type { GuestMemory } from "./guest-memory.ts";

/** POSIX's IOV_MAX: more vectors in one call are refused. */
const MAX_VECTORS = 1024;

/** Reads a guest's `iovec` array; an errno if any part of it lies outside memory. Views are valid until memory grows. */
export function ioVectors(
  memory: GuestMemory,
  address: number,
  count: number,
): readonly Uint8Array<ArrayBuffer>[] | number {
  const vectors = count >>> 0;
  if (vectors > MAX_VECTORS) return ERRNO.EINVAL;
  const result: Uint8Array<ArrayBuffer>[] = [];
  for (let index = 0; index < vectors; index++) {
    const pointer = memory.u32((address >>> 0) + index * 8);
    const length = memory.u32((address >>> 0) + index * 8 + 4);
    if (pointer === undefined || length === undefined) return ERRNO.EFAULT;
    const view = memory.view(pointer, length);
    if (view === undefined) return ERRNO.EFAULT;
    if (view.length > 0) result.push(view);
  }
  return result;
}
