import { aim, free, memalign } from "./interpreter";

/*
 * The adapter has no memory of its own: what it keeps lies in the interpreter's heap, as a C library's state would. A
 * program that forges it harms nobody but itself: behind the numbers in it are the handles that the component was given.
 */

export function allocate(size: usize): usize {
  const address = memalign(16, max<usize>(size, 16));
  if (address == 0) unreachable();
  return address;
}

export function release(address: usize): void {
  if (address != 0) free(address);
}

export function copyOf(from: usize, length: usize): usize {
  const copy = allocate(length);
  memory.copy(copy, from, length);
  return copy;
}

const RESULT_BYTES: usize = 256;
const PATH_BYTES: usize = 8_448;

let block: usize = 0;

/** Where imports write what they return. Each call overwrites it. */
export function result(): usize {
  return workspace();
}

/** Room for a path to hand to an import, and for a second one. */
export function pathBuffer(which: i32): usize {
  return workspace() + RESULT_BYTES + <usize>which * PATH_BYTES;
}

function workspace(): usize {
  if (block == 0) block = allocate(RESULT_BYTES + 3 * PATH_BYTES);
  return block;
}

/** Takes back an unused {@link aim}: an empty list is written nowhere. */
export function settle(): void {
  aim(0, 0);
}

/** Text or bytes that grow. */
@unmanaged
export class Bytes {
  address: usize;
  length: usize;
  room: usize;
}

export function newBytes(): Bytes {
  const bytes = changetype<Bytes>(allocate(offsetof<Bytes>()));
  bytes.room = 1_024;
  bytes.address = allocate(bytes.room);
  bytes.length = 0;
  return bytes;
}

export function dropBytes(bytes: Bytes): void {
  release(bytes.address);
  release(changetype<usize>(bytes));
}

/** Makes room for `more` and returns where it starts. */
export function extend(bytes: Bytes, more: usize): usize {
  const need = bytes.length + more;
  if (need > bytes.room) {
    const room = max<usize>(need, bytes.room * 2);
    const grown = allocate(room);
    memory.copy(grown, bytes.address, bytes.length);
    release(bytes.address);
    bytes.address = grown;
    bytes.room = room;
  }
  const at = bytes.address + bytes.length;
  bytes.length = need;
  return at;
}

export function put(bytes: Bytes, byte: i32): void {
  store<u8>(extend(bytes, 1), byte);
}

/** Appends up to eight characters, the first in the lowest byte. */
export function putWord(bytes: Bytes, word: u64): void {
  for (; word != 0; word >>= 8) put(bytes, <i32>(word & 0xff));
}

export function putDecimal(bytes: Bytes, value: u64): void {
  if (value >= 10) putDecimal(bytes, value / 10);
  put(bytes, 0x30 + <i32>(value % 10));
}

/** Appends UTF-8 text as a JSON string. */
export function putJson(bytes: Bytes, text: usize, length: usize): void {
  put(bytes, 0x22);
  for (let index: usize = 0; index < length; index++) {
    const byte = load<u8>(text + index);
    if (byte == 0x22 || byte == 0x5c) {
      put(bytes, 0x5c);
      put(bytes, byte);
    } else if (byte < 0x20) {
      putWord(bytes, 0x3030_755c); // \u00
      put(bytes, 0x30 + (byte >> 4));
      const low: i32 = byte & 15;
      put(bytes, low < 10 ? 0x30 + low : 0x57 + low);
    } else put(bytes, byte);
  }
  put(bytes, 0x22);
}
