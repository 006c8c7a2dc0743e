import type { LiveInterpreter } from "../interpreter/interpreter.ts";

/** Result codes of SQLite (https://www.sqlite.org/rescode.html). */
export const SQLITE = { OK: 0, ERROR: 1, NOMEM: 7, FULL: 13, ROW: 100, DONE: 101 } as const;

/** What a column's or an argument's value is (https://www.sqlite.org/c3ref/c_blob.html). */
export const TYPE = { INTEGER: 1, FLOAT: 2, TEXT: 3, BLOB: 4, NULL: 5 } as const;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Text that SQLite gave the address of, up to its NUL. */
export function textAt({ memory }: LiveInterpreter, address: number): string {
  if (address === 0) return "";
  const bytes = memory.cString(address, MAX_TEXT);
  return bytes === undefined || bytes === "too-long" ? "" : decoder.decode(bytes);
}

/** Bytes that SQLite gave the address and length of, copied. */
export function bytesAt({ memory, host }: LiveInterpreter, address: number, length: number): Uint8Array<ArrayBuffer> {
  host.fuel.charge(length * UNITS_PER_BYTE);
  return memory.view(address, length)?.slice() ?? new Uint8Array(0);
}

/** The same as text. */
export function textOf(live: LiveInterpreter, address: number, length: number): string {
  return decoder.decode(bytesAt(live, address, length));
}

const MAX_TEXT = 2 ** 20;
/** Copying a byte, decoding it, writing it as JSON. */
const UNITS_PER_BYTE = 12;
