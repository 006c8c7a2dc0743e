import type {
  DirectoryEntry,
  DirectoryNode,
  Errno,
  FileNode,
  FileResult,
  FileStat,
  FileTimes,
} from "../file-system.ts";
import type { OpenFile, OpenOptions } from "../file-view.ts";
import { isEntryName, MAX_PATH_BYTES, utf8Length } from "../guest-path.ts";
import type { FileUsage, FileViewOptions, OwnedFileView } from "./create-file-view.ts";
import { viewInode, viewStat } from "./inode-numbers.ts";
import { createMountTable, type Mount, type MountTable } from "./mount-table.ts";
import { areTimes, OpenFiles } from "./open-files.ts";
import { type Destination, joinPath, type LastLink, type Place, placeOf, walkPath } from "./path-walk.ts";
import { Refusals } from "./refusals.ts";
import { WorkMeter } from "./work-meter.ts";

const DEFAULT_MAX_OPEN_FILES = 256;

/** A name in a directory where something can be made, removed or moved. */
interface Slot {
  readonly mount: Mount;
  readonly directory: DirectoryNode;
  readonly parent: Place;
  readonly name: string;
}

/** {@link FileView} over a mount table. No method throws, whatever a guest passes or a file system does. */
export class MountedFileView implements OwnedFileView {
  readonly #table: MountTable;
  readonly #meter: WorkMeter;
  readonly #open: OpenFiles;
  readonly #refusals: Refusals = new Refusals();
  readonly #createdMs: number;

  constructor(options: FileViewOptions) {
    const max = options.maxOpenFiles ?? DEFAULT_MAX_OPEN_FILES;
    if (!Number.isInteger(max) || max < 1 || max > 65_536) {
      throw new RangeError(`Cannot open a file view: "maxOpenFiles" must be an integer from 1 to 65536`);
    }
    this.#table = createMountTable(options.mounts, { now: options.now });
    this.#meter = new WorkMeter(options.charge ?? noCharge);
    this.#open = new OpenFiles(max);
    this.#createdMs = options.now();
  }

  get openFiles(): number {
    return this.#open.count;
  }

  get usage(): FileUsage {
    return {
      bytesRead: this.#meter.bytesRead,
      bytesWritten: this.#meter.bytesWritten,
      denials: this.#refusals.denials,
      quotaRefusals: this.#refusals.quota,
    };
  }

  resetUsage(): void {
    this.#meter.reset();
    this.#refusals.reset();
  }

  closeAll(): void {
    this.#open.closeAll();
  }

