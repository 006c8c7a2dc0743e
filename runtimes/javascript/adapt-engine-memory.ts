import { decodeModule } from "../../src/engine/binary/decode-module.ts";
import { InstructionReader } from "../../src/engine/binary/instruction-reader.ts";
import type { WasmModule } from "../../src/engine/binary/module.ts";
import { OP } from "../../src/engine/binary/opcodes.ts";
import { DEFAULT_REWRITE_LIMITS } from "../../src/engine/limits.ts";
import { enterBody } from "../../src/engine/meter/scan/body-reader.ts";

const I32_CONST = 0x41;

/**
 * A copy of the engine's core module that leaves the size of its memory to the host, three bytes different:
 *
 * - The memory it imports may be as small as `pages`. It was linked with 16 MiB to start with, of which it uses 1.5 (data, a
 *   C stack, and a heap that asks for more when it needs more); hundreds of sandboxes would each pay for the rest.
 * - Its only `memory.size`, in `sbrk`, becomes zero. So `sbrk` asks the adapter for each of its steps, and what it was granted is
 *   a number that a snapshot holds, instead of a size of the memory that nothing can take back.
 *
 * Throws an Error unless the engine is as described.
 */
export function adaptEngineMemory(engine: Uint8Array, pages: number): Uint8Array<ArrayBuffer> {
  const copy = Uint8Array.from(engine);
  const module = decodeModule(copy);
  const [memory] = module.memories;
  if (
    memory === undefined ||
    module.importedMemories !== 1 ||
    memory.end - memory.start !== 6 ||
    memory.minimum <= pages
  )
    throw new Error("Cannot adapt the engine: its memory is another one");
  // Behind the flags: the minimum, 256 in two bytes. LEB128 allows a group of zeros at the end.
  copy[memory.start + 1] = (pages & 127) | 128;
  copy[memory.start + 2] = pages >> 7;
  const at = findMemorySize(module);
  copy[at] = I32_CONST;
  copy[at + 1] = 0;
  return copy;
}

/** Where the only instruction is that sees the memory's size. None may change it: growing is the adapter's. */
function findMemorySize(module: WasmModule): number {
  const found: number[] = [];
  const reader = new InstructionReader(module.bytes, 0, 0);
  for (let defined = 0; defined < module.bodies.length / 2; defined++) {
    enterBody(reader, module, defined, DEFAULT_REWRITE_LIMITS);
    while (reader.next()) {
      if (reader.op === OP.memoryGrow) throw new Error("Cannot adapt the engine: it grows its memory itself");
      if (reader.op === OP.memorySize) found.push(reader.start);
    }
  }
  const [at] = found;
  if (at === undefined || found.length !== 1)
    throw new Error(`Cannot adapt the engine: it looks at its memory's size in ${found.length} places instead of one`);
  return at;
}
