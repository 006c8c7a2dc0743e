import { WardianError } from "../../errors.ts";
import { checksum } from "./checksum.ts";
import { applyDelta, deltaBetween, EMPTY_IMAGE } from "./state-delta.ts";
import type { MemoryDelta, StateDelta, Stretch } from "./state-delta.ts";
import { BLOCK_BYTES, WASM_PAGE_BYTES } from "./state-image.ts";
import type { GlobalValue, StateImage } from "./state-image.ts";

/** The letters "WDSI". */
const MAGIC = 0x49534457;
const VERSION = 1;
const DIGEST_BYTES = 32;
/** 4 GiB, the most that a 32-bit memory can have. */
const MAX_PAGES = 65_536;

/*
 * All integers are little-endian u32.
 *
 *   0  magic      4  version    8  length of all in bytes   12  checksum of everything from 16 on
 *  16  digest of the module that the state belongs to (32 bytes)
 *  48  number of memories      52  number of globals
 *  56  per memory: pages of 64 KiB, number of runs, then per run: first block, number of blocks (of 4 KiB); with the
 *      top bit of that set, the blocks are zero where the base has something, and have no bytes below
 *      per global: tag (0 number, 1 bigint, 2 null reference), 8 bytes of value (f64 or i64)
 *      the bytes of all runs, one after the other
 */
const HEADER_BYTES = 56;
const CHECKED_FROM = 16;
const GLOBAL_BYTES = 12;
const TAG_NUMBER = 0;
const TAG_BIGINT = 1;
const TAG_NULL = 2;

/** In the number of blocks of a run: they are zero. */
const CLEARED = 0x8000_0000;

/**
 * Writes an image as bytes: the compact form for artefacts and suspended sandboxes.
 *
 * `moduleDigest` is the SHA-256 of the module that the state belongs to. Throws a `WardianError` `unsupported` if the
 * image holds tables or live references, which have no form outside of their instance.
 */
export function encodeImage(image: StateImage, moduleDigest: Uint8Array): Uint8Array<ArrayBuffer> {
  if (image.tables.length > 0) throw new WardianError("unsupported", "Cannot write a state image: it holds tables");
  return encodeDelta(deltaBetween(EMPTY_IMAGE, image), moduleDigest);
}

/** The same for the difference to another image, which {@link decodeDelta} does not check: say which one it was beside. */
export function encodeDelta(delta: StateDelta, moduleDigest: Uint8Array): Uint8Array<ArrayBuffer> {
  if (moduleDigest.length !== DIGEST_BYTES)
    throw new RangeError("Cannot write a state image: the module digest is not 32 bytes long");
  let length = HEADER_BYTES + delta.globals.length * GLOBAL_BYTES;
  for (const { runs, cleared } of delta.memories) {
    length += 8 + (runs.length + cleared.length) * 8;
    for (const { bytes } of runs) length += bytes.length;
  }
  if (length > 0xffff_ffff)
    throw new WardianError("unsupported", "Cannot write a state image: it is longer than 4 GiB");

  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, VERSION, true);
  view.setUint32(8, length, true);
  bytes.set(moduleDigest, CHECKED_FROM);
  view.setUint32(48, delta.memories.length, true);
  view.setUint32(52, delta.globals.length, true);
  let at = HEADER_BYTES;
  for (const memory of delta.memories) at = writeLayout(view, at, memory);
  for (const value of delta.globals) {
    writeGlobal(view, at, value);
    at += GLOBAL_BYTES;
  }
  for (const { runs } of delta.memories) {
    for (const run of runs) {
      bytes.set(run.bytes, at);
      at += run.bytes.length;
    }
  }
  view.setUint32(12, checksum(bytes, CHECKED_FROM), true);
  return bytes;
}

function writeLayout(view: DataView, start: number, memory: MemoryDelta): number {
  let at = start;
  view.setUint32(at, memory.byteLength / WASM_PAGE_BYTES, true);
  view.setUint32(at + 4, memory.runs.length + memory.cleared.length, true);
  at += 8;
  const stretches = [
    ...memory.runs.map(({ offset, bytes }) => ({ offset, blocks: bytes.length / BLOCK_BYTES })),
    ...memory.cleared.map(({ offset, byteLength }) => ({ offset, blocks: byteLength / BLOCK_BYTES + CLEARED })),
  ];
  for (const { offset, blocks } of stretches.toSorted((a, b) => a.offset - b.offset)) {
    view.setUint32(at, offset / BLOCK_BYTES, true);
    view.setUint32(at + 4, blocks, true);
    at += 8;
  }
  return at;
}

/**
 * Reads an image. The result shares `bytes`, which must not change as long as it is in use.
 *
 * The bytes are hostile until decoded: every count is checked against what is left before anything is allocated, and
 * the worst that a forged image can do is to fill the guest's own memory and globals. Throws a `WardianError` `asset`
 * for a wrong magic, version, length, checksum, module digest or layout.
 */
