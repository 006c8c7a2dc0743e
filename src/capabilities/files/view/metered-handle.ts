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
    const room = into.length > MAX_TRANSFER_BYTES ? into.subarray(0, MAX_TRANSFER_BYTES) : into;
    return this.#call((handle) => {
      const count = handle.read(room, position);
      if (typeof count === "string") return count;
      // A custom file system may say anything; a codec must not read past its buffer because of it.
      if (!Number.isInteger(count) || count < 0 || count > room.length) return "EIO";
      // Afterwards, since only now it is known how much there was; the transfer limit bounds it.
      this.#meter.bytes(this.#mount, count);
      this.#meter.countRead(count);
      return count;
    });
  }

  write(from: Uint8Array, position: number): FileResult<number> {
    if (!isPosition(position)) return "EINVAL";
    if (!isPosition(position + from.length)) return "EFBIG";
    const piece = from.length > MAX_TRANSFER_BYTES ? from.subarray(0, MAX_TRANSFER_BYTES) : from;
    return this.#call((handle) => {
      if (!this.#meter.bytes(this.#mount, piece.length)) return "EIO";
      const count = handle.write(piece, position);
      if (typeof count === "string") return count;
      if (!Number.isInteger(count) || count < 0 || count > piece.length) return "EIO";
      this.#meter.countWritten(count);
      if (count > 0) this.#notes.wrote(count, position);
      return count;
    });
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

  #call<T>(call: (handle: FileHandle) => FileResult<T>): FileResult<T> {
    if (this.#handle === undefined) return "EBADF";
    if (!this.#meter.handle(this.#mount)) return "EIO";
    try {
      const result = call(this.#handle);
      if (typeof result === "string") this.#notes.refused(result as Errno);
      return result;
    } catch {
      // Never into the guest: a host error carries paths and a stack.
      return "EIO";
    }
  }
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
