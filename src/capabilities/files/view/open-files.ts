import type { DirectoryEntry, Errno, FileHandle, FileResult, FileStat, FileTimes, OpenMode } from "../file-system.ts";
import type { OpenFile } from "../file-view.ts";
import type { ChangeLog } from "./change-log.ts";
import { viewStat } from "./inode-numbers.ts";
import type { Mount } from "./mount-table.ts";
import type { Refusals } from "./refusals.ts";
import { hasStackHeadroom } from "./stack-headroom.ts";
import type { WorkMeter } from "./work-meter.ts";

/**
 * The most that one call moves, a few milliseconds of work: a longer call could not be stopped at the deadline. Longer
 * reads and writes end short, as POSIX allows.
 */
export const MAX_TRANSFER_BYTES: number = 4 * 2 ** 20;

/** Where a view notes what its handles do. */
export interface ViewLogs {
  readonly meter: WorkMeter;
  readonly refusals: Refusals;
  readonly changes: ChangeLog;
}

/** How a file was opened. */
export interface OpenedAs {
  readonly path: string;
  readonly mount: Mount;
  readonly mode: OpenMode;
}

/** Every open file and directory of one view, with their quota. */
export class OpenFiles {
  readonly #max: number;
  readonly #closers: Set<() => void> = new Set();

  constructor(max: number) {
    this.#max = max;
  }

  get count(): number {
    return this.#closers.size;
  }

  get full(): boolean {
    return this.#closers.size >= this.#max;
  }

  addFile({ path, mount, mode }: OpenedAs, handle: FileHandle, { meter, refusals, changes }: ViewLogs): OpenFile {
    const tracked = { path };
    const untrack = mode.write ? changes.track(tracked) : undefined;
    const metered = new MeteredHandle(mount, handle, meter, {
      refused: (errno) => refusals.note("write", path, errno),
      wrote: (count, position) => {
        const end = mode.append ? undefined : position + count;
        changes.wrote(tracked.path, count, end, () => sizeOf(handle));
      },
      cut: (size) => changes.resized(tracked.path, size),
    });
    // What a memory directory loses in the middle of a close stays counted, and nothing of the host is held.
    const release = (): void => {
      untrack?.();
      metered.close();
    };
    const close = this.#register(release, mount.fileSystem.kind !== "memory");
    return {
      kind: "file",
      path,
      handle: new CountedHandle(metered, close),
      capture: () => {
        const { read, write, append } = mode;
        const captured = handle.capture?.();
        return { kind: "file", path, read, write, append, ...(captured === undefined ? {} : { handle: captured }) };
      },
      close,
    };
  }

  addDirectory(
    path: string,
    stat: () => FileResult<FileStat>,
    list: () => FileResult<readonly DirectoryEntry[]>,
  ): OpenFile {
    let open = true;
    const close = this.#register(() => {
      open = false;
    }, false);
    return {
      kind: "directory",
      path,
      stat: () => (open ? stat() : "EBADF"),
      list: () => (open ? list() : "EBADF"),
      capture: () => ({ kind: "directory", path, read: true, write: false, append: false }),
      close,
    };
  }

  closeAll(): void {
    for (const close of this.#closers) close();
  }

  /** `fragile`: closing gives something back to the host, and must not break off at the end of the stack. */
  #register(release: () => void, fragile: boolean): () => void {
    const close = (): void => {
      // Else the descriptor could be lost; it stays counted, and is closed at the end of the run.
      if (fragile && !hasStackHeadroom()) return;
      // Only once: a second close must not free somebody else's place.
      if (this.#closers.delete(close)) release();
    };
    this.#closers.add(close);
    return close;
  }
}

function sizeOf(handle: FileHandle): number {
  const stat = handle.stat();
  return typeof stat === "string" ? 0 : stat.size;
}

interface HandleNotes {
  readonly refused: (errno: Errno) => void;
  readonly wrote: (count: number, position: number) => void;
  readonly cut: (size: number) => void;
}

/** Checks arguments and results, charges, and answers EBADF after close: file systems need not. */
class MeteredHandle implements FileHandle {
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

/** So that `handle.close()` and `OpenFile.close()` are the same act. */
class CountedHandle implements FileHandle {
  readonly #handle: FileHandle;
  readonly close: () => void;

  constructor(handle: FileHandle, close: () => void) {
    this.#handle = handle;
    this.close = close;
  }

  stat(): FileResult<FileStat> {
    return this.#handle.stat();
  }

  read(into: Uint8Array, position: number): FileResult<number> {
    return this.#handle.read(into, position);
  }

  write(from: Uint8Array, position: number): FileResult<number> {
    return this.#handle.write(from, position);
  }

  truncate(size: number): FileResult<void> {
    return this.#handle.truncate(size);
  }

  setTimes(times: FileTimes): FileResult<void> {
    return this.#handle.setTimes(times);
  }

  sync(): FileResult<void> {
    return this.#handle.sync();
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
