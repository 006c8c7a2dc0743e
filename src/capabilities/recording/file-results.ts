import type { ByteReader } from "../../internal/byte-reader.ts";
import type { ByteWriter } from "../../internal/byte-writer.ts";
import type { DirectoryEntry, Errno, FileResult, FileStat, NodeKind } from "../files/file-system.ts";
import { readNumber, readText, writeNumber, writeText } from "./payload.ts";

/** How one kind of result stands on a tape. */
export interface ResultCodec<T> {
  write(out: ByteWriter, value: T): void;
  read(payload: ByteReader): T;
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

/** Throws for a result that is none: a broken file system's answer must not differ between a run and its replay. */
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

export function readResult<T>(payload: ByteReader, codec: ResultCodec<T>): FileResult<T> {
  const form = payload.byte();
  if (form === VALUE) return codec.read(payload);
  if (form === THROWN) throw new ThrownBefore();
  return ERRNOS[form - FIRST_ERRNO] ?? payload.fail("a file error of an unknown number");
}

/** Stands for what a file system threw in the recorded run; the file view makes the same EIO of it. */
export class ThrownBefore extends Error {}

export const nothing: ResultCodec<void> = { write: () => undefined, read: () => undefined };

export const count: ResultCodec<number> = {
  write: (out, value) => writeNumber(out, value),
  read: readNumber,
};

const KINDS: readonly NodeKind[] = ["file", "directory", "symlink"];

export const kind: ResultCodec<NodeKind> = {
  write: (out, value) => {
    const index = KINDS.indexOf(value);
    if (index < 0) throw new TypeError("Cannot record a file operation: the node is of an unknown kind");
    out.byte(index);
  },
  read: (payload) => KINDS[payload.byte()] ?? payload.fail("a node of an unknown kind"),
};

export const stat: ResultCodec<FileStat> = {
  write: (out, value) => {
    kind.write(out, value.kind);
    out.byte(value.writable ? 1 : 0);
    for (const field of STAT_NUMBERS) writeNumber(out, value[field]);
  },
  read: (payload) => {
    const nodeKind = kind.read(payload);
    const writable = payload.byte() !== 0;
    const [size = 0, inode = 0, links = 0, accessedMs = 0, modifiedMs = 0, changedMs = 0] = STAT_NUMBERS.map(() =>
      readNumber(payload),
    );
    return { kind: nodeKind, writable, size, inode, links, accessedMs, modifiedMs, changedMs };
  },
};

const STAT_NUMBERS = ["size", "inode", "links", "accessedMs", "modifiedMs", "changedMs"] as const;

export const entries: ResultCodec<readonly DirectoryEntry[]> = {
  write: (out, list) => {
    out.u64(list.length);
    for (const entry of list) {
      writeText(out, entry.name);
      kind.write(out, entry.kind);
      writeNumber(out, entry.inode);
    }
  },
  read: (payload) => {
    const list: DirectoryEntry[] = [];
    const length = payload.u64();
    // Each takes several bytes, so a forged length ends at the end of the tape.
    for (let index = 0; index < length; index++)
      list.push({ name: readText(payload), kind: kind.read(payload), inode: readNumber(payload) });
    return list;
  },
};

export const target: ResultCodec<{ readonly target: string }> = {
  write: (out, value) => writeText(out, value.target),
  read: (payload) => ({ target: readText(payload) }),
};
