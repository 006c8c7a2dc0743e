import { readLeb } from "./splice-engine.ts";

const IMPORT_SECTION = 2;
const PREAMBLE_BYTES = 8;

/** External kinds and limits flags of the binary format (WebAssembly core specification, "Imports" and "Limits"). */
const KIND = { function: 0, memory: 2 } as const;
const HAS_MAXIMUM = 1;

/**
 * A copy of a core module whose imported memory may be as small as `pages`.
 *
 * The engine was linked with 16 MiB to start with, of which it uses 1.5: data, a C stack, and a heap that asks for more
 * when it needs more. Where sandboxes come in hundreds that is what making and resetting one costs. The number of pages is the only
 * thing that changes, in as many bytes as before: no code and no data.
 *
 * Throws an Error unless all imports are functions but one, a memory whose minimum takes two bytes; or for `pages` that don't fit there.
 */
export function lowerMemoryFloor(module: Uint8Array, pages: number): Uint8Array<ArrayBuffer> {
  const copy = Uint8Array.from(module);
  const at = findMinimum(copy);
  const [minimum, end] = readLeb(copy, at);
  if (end - at !== 2 || pages >= minimum)
    throw new Error(`Cannot lower the engine's memory: it asks for ${minimum} pages`);
  // LEB128 allows a group of zeros at the end.
  copy[at] = (pages & 127) | 128;
  copy[at + 1] = pages >> 7;
  return copy;
}

/** Where the minimum of the only imported memory is written. */
function findMinimum(module: Uint8Array): number {
  for (let at = PREAMBLE_BYTES; at < module.length;) {
    const [size, start] = readLeb(module, at + 1);
    if (module[at] === IMPORT_SECTION) return findInImports(module, start);
    at = start + size;
  }
  throw new Error("Cannot lower the engine's memory: it has no imports");
}

function findInImports(module: Uint8Array, start: number): number {
  let found: number | undefined;
  let [count, at] = readLeb(module, start);
  for (; count > 0; count--) {
    for (let name = 0; name < 2; name++) {
      const [length, text] = readLeb(module, at);
      at = text + length;
    }
    const kind = module[at];
    if (kind === KIND.function) [, at] = readLeb(module, at + 1);
    else if (kind === KIND.memory && found === undefined) {
      const flags = module[at + 1] ?? 0;
      found = at + 2;
      [, at] = readLeb(module, found);
      if ((flags & HAS_MAXIMUM) !== 0) [, at] = readLeb(module, at);
    } else throw new Error(`Cannot lower the engine's memory: it imports something of kind ${kind}`);
  }
  if (found === undefined) throw new Error("Cannot lower the engine's memory: it imports none");
  return found;
}