  reset(): void {
    this.#open.closeAll();
    for (const mount of this.#table.mounts) mount.fileSystem.reset?.();
  }

  dispose(): void {
    this.#open.closeAll();
    for (const mount of this.#table.mounts) mount.fileSystem.dispose?.();
  }

  open(path: string, options: OpenOptions, cwd = "/"): FileResult<OpenFile> {
    return this.#operation("open", path, () => {
      if (this.#open.full) return "EMFILE";
      // O_CREAT | O_EXCL never goes through a symlink, dangling or not.
      const exclusive = options.create === true && options.exclusive === true;
      const found = this.#walk(path, cwd, options.noFollow === true || exclusive ? "keep" : "follow");
      if (typeof found === "string") return found;
      if (found.kind === "missing") return this.#create(found, options);
      if (exclusive) return "EEXIST";
      const place = placeOf(found);
      if (place !== undefined) return this.#openDirectory(place, options);
      // Only a node can have no place; the test is for the type checker.
      if (found.kind !== "node" || found.node.kind === "directory") return "EIO";
      if (found.node.kind === "symlink") return found.directoryOnly ? "ENOTDIR" : "ELOOP";
      if (found.directoryOnly || options.directory === true) return "ENOTDIR";
      return this.#openFile(joinPath(found.parent.path, found.name), found.mount, found.node, options);
    });
  }

  stat(path: string, follow: boolean, cwd = "/"): FileResult<FileStat> {
    return this.#operation("stat", path, () => {
      const found = this.#find(path, cwd, follow);
      if (typeof found === "string") return found;
      const place = placeOf(found);
      if (place !== undefined) return this.#statPlace(place);
      if (found.kind !== "node") return "ENOENT";
      const stat = found.node.stat();
      return typeof stat === "string" ? stat : viewStat(found.mount, stat);
    });
  }

  list(path: string, cwd = "/"): FileResult<readonly DirectoryEntry[]> {
    return this.#operation("list", path, () => {
      const place = this.#directory(path, cwd);
      return typeof place === "string" ? place : this.#listPlace(place);
    });
  }

  makeDirectory(path: string, cwd = "/"): FileResult<void> {
    return this.#operation("makeDirectory", path, () => {
      const slot = this.#vacantSlot(path, cwd, true);
      if (typeof slot === "string") return slot;
      return failure(slot.directory.createDirectory(slot.name));
    });
  }

  symlink(target: string, path: string, cwd = "/"): FileResult<void> {
    return this.#operation("symlink", path, () => {
      if (typeof target !== "string" || target.includes("\0")) return "EINVAL";
      if (target === "") return "ENOENT";
      if (target.length > MAX_PATH_BYTES || utf8Length(target) > MAX_PATH_BYTES) return "ENAMETOOLONG";
      const slot = this.#vacantSlot(path, cwd, false);
      if (typeof slot === "string") return slot;
      return failure(slot.directory.createSymlink(slot.name, target));
    });
  }

  readLink(path: string, cwd = "/"): FileResult<{ readonly target: string }> {
    return this.#operation("readLink", path, () => {
      const found = this.#find(path, cwd, false);
      if (typeof found === "string") return found;
      return found.kind === "node" && found.node.kind === "symlink" ? found.node.readTarget() : "EINVAL";
    });
  }

  removeDirectory(path: string, cwd = "/"): FileResult<void> {
    return this.#operation("removeDirectory", path, () => {
      const found = this.#walk(path, cwd, "name");
      if (typeof found === "string") return found;
      if (found.kind === "missing") return "ENOENT";
      // As on Linux: "." cannot be removed by that name, and a mount point or the root is in use.
      if (found.kind === "place") return found.place.parent === undefined ? "EBUSY" : "EINVAL";
      if (found.kind === "virtual") return "EBUSY";
      if (found.node.kind !== "directory") return "ENOTDIR";
      const slot = this.#slot(found.parent, found.name);
      return typeof slot === "string" ? slot : slot.directory.removeDirectory(slot.name);
    });
  }

  removeFile(path: string, cwd = "/"): FileResult<void> {
    return this.#operation("removeFile", path, () => {
      const found = this.#walk(path, cwd, "name");
      if (typeof found === "string") return found;
      if (found.kind === "missing") return "ENOENT";
      if (placeOf(found) !== undefined || found.kind !== "node") return "EISDIR";
      if (found.directoryOnly) return "ENOTDIR";
      const slot = this.#slot(found.parent, found.name);
      return typeof slot === "string" ? slot : slot.directory.removeFile(slot.name);
    });
  }

  rename(from: string, to: string, cwd = "/"): FileResult<void> {
    return this.#operation("rename", to, () => {
      const source = this.#walk(from, cwd, "name");
      if (typeof source === "string") return source;
      const target = this.#walk(to, cwd, "name");
      if (typeof target === "string") return target;
      if (source.kind === "missing") return "ENOENT";
      if (source.kind !== "node" || target.kind === "place" || target.kind === "virtual") return "EBUSY";
      const isDirectory = source.node.kind === "directory";
      if (!isDirectory && (source.directoryOnly || target.directoryOnly)) return "ENOTDIR";
      const targetMount = mountOf(target.parent);
      if (targetMount !== source.mount) return targetMount === undefined ? "EROFS" : "EXDEV";
      if (isDirectory && isInside(target.parent.path, joinPath(source.parent.path, source.name))) return "EINVAL";
      const out = this.#slot(source.parent, source.name);
      if (typeof out === "string") return out;
      const into = this.#slot(target.parent, target.name);
      if (typeof into === "string") return into;
      return out.directory.rename(out.name, into.directory, into.name);
    });
  }

  link(from: string, to: string, cwd = "/"): FileResult<void> {
    return this.#operation("link", to, () => {
      const source = this.#find(from, cwd, false);
      if (typeof source === "string") return source;
      if (source.kind !== "node" || source.node.kind !== "file") return "EPERM";
      const target = this.#walk(to, cwd, "name");
      if (typeof target === "string") return target;
      if (target.kind !== "missing") return "EEXIST";
      if (target.directoryOnly) return "ENOENT";
      const targetMount = mountOf(target.parent);
      if (targetMount !== source.mount) return targetMount === undefined ? "EROFS" : "EXDEV";
      const slot = this.#slot(target.parent, target.name);
      return typeof slot === "string" ? slot : slot.directory.link(source.node, slot.name);
    });
  }

  setTimes(path: string, times: FileTimes, follow: boolean, cwd = "/"): FileResult<void> {
    return this.#operation("setTimes", path, () => {
      if (!areTimes(times)) return "EINVAL";
      const found = this.#find(path, cwd, follow);
      if (typeof found === "string") return found;
      const place = placeOf(found);
      if (place !== undefined) {
        const { directory } = place;
        return "mount" in directory && directory.mount.writable ? directory.node.setTimes(times) : "EROFS";
      }
      if (found.kind !== "node") return "ENOENT";
      return found.mount.writable ? found.node.setTimes(times) : "EROFS";
    });
  }

  canonicalize(path: string, cwd = "/"): FileResult<{ readonly path: string }> {
    return this.#operation("canonicalize", path, () => {
      const found = this.#find(path, cwd, true);
      if (typeof found === "string") return found;
      if (found.kind === "place") return { path: found.place.path };
      return { path: joinPath(found.parent.path, found.name) };
    });
  }

  /** Charges, and keeps every exception of a file system away from the guest: it could carry a host path. */
  #operation<T>(name: string, path: string, operation: () => FileResult<T>): FileResult<T> {
    if (!this.#meter.operation(undefined)) return "EIO";
    try {
      const result = operation();
      if (typeof result === "string") this.#refusals.note(name, path, result as Errno);
      return result;
    } catch {
      return "EIO";
    } finally {
      this.#settle();
    }
  }

  #settle(): void {
    for (const { fileSystem } of this.#table.mounts) {
      try {
        fileSystem.settle?.();
      } catch {
        // Releasing is a courtesy; the operation has its result already.
      }
    }
  }

  #walk(path: string, cwd: string, lastLink: LastLink): Destination | Errno {
    return walkPath({ table: this.#table, step: (mount) => this.#meter.operation(mount) }, path, cwd, lastLink);
  }

  /** A walk to something that is there. */
  #find(path: string, cwd: string, follow: boolean): Exclude<Destination, { kind: "missing" }> | Errno {
    const found = this.#walk(path, cwd, follow ? "follow" : "keep");
    if (typeof found === "string") return found;
    if (found.kind === "missing") return "ENOENT";
    if (found.kind === "node" && found.directoryOnly && found.node.kind !== "directory") return "ENOTDIR";
    return found;
  }

  #directory(path: string, cwd: string): Place | Errno {
    const found = this.#find(path, cwd, true);
    return typeof found === "string" ? found : (placeOf(found) ?? "ENOTDIR");
  }

  /** Where something new can be made. */
  #vacantSlot(path: string, cwd: string, directory: boolean): Slot | Errno {
    const found = this.#walk(path, cwd, "name");
    if (typeof found === "string") return found;
    if (found.kind !== "missing") return "EEXIST";
    if (found.directoryOnly && !directory) return "ENOENT";
    return this.#slot(found.parent, found.name);
  }

  #slot(parent: Place, name: string): Slot | Errno {
    const { directory } = parent;
    if (!("mount" in directory) || !directory.mount.writable) return "EROFS";
    if (!this.#meter.change(directory.mount)) return "EIO";
    return { mount: directory.mount, directory: directory.node, parent, name };
  }

  #create(missing: Extract<Destination, { kind: "missing" }>, options: OpenOptions): FileResult<OpenFile> {
    if (options.create !== true) return "ENOENT";
    if (missing.directoryOnly) return "EISDIR";
    // As newer Linux: O_CREAT does not make directories, so the two together make no sense.
    if (options.directory === true) return "EINVAL";
    const slot = this.#slot(missing.parent, missing.name);
    if (typeof slot === "string") return slot;
    const node = slot.directory.createFile(slot.name);
    if (typeof node === "string") return node;
    return this.#openFile(joinPath(missing.parent.path, missing.name), slot.mount, node, options);
  }

  #openFile(path: string, mount: Mount, node: FileNode, options: OpenOptions): FileResult<OpenFile> {
    const append = options.append === true;
    const truncate = options.truncate === true;
    const write = options.write || append;
    if ((write || truncate) && !mount.writable) return "EROFS";
    if (truncate && !write) return "EINVAL";
    if (!this.#meter.operation(mount)) return "EIO";
    const handle = node.open({ read: options.read, write, append, truncate });
    return typeof handle === "string" ? handle : this.#open.addFile(path, mount, handle, this.#meter, this.#refusals);
  }

  #openDirectory(place: Place, options: OpenOptions): FileResult<OpenFile> {
    if (options.write || options.append === true || options.truncate === true) return "EISDIR";
    if (options.create === true && options.directory !== true) return "EISDIR";
    return this.#open.addDirectory(
      place.path,
      () => this.#operation("stat", place.path, () => this.#statPlace(place)),
      () => this.#operation("list", place.path, () => this.#listPlace(place)),
    );
  }

  #statPlace(place: Place): FileResult<FileStat> {
    const { directory } = place;
    if ("mount" in directory) {
      const stat = directory.node.stat();
      return typeof stat === "string" ? stat : viewStat(directory.mount, stat);
    }
    const times = { accessedMs: this.#createdMs, modifiedMs: this.#createdMs, changedMs: this.#createdMs };
    return { kind: "directory", size: 0, inode: directory.inode, links: 2, writable: false, ...times };
  }

  #listPlace(place: Place): FileResult<readonly DirectoryEntry[]> {
    const { directory } = place;
    if (!("mount" in directory)) {
      return Array.from(directory.children, ([name, child]) => {
        const inode = "children" in child ? child.inode : rootInode(child);
        return { name, kind: "directory", inode };
      });
    }
    const { mount, node } = directory;
    if (!this.#meter.operation(mount)) return "EIO";
    const entries = node.list();
    if (typeof entries === "string") return entries;
    if (!this.#meter.entries(mount, entries.length)) return "EIO";
    return entries
      .filter((entry) => isEntryName(entry.name))
      .map((entry) => ({ name: entry.name, kind: entry.kind, inode: viewInode(mount, entry.inode) }));
  }
}

function noCharge(): boolean {
  return true;
}

function mountOf(place: Place): Mount | undefined {
  return "mount" in place.directory ? place.directory.mount : undefined;
}

/** Whether `path` is `directory` or lies below it. Both are canonical. */
function isInside(path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}/`);
}

function rootInode(mount: Mount): number {
  const stat = mount.root.stat();
  return viewInode(mount, typeof stat === "string" ? 0 : stat.inode);
}

function failure(result: FileResult<unknown>): Errno | undefined {
  return typeof result === "string" ? (result as Errno) : undefined;
}
