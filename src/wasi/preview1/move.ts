import type { FileResult } from "../../capabilities/files/file-system.ts";
import type { Description } from "./description.ts";

/** One buffer out of a description or, with `writes`, into it. `position`: undefined for its own, which then moves on. */
export function move(
  description: Description,
  writes: boolean,
  position: number | undefined,
  buffer: Uint8Array,
): FileResult<number> {
  if (position === undefined) return writes ? description.write(buffer) : description.read(buffer);
  return writes ? description.writeAt(buffer, position) : description.readAt(buffer, position);
}
