import type {
  DirectoryEntry,
  DirectoryNode,
  FileHandle,
  FileNode,
  FileResult,
  FileStat,
  FileSystemNode,
  FileTimes,
  OpenMode,
  SymlinkNode,
} from "../files/file-system.ts";
import type { FileLog } from "./file-log.ts";
import type { FileMethod } from "./file-methods.ts";
import { bytesInto, countUpTo, entries, node, nothing, something, stat, target } from "./file-results.ts";

/** Nodes whose calls go through a log. In a replay the inner nodes are mere kinds: the log never calls them. */
export function tapedNode<T extends FileSystemNode>(log: FileLog, inner: T): T;
export function tapedNode(log: FileLog, inner: FileSystemNode): FileSystemNode {
  switch (inner.kind) {
    case "file":
      return new TapedFile(log, inner);
    case "directory":
      return new TapedDirectory(log, inner);
    case "symlink":
      return new TapedSymlink(log, inner);
  }
}

/** The root of a mount. It has no number: the owner of a sandbox may have asked for it at any time before. */
export function tapedRoot(log: FileLog, inner: DirectoryNode): DirectoryNode {
  return new TapedDirectory(log, inner, -1);
}

abstract class TapedNode<T extends FileSystemNode> {
  protected readonly log: FileLog;
  readonly inner: T;
  readonly number: number;

  constructor(log: FileLog, inner: T, number: number = log.number()) {
    this.log = log;
    this.inner = inner;
    this.number = number;
  }

  stat(): FileResult<FileStat> {
    return this.log.call("stat", [this.number], () => this.inner.stat(), stat);
  }

  setTimes(times: FileTimes): FileResult<void> {
    const args = [this.number, times.accessedMs, times.modifiedMs];
    return this.log.call<void>("setTimes", args, () => this.inner.setTimes(times), nothing);
  }
}

class TapedFile extends TapedNode<FileNode> implements FileNode {
  readonly kind = "file";

  open(mode: OpenMode): FileResult<FileHandle> {
    const { read, write, append, truncate } = mode;
    const args = [this.number, read, write, append, truncate];
    // A replay has no handle: what stands on the tape is that there was one.
    let handle: FileHandle = NO_HANDLE;
    const opened = this.log.call<object>(
      "open",
      args,
      () => {
        const result = this.inner.open(mode);
        if (typeof result === "string") return result;
        handle = result;
        return OPENED;
      },
      something,
    );
    return typeof opened === "string" ? opened : new TapedHandle(this.log, handle);
  }
}

class TapedSymlink extends TapedNode<SymlinkNode> implements SymlinkNode {
  readonly kind = "symlink";

  readTarget(): FileResult<{ readonly target: string }> {
    return this.log.call("readTarget", [this.number], () => this.inner.readTarget(), target);
  }
}

class TapedDirectory extends TapedNode<DirectoryNode> implements DirectoryNode {
  readonly kind = "directory";

  lookup(name: string): FileResult<FileSystemNode> {
    return this.#found("lookup", [this.number, name], () => this.inner.lookup(name));
  }

  list(): FileResult<readonly DirectoryEntry[]> {
    return this.log.call("list", [this.number], () => this.inner.list(), entries);
  }

  createFile(name: string): FileResult<FileNode> {
    return this.#found("createFile", [this.number, name], () => this.inner.createFile(name));
  }

  createDirectory(name: string): FileResult<DirectoryNode> {
    return this.#found("createDirectory", [this.number, name], () => this.inner.createDirectory(name));
  }

  createSymlink(name: string, to: string): FileResult<SymlinkNode> {
    return this.#found("createSymlink", [this.number, name, to], () => this.inner.createSymlink(name, to));
  }

  removeFile(name: string): FileResult<void> {
    return this.log.call<void>("removeFile", [this.number, name], () => this.inner.removeFile(name), nothing);
  }

  removeDirectory(name: string): FileResult<void> {
    return this.log.call<void>("removeDirectory", [this.number, name], () => this.inner.removeDirectory(name), nothing);
  }

  rename(name: string, to: DirectoryNode, toName: string): FileResult<void> {
    const place = to instanceof TapedDirectory ? to : undefined;
    const args = [this.number, name, place?.number, toName];
    return this.log.call<void>("rename", args, () => this.inner.rename(name, place?.inner ?? to, toName), nothing);
  }

  link(file: FileNode, toName: string): FileResult<void> {
    const taped = file instanceof TapedFile ? file : undefined;
    const args = [this.number, taped?.number, toName];
    return this.log.call<void>("link", args, () => this.inner.link(taped?.inner ?? file, toName), nothing);
  }

  #found<T extends FileSystemNode>(
    method: FileMethod,
    args: readonly unknown[],
    act: () => FileResult<T>,
  ): FileResult<T> {
    const found = this.log.call<{ readonly kind: T["kind"] }>(method, args, act, node);
    // A replay's node is only its kind, which is all that is looked at before the log.
    return typeof found === "string" ? found : tapedNode(this.log, found as T);
  }
}

class TapedHandle implements FileHandle {
  readonly #log: FileLog;
  readonly #inner: FileHandle;
  readonly #number: number;

  constructor(log: FileLog, inner: FileHandle) {
    this.#log = log;
    this.#inner = inner;
    this.#number = log.number();
  }

  stat(): FileResult<FileStat> {
    return this.#log.call("handleStat", [this.#number], () => this.#inner.stat(), stat);
  }

  read(into: Uint8Array, position: number): FileResult<number> {
    const args = [this.#number, into.length, position];
    return this.#log.call("handleRead", args, () => this.#inner.read(into, position), bytesInto(into));
  }

  write(from: Uint8Array, position: number): FileResult<number> {
    const args = [this.#number, from.length, position];
    return this.#log.call("handleWrite", args, () => this.#inner.write(from, position), countUpTo(from.length));
  }

  truncate(size: number): FileResult<void> {
    return this.#log.call<void>("handleTruncate", [this.#number, size], () => this.#inner.truncate(size), nothing);
  }

  setTimes(times: FileTimes): FileResult<void> {
    const args = [this.#number, times.accessedMs, times.modifiedMs];
    return this.#log.call<void>("handleSetTimes", args, () => this.#inner.setTimes(times), nothing);
  }

  sync(): FileResult<void> {
    return this.#log.call<void>("handleSync", [this.#number], () => this.#inner.sync(), nothing);
  }

  /** Not noted: it answers nothing. */
  close(): void {
    this.#inner.close();
  }
}

const OPENED = {};

const NO_HANDLE: FileHandle = {
  stat: () => "EIO",
  read: () => "EIO",
  write: () => "EIO",
  truncate: () => "EIO",
  setTimes: () => "EIO",
  sync: () => "EIO",
  close: () => undefined,
};
