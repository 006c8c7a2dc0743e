import { spareMemories } from "../engine/snapshot/spare-memories.ts";
import type { StateImage } from "../engine/snapshot/state-image.ts";
import { WardianError } from "../errors.ts";

/**
 * A blank memory for an instance that boots from `boot`; for one that goes on with `image` it may be as long as that.
 *
 * @throws WardianError "invalid-option" if `memoryBytes` is less than the boot image takes.
 */
export function memoryFor(
  guest: string,
  boot: StateImage,
  memoryBytes: number,
  image: StateImage = boot,
): WebAssembly.Memory {
  const leastBytes = lengthOf(boot);
  if (memoryBytes < leastBytes) {
    throw new WardianError(
      "invalid-option",
      `Cannot create a ${guest} guest: memoryBytes is ${memoryBytes}, it needs at least ${leastBytes}`,
    );
  }
  return spareMemories.obtain({
    leastBytes,
    mostBytes: Math.max(leastBytes, lengthOf(image)),
    maximumBytes: memoryBytes,
  });
}

function lengthOf({ memories }: StateImage): number {
  return memories[0]?.byteLength ?? 0;
}
