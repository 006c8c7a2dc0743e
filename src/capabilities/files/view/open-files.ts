import type { DirectoryEntry, Errno, FileHandle, FileResult, FileStat, OpenMode } from "../file-system.ts";
import type { OpenFile, OpenFileState } from "../file-view.ts";
import type { ChangeLog } from "./change-log.ts";
import { MeteredHandle } from "./metered-handle.ts";
import type { HandleNotes } from "./metered-handle.ts";
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

/** Something that counts as open until it is closed. */
interface Counted {
  /** Its place in the list of what is open; negative once it is closed. */
  place: number;
  /** Closing gives something back to the host, and must not break off at the end of the stack. */
  readonly fragile: boolean;
  release(): void;
}

/** Every open file and directory of one view, with their quota. */
export class OpenFiles {
  readonly #max: number;
  /** In no order. A list: a set that is added to and deleted from all the time is rebuilt again and again. */
  readonly #open: Counted[] = [];

  constructor(max: number) {
    this.#max = max;
  }

  get count(): number {
    return this.#open.length;
  }

  get full(): boolean {
    return this.#open.length >= this.#max;
  }

  addFile(as: OpenedAs, handle: FileHandle, logs: ViewLogs): OpenFile {
    const file = new OpenedFile(as, handle, logs, this);
    this.#add(file);
    return file;
  }

  addDirectory(
    path: string,
    stat: () => FileResult<FileStat>,
    list: () => FileResult<readonly DirectoryEntry[]>,
  ): OpenFile {
    let open = true;
    const counted: Counted = {
      place: -1,
      fragile: false,
      release: () => {
        open = false;
      },
    };
    this.#add(counted);
    return {
      kind: "directory",
      path,
      stat: () => (open ? stat() : "EBADF"),
      list: () => (open ? list() : "EBADF"),
      capture: () => ({ kind: "directory", path, read: true, write: false, append: false }),
      close: () => this.close(counted),
    };
  }

  close(counted: Counted): void {
    // Else the descriptor could be lost; it stays counted, and is closed at the end of the run.
    if (counted.fragile && !hasStackHeadroom()) return;
    // Only once: a second close must not free somebody else's place.
    const { place } = counted;
    if (place < 0) return;
    const last = this.#open.pop();
    if (last !== undefined && last !== counted) {
      last.place = place;
      this.#open[place] = last;
    }
    counted.place = -1;
    counted.release();
  }

  closeAll(): void {
    // A copy: closing one moves another into its place.
    const all = this.#open.slice();
    for (const counted of all) this.close(counted);
  }

  #add(counted: Counted): void {
    counted.place = this.#open.push(counted) - 1;
  }
}

/** A class and not closures: files are opened often, and one object is made sooner than ten. */
class OpenedFile implements Counted, HandleNotes {
  readonly kind = "file";
  place = -1;
  readonly handle: MeteredHandle;
  readonly fragile: boolean;
  readonly #as: OpenedAs;
  readonly #raw: FileHandle;
  readonly #logs: ViewLogs;
  readonly #files: OpenFiles;
  /** Where the file is now, for one that is written to: a rename moves it. */
  readonly #tracked: { path: string };
  readonly #untrack: (() => void) | undefined;

  constructor(as: OpenedAs, handle: FileHandle, logs: ViewLogs, files: OpenFiles) {
    this.#as = as;
    this.#raw = handle;
    this.#logs = logs;
    this.#files = files;
    this.#tracked = { path: as.path };
    this.#untrack = as.mode.write ? logs.changes.track(this.#tracked) : undefined;
    // What a memory directory loses in the middle of a close stays counted, and nothing of the host is held.
    this.fragile = as.mount.fileSystem.kind !== "memory";
    this.handle = new MeteredHandle(as.mount, handle, logs.meter, this);
  }

  get path(): string {
    return this.#as.path;
  }

  capture(): OpenFileState {
    const { path, mode } = this.#as;
    const { read, write, append } = mode;
    const captured = this.#raw.capture?.();
    return { kind: "file", path, read, write, append, ...(captured === undefined ? {} : { handle: captured }) };
  }

  close(): void {
    this.#files.close(this);
  }

  release(): void {
    this.#untrack?.();
    this.handle.release();
  }

  refused(errno: Errno): void {
    this.#logs.refusals.note("write", this.#as.path, errno);
  }

  wrote(count: number, position: number): void {
    const end = this.#as.mode.append ? undefined : position + count;
    this.#logs.changes.wrote(this.#tracked.path, count, end, () => sizeOf(this.#raw));
  }

  cut(size: number): void {
    this.#logs.changes.resized(this.#tracked.path, size);
  }
}

function sizeOf(handle: FileHandle): number {
  const stat = handle.stat();
  return typeof stat === "string" ? 0 : stat.size;
}
