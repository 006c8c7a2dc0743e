import type { DirectoryEntry, FileHandle, FileResult, FileStat, FileTimes, OpenMode } from "../file-system.ts";
import type { OpenFile } from "../file-view.ts";
import type { ChangeLog } from "./change-log.ts";
import { MeteredHandle } from "./metered-handle.ts";
import type { Mount } from "./mount-table.ts";
import type { Refusals } from "./refusals.ts";
import { hasStackHeadroom } from "./stack-headroom.ts";
import type { WorkMeter } from "./work-meter.ts";

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

function sizeOf(handle: FileHandle): number {
  const stat = handle.stat();
  return typeof stat === "string" ? 0 : stat.size;
}
