import { WardianError } from "../../errors.ts";
import type { GuestState, StateImage } from "../../engine/snapshot/state-image.ts";

/**
 * Puts a fresh instance into the state of the boot image by copying alone. Unlike a restore it doesn't look for what
 * else is not zero: the scan of 7 untouched MiB would cost as much (1 ms of page faults) as all the rest. That nothing
 * else is there (the engine's data segments lie within the image) is checked when the image is built.
 */
export function startFromImage(image: StateImage, state: GuestState): void {
  if (image.memories.length !== state.memories.length || image.globals.length !== state.globals.length) {
    throw new WardianError("asset", "Cannot start the JavaScript guest: the boot image is of another component");
  }
  for (const [index, { byteLength, runs }] of image.memories.entries()) {
    const memory = state.memories[index];
    if (memory === undefined) continue;
    const missing = byteLength - memory.buffer.byteLength;
    if (missing > 0) memory.grow(missing / 65_536);
    const target = new Uint8Array(memory.buffer);
    for (const { offset, bytes } of runs) target.set(bytes, offset);
  }
  for (const [index, value] of image.globals.entries()) {
    const global = state.globals[index];
    if (global !== undefined && typeof value !== "object") global.value = value;
  }
}
