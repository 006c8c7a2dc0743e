import { decodeModule } from "../../src/engine/binary/decode-module.ts";
import { InstructionReader } from "../../src/engine/binary/instruction-reader.ts";
import type { WasmModule } from "../../src/engine/binary/module.ts";
import { OP } from "../../src/engine/binary/opcodes.ts";
import { DEFAULT_REWRITE_LIMITS } from "../../src/engine/limits.ts";
import { enterBody } from "../../src/engine/meter/scan/body-reader.ts";

const I32_CONST = 0x41;

export interface EngineMemory {
  /** What the engine asks for at least: its data, its stack, and where the heap begins. */
  readonly pages: number;
  readonly stackBytes: number;
}

/** As linked (Emscripten's STACK_SIZE). */
const LINKED_STACK_BYTES = 5 * 2 ** 20;

/**
 * A copy of the engine's core module that leaves the size of its memory to the host, a few bytes different:
 *
 * - The memory it imports may be as small as `pages`. It was linked with 16 MiB to start with, of which it uses 1.5 (data, a
 *   C stack, and a heap that asks for more when it needs more); hundreds of sandboxes would each pay for the rest.
 * - Its only `memory.size`, in `sbrk`, becomes zero. So `sbrk` asks the adapter for each of its steps, and what it was granted is
 *   a number that a snapshot holds, instead of a size of the memory that nothing can take back.
 * - Its C stack of 5 MiB becomes one of `stackBytes`, and the heap behind it begins that much lower: a reset has to look
 *   through all of it. What guests can make of it is 201 KiB: the engine's own limit, beside which only recursion in C counts,
 *   and that the metered depth ends at less.
 *
 * Throws an Error unless the engine is as described.
 */
export function adaptEngineMemory(engine: Uint8Array, { pages, stackBytes }: EngineMemory): Uint8Array<ArrayBuffer> {
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
  moveHeap(copy, module, LINKED_STACK_BYTES - stackBytes);
  return copy;
}

/**
 * The stack's top is the heap's base. It stands in three places: the first value of the one global, a constant (what the
 * engine's only thread takes for its stack), and a word of the data, where `sbrk` goes on from.
 */
function moveHeap(copy: Uint8Array, module: WasmModule, bytes: number): void {
  const globals = module.sections.find(({ id }) => id === GLOBAL_SECTION);
  const data = module.sections.find(({ id }) => id === DATA_SECTION);
  const [stackPointer] = module.globals;
  if (globals === undefined || data === undefined || module.globals.length !== 1 || stackPointer?.type !== "i32")
    throw new Error("Cannot adapt the engine: it has other globals or no data");
  // Behind type, mutability and the opcode.
  const first = globals.contents + 3;
  const top = readConstant(copy, first);
  const constants = findConstants(module, top);
  const [thread] = constants;
  if (thread === undefined || constants.length !== 1)
    throw new Error(`Cannot adapt the engine: its stack's top stands in ${constants.length} places instead of one`);
  for (const place of [first, thread]) writeConstant(copy, place, top - bytes);
  const [start, ...others] = findWord(copy, data.start, data.end, top);
  if (start === undefined || others.length > 0)
    throw new Error("Cannot adapt the engine: its data does not say where the heap begins");
  for (let index = 0; index < WORD_BYTES; index++) copy[start + index] = ((top - bytes) >> (8 * index)) & 0xff;
}

/** Where a segment of the data is this number and nothing else. The linker leaves out the zero behind it. */
function findWord(bytes: Uint8Array, from: number, to: number, value: number): number[] {
  const found: number[] = [];
  for (let at = from + 2; at <= to - WORD_BYTES; at++) {
    const word = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);
    // In front: the end of the address, the length.
    if (word === value && bytes[at - 1] === WORD_BYTES && bytes[at - 2] === OP.end) found.push(at);
  }
  return found;
}

const WORD_BYTES = 3;
const DATA_SECTION = 11;
const GLOBAL_SECTION = 6;
/** Bytes of LEB128 that the constants have, and that their new values get. */
const CONSTANT_BYTES = 4;

function readConstant(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let index = 0; index < CONSTANT_BYTES; index++) value |= ((bytes[at + index] ?? 0) & 0x7f) << (7 * index);
  if (bytes[at - 1] !== I32_CONST || (bytes[at + CONSTANT_BYTES - 1] ?? 0x80) >= 0x40)
    throw new Error("Cannot adapt the engine: its stack is at another place");
  return value;
}

function writeConstant(bytes: Uint8Array, at: number, value: number): void {
  for (let index = 0; index < CONSTANT_BYTES; index++)
    bytes[at + index] = ((value >> (7 * index)) & 0x7f) | (index < CONSTANT_BYTES - 1 ? 0x80 : 0);
}

/** Where the operand of each `i32.const` of this value starts. */
function findConstants(module: WasmModule, value: number): number[] {
  const found: number[] = [];
  const reader = new InstructionReader(module.bytes, 0, 0);
  for (let defined = 0; defined < module.bodies.length / 2; defined++) {
    enterBody(reader, module, defined, DEFAULT_REWRITE_LIMITS);
    while (reader.next()) {
      if (reader.op !== I32_CONST) continue;
      const at = reader.start + 1;
      if ((module.bytes[at + CONSTANT_BYTES - 1] ?? 0x80) < 0x40 && valueAt(module.bytes, at) === value) found.push(at);
    }
  }
  return found;
}

/** Of a constant of four bytes; anything else for others. */
function valueAt(bytes: Uint8Array, at: number): number | undefined {
  for (let index = 0; index < CONSTANT_BYTES - 1; index++) if ((bytes[at + index] ?? 0) < 0x80) return undefined;
  return readConstant(bytes, at);
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
