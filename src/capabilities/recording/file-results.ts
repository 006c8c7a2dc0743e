import type { ByteReader } from "../../internal/byte-reader.ts";
import type { ByteWriter } from "../../internal/byte-writer.ts";
import type { DirectoryEntry, Errno, FileResult, FileStat, NodeKind } from "../files/file-system.ts";
import { readBytes, readNumber, readText, writeBytes, writeNumber, writeText } from "./payload.ts";

/** How one kind of result stands on a tape. */
export interface ResultCodec<T> {
  write(out: ByteWriter, value: T): void;
  read(payload: ByteReader): T;
  /** The value as `read` makes it, where that can differ in more than its place: what a guest is told must not. */
  normal?(value: T): T;
}

const VALUE = 0;
/** The file system threw: what it threw is not the guest's business. */
const THROWN = 1;
/** From here on an errno, by its place in the list. */
const FIRST_ERRNO = 2;

/** In the order of their numbers on tapes: new ones go to the end. */
const ERRNOS: readonly Errno[] = Object.keys({
  EACCES: 0,
  EBADF: 0,
  EBUSY: 0,
  EEXIST: 0,
  EFBIG: 0,
  EINVAL: 0,
  EIO: 0,
  EISDIR: 0,
  ELOOP: 0,
  EMFILE: 0,
  EMLINK: 0,
  ENAMETOOLONG: 0,
  ENOENT: 0,
  ENOSPC: 0,
  ENOSYS: 0,
  ENOTDIR: 0,
  ENOTEMPTY: 0,
  ENOTSUP: 0,
  EPERM: 0,
  EROFS: 0,
  ESPIPE: 0,
  EXDEV: 0,
} satisfies Record<Errno, 0>) as Errno[];

export function writeThrown(out: ByteWriter): void {
  out.byte(THROWN);
}

/** @throws TypeError for a result that is none */
export function writeResult<T>(out: ByteWriter, codec: ResultCodec<T>, result: FileResult<T>): void {
  if (typeof result !== "string") {
    out.byte(VALUE);
    codec.write(out, result);
    return;
  }
  const index = ERRNOS.indexOf(result as Errno);
  if (index < 0) throw new TypeError("Cannot record a file operation: it ended in an unknown error");
  out.byte(FIRST_ERRNO + index);
}

export type Answer<T> = { readonly threw: true } | { readonly threw: false; readonly result: FileResult<T> };

export function readResult<T>(payload: ByteReader, codec: ResultCodec<T>): Answer<T> {
  const form = payload.byte();
  if (form === THROWN) return { threw: true };
  if (form === VALUE) return { threw: false, result: codec.read(payload) };
  return { threw: false, result: ERRNOS[form - FIRST_ERRNO] ?? payload.fail("a file error of an unknown number") };
}

export const nothing: ResultCodec<void> = { write: () => undefined, read: () => undefined };

/** That there is a thing, which itself cannot stand on a tape. */
export const something: ResultCodec<object> = { write: () => undefined, read: () => ({}) };

/** A count of at most `length` bytes. */
export function countUpTo(length: number): ResultCodec<number> {
  return {
    write: (out, value) => out.u64(checkCount(value, length)),
    read: (payload) => {
      const value = payload.u64();
      return value <= length ? value : payload.fail("more bytes than there were");
    },
  };
}

/** The same with the bytes themselves, which are read into `into`. */
export function bytesInto(into: Uint8Array): ResultCodec<number> {
  return {
    write: (out, value) => writeBytes(out, into.subarray(0, checkCount(value, into.length))),
    read: (payload) => {
      const bytes = readBytes(payload);
      if (bytes.length > into.length) payload.fail("more bytes than there is room for");
      into.set(bytes);
      return bytes.length;
    },
  };
}

function checkCount(value: number, length: number): number {
  if (!Number.isInteger(value) || value < 0 || value > length)
    throw new TypeError(`Cannot record a file operation: ${value} is no count of up to ${length} bytes`);
  return value;
}

const KINDS: readonly NodeKind[] = ["file", "directory", "symlink"];

function writeKind(out: ByteWriter, kind: NodeKind): void {
  const index = KINDS.indexOf(kind);
  if (index < 0) throw new TypeError("Cannot record a file operation: a node is of an unknown kind");
  out.byte(index);
}

function readKind(payload: ByteReader): NodeKind {
  return KINDS[payload.byte()] ?? payload.fail("a node of an unknown kind");
}

/** A node: what it is. */
export const node: ResultCodec<{ readonly kind: NodeKind }> = {
  write: (out, value) => writeKind(out, value.kind),
  read: (payload) => ({ kind: readKind(payload) }),
};

export const stat: ResultCodec<FileStat> = {
  write: (out, value) => {
    writeKind(out, value.kind);
    out.byte(value.writable ? 1 : 0);
    for (const field of STAT_NUMBERS) writeNumber(out, value[field]);
  },
  read: (payload) => {
    const nodeKind = readKind(payload);
    const writable = payload.byte() !== 0;
    const [size = 0, inode = 0, links = 0, accessedMs = 0, modifiedMs = 0, changedMs = 0] = STAT_NUMBERS.map(() =>
      readNumber(payload),
    );
    return { kind: nodeKind, writable, size, inode, links, accessedMs, modifiedMs, changedMs };
  },
  // A guest gets it as JSON: the order of the fields, and fields of the file system's own, would show in its fuel.
  normal: ({ kind, writable, size, inode, links, accessedMs, modifiedMs, changedMs }) => ({
    kind,
    writable,
    size,
    inode,
    links,
    accessedMs,
    modifiedMs,
    changedMs,
  }),
};

const STAT_NUMBERS = ["size", "inode", "links", "accessedMs", "modifiedMs", "changedMs"] as const;

export const entries: ResultCodec<readonly DirectoryEntry[]> = {
  write: (out, list) => {
    out.u64(list.length);
    for (const entry of list) {
      writeText(out, entry.name);
      writeKind(out, entry.kind);
      writeNumber(out, entry.inode);
    }
  },
  read: (payload) => {
    const list: DirectoryEntry[] = [];
    const length = payload.u64();
    // Each takes several bytes, so a forged length ends at the end of the tape.
    for (let index = 0; index < length; index++)
      list.push({ name: readText(payload), kind: readKind(payload), inode: readNumber(payload) });
    return list;
  },
};

export const target: ResultCodec<{ readonly target: string }> = {
  write: (out, value) => writeText(out, value.target),
  read: (payload) => ({ target: readText(payload) }),
};
