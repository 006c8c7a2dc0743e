import type { Errno, FileHandle, FileResult, FileStat, FileTimes } from "../file-system.ts";
import { viewStat } from "./inode-numbers.ts";
import type { Mount } from "./mount-table.ts";
import type { WorkMeter } from "./work-meter.ts";

/**
 * The most that one call moves, a few milliseconds of work: a longer call could not be stopped at the deadline. Longer
 * reads and writes end short, as POSIX allows.
 */
export const MAX_TRANSFER_BYTES: number = 4 * 2 ** 20;

/** Told what a handle did. */
export interface HandleNotes {
  refused(errno: Errno): void;
  wrote(count: number, position: number): void;
  cut(size: number): void;
  /** The handle is to be closed: calls its `release`, once nothing counts it any more. */
  close(): void;
}

/** Checks arguments and results, charges, and answers EBADF after close: file systems need not. */
export class MeteredHandle implements FileHandle {
  readonly #mount: Mount;
  readonly #meter: WorkMeter;
  readonly #notes: HandleNotes;
  #handle: FileHandle | undefined;

  constructor(mount: Mount, handle: FileHandle, meter: WorkMeter, notes: HandleNotes) {
    this.#mount = mount;
    this.#handle = handle;
    this.#meter = meter;
    this.#notes = notes;
  }

  stat(): FileResult<FileStat> {
    return this.#call((handle) => {
      const stat = handle.stat();
      return typeof stat === "string" ? stat : viewStat(this.#mount, stat);
    });
  }

  read(into: Uint8Array, position: number): FileResult<number> {
    if (!isPosition(position)) return "EINVAL";
    const handle = this.#handle;
    if (handle === undefined) return "EBADF";
    if (!this.#meter.handle(this.#mount)) return "EIO";
    const room = into.length > MAX_TRANSFER_BYTES ? into.subarray(0, MAX_TRANSFER_BYTES) : into;
    try {
      const count = handle.read(room, position);
      if (typeof count === "string") return this.#refused(count);
      // A custom file system may say anything; a codec must not read past its buffer because of it.
      if (!isCountUpTo(room.length, count)) return this.#refused("EIO");
      // Afterwards, since only now it is known how much there was; the transfer limit bounds it.
      this.#meter.bytes(this.#mount, count);
      this.#meter.countRead(count);
      return count;
    } catch {
      return "EIO"; // As in #call.
    }
  }

  write(from: Uint8Array, position: number): FileResult<number> {
    if (!isPosition(position)) return "EINVAL";
    if (!isPosition(position + from.length)) return "EFBIG";
    const handle = this.#handle;
    if (handle === undefined) return "EBADF";
    if (!this.#meter.handle(this.#mount)) return "EIO";
    const piece = from.length > MAX_TRANSFER_BYTES ? from.subarray(0, MAX_TRANSFER_BYTES) : from;
    try {
      if (!this.#meter.bytes(this.#mount, piece.length)) return this.#refused("EIO");
      const count = handle.write(piece, position);
      if (typeof count === "string") return this.#refused(count);
      if (!isCountUpTo(piece.length, count)) return this.#refused("EIO");
      this.#meter.countWritten(count);
      if (count > 0) this.#notes.wrote(count, position);
      return count;
    } catch {
      return "EIO";
    }
  }

  truncate(size: number): FileResult<void> {
    if (!isPosition(size)) return size > 0 ? "EFBIG" : "EINVAL";
    return this.#call((handle) => {
      const failed = handle.truncate(size);
      if (failed === undefined) this.#notes.cut(size);
      return failed;
    });
  }

  setTimes(times: FileTimes): FileResult<void> {
    if (!areTimes(times)) return "EINVAL";
    return this.#mount.writable ? this.#call((handle) => handle.setTimes(times)) : "EROFS";
  }

  sync(): FileResult<void> {
    return this.#call((handle) => handle.sync());
  }

  close(): void {
    this.#notes.close();
  }

  /** Gives back what the file system holds for it. */
  release(): void {
    const handle = this.#handle;
    this.#handle = undefined;
    try {
      handle?.close();
    } catch {
      // The guest cannot act on it, and the handle is gone either way.
    }
  }

  #refused(errno: Errno): Errno {
    this.#notes.refused(errno);
    return errno;
  }

  /** What is called less often than reading and writing, which spare the closure. */
  #call<T>(call: (handle: FileHandle) => FileResult<T>): FileResult<T> {
    if (this.#handle === undefined) return "EBADF";
    if (!this.#meter.handle(this.#mount)) return "EIO";
    try {
      const result = call(this.#handle);
      return typeof result === "string" ? this.#refused(result as Errno) : result;
    } catch {
      // Never into the guest: a host error carries paths and a stack.
      return "EIO";
    }
  }
}

function isCountUpTo(most: number, count: number): boolean {
  return Number.isInteger(count) && count >= 0 && count <= most;
}

/** Times outside of this are no dates in JavaScript either. */
const LARGEST_TIME_MS = 8.64e15;

export function areTimes(times: FileTimes): boolean {
  return [times.accessedMs, times.modifiedMs].every(
    (time) => time === undefined || (Number.isFinite(time) && Math.abs(time) <= LARGEST_TIME_MS),
  );
}

function isPosition(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