export function decodeImage(bytes: Uint8Array, moduleDigest: Uint8Array): StateImage {
  return applyDelta(EMPTY_IMAGE, decodeDelta(bytes, moduleDigest));
}

/** Reads what {@link encodeDelta} wrote, just as carefully. */
export function decodeDelta(bytes: Uint8Array, moduleDigest: Uint8Array): StateDelta {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER_BYTES || view.getUint32(0, true) !== MAGIC) throw damaged("not a state image");
  const version = view.getUint32(4, true);
  if (version !== VERSION) throw damaged(`version ${String(version)} instead of ${String(VERSION)}`);
  if (view.getUint32(8, true) !== bytes.length) throw damaged("wrong length");
  if (view.getUint32(12, true) !== checksum(bytes, CHECKED_FROM)) throw damaged("wrong checksum");
  if (!sameDigest(bytes.subarray(CHECKED_FROM, CHECKED_FROM + DIGEST_BYTES), moduleDigest))
    throw damaged("made for another module");

  const reader = new Reader(view);
  const memoryCount = reader.u32();
  const globalCount = reader.u32();
  reader.need(memoryCount * 8);
  const layouts: Layout[] = [];
  for (let i = 0; i < memoryCount; i++) layouts.push(readLayout(reader));
  reader.need(globalCount * GLOBAL_BYTES);
  const globals: GlobalValue[] = [];
  for (let i = 0; i < globalCount; i++) globals.push(readGlobal(reader));
  const memories = layouts.map(({ byteLength, held, cleared }): MemoryDelta => {
    const runs = held.map(({ offset, byteLength: length }) => {
      reader.need(length);
      reader.at += length;
      return { offset, bytes: bytes.subarray(reader.at - length, reader.at) };
    });
    return { byteLength, runs, cleared };
  });
  if (reader.at !== bytes.length) throw damaged("bytes left over");
  return { memories, globals };
}

/**
 * Tells one written image from another, by what its header says: module and checksum. For naming the base of a delta;
 * forged bytes can have any identity.
 */
export function identityOf(bytes: Uint8Array): string {
  return Array.from(bytes.subarray(12, CHECKED_FROM + DIGEST_BYTES), (byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );
}

interface Layout {
  readonly byteLength: number;
  readonly held: readonly Stretch[];
  readonly cleared: readonly Stretch[];
}

class Reader {
  readonly #view: DataView;
  at = HEADER_BYTES - 8;

  constructor(view: DataView) {
    this.#view = view;
  }

  need(count: number): void {
    if (count > this.#view.byteLength - this.at) throw damaged("cut short");
  }

  u32(): number {
    this.need(4);
    this.at += 4;
    return this.#view.getUint32(this.at - 4, true);
  }

  eight(): { readonly number: number; readonly bigint: bigint } {
    this.need(8);
    this.at += 8;
    return { number: this.#view.getFloat64(this.at - 8, true), bigint: this.#view.getBigInt64(this.at - 8, true) };
  }
}

function readLayout(reader: Reader): Layout {
  const pages = reader.u32();
  const runCount = reader.u32();
  if (pages > MAX_PAGES) throw damaged("memory too large");
  reader.need(runCount * 8);
  const byteLength = pages * WASM_PAGE_BYTES;
  const held: Stretch[] = [];
  const cleared: Stretch[] = [];
  let free = 0;
  for (let i = 0; i < runCount; i++) {
    const offset = reader.u32() * BLOCK_BYTES;
    const blocks = reader.u32();
    const length = (blocks % CLEARED) * BLOCK_BYTES;
    if (length === 0 || offset < free || offset + length > byteLength)
      throw damaged("runs overlap or leave the memory");
    (blocks >= CLEARED ? cleared : held).push({ offset, byteLength: length });
    free = offset + length;
  }
  return { byteLength, held, cleared };
}

function readGlobal(reader: Reader): GlobalValue {
  const tag = reader.u32();
  const { number, bigint } = reader.eight();
  if (tag === TAG_NUMBER) return number;
  if (tag === TAG_BIGINT) return bigint;
  if (tag === TAG_NULL) return { reference: null };
  throw damaged("unknown kind of global");
}

function writeGlobal(view: DataView, at: number, value: GlobalValue): void {
  if (typeof value === "number") {
    view.setUint32(at, TAG_NUMBER, true);
    view.setFloat64(at + 4, value, true);
  } else if (typeof value === "bigint") {
    view.setUint32(at, TAG_BIGINT, true);
    view.setBigInt64(at + 4, value, true);
  } else if (value.reference === null) {
    view.setUint32(at, TAG_NULL, true);
  } else {
    throw new WardianError("unsupported", "Cannot write a state image: a global holds a live reference");
  }
}

function sameDigest(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}

function damaged(fact: string): WardianError {
  return new WardianError("asset", `Cannot read a state image: ${fact}`);
}
