import type {
  DirectoryEntry,
  Errno,
  FileResult,
  FileStat,
  FileSystem,
  FileSystemNode,
  FileTimes,
} from "../file-system.ts";
import type { WardianError } from "../../../errors.ts";
import type { FileSystemState } from "../file-system-state.ts";
import type { FileView, OpenFile, OpenFileState, OpenOptions } from "../file-view.ts";
import { MAX_PATH_BYTES, utf8Length } from "../guest-path.ts";
import type { FileUsage, OwnedFileView } from "./create-file-view.ts";
import { viewStat } from "./inode-numbers.ts";
import type { ChangeReport, Look } from "./change-log.ts";
import { areTimes } from "./metered-handle.ts";
import { OpenFiles } from "./open-files.ts";
import { openPath } from "./open-path.ts";
import type { Mount } from "./mount-table.ts";
import { isInside, joinPath, placeOf } from "./path-walk.ts";
import { renamePath } from "./rename-path.ts";
import { reopenFile } from "./reopen-file.ts";
import { mountOf, type Slot, slotPath, type TreeAccess } from "./tree-access.ts";

/** The owner opens one file at a time, but may be asked for another one by the first one's reader. */
const OWNERS_OPEN_FILES = 16;

/** {@link FileView} over a mount table. No method throws, whatever a guest passes or a file system does (but for the engine's own stack overflow in its caller). */
export class MountedFileView implements OwnedFileView {
  readonly #tree: TreeAccess;
  readonly #open: OpenFiles;
  #owners: MountedFileView | undefined;

  constructor(tree: TreeAccess, open: OpenFiles) {
    this.#tree = tree;
    this.#open = open;
  }

  get openFiles(): number {
    return this.#open.count;
  }

  get usage(): FileUsage {
    return {
      bytesRead: this.#tree.meter.bytesRead,
      bytesWritten: this.#tree.meter.bytesWritten,
      denials: this.#tree.refusals.denials,
      quotaRefusals: this.#tree.refusals.quota,
    };
  }

  changes(): ChangeReport {
    return this.#tree.changes.report();
  }

  hostAccess(): FileView {
    this.#owners ??= new MountedFileView(this.#tree.hostAccess(), new OpenFiles(OWNERS_OPEN_FILES));
    return this.#owners;
  }

  mountAt(path: string): Mount | undefined {
    return this.#tree.table.mounts.find((mount) => isInside(path, mount.path) || mount.path === "/");
  }

  takeFault(): { readonly error: WardianError } | undefined {
    return this.#tree.table.faults.take();
  }

  resetUsage(): void {
    this.#tree.changes.reset();
    this.#tree.meter.reset();
    this.#tree.refusals.reset();
  }

  closeAll(): void {
    this.#open.closeAll();
  }

  reset(): void {
    this.#open.closeAll();
    for (const mount of this.#tree.table.mounts) mount.fileSystem.reset?.();
  }

  capture(): ReadonlyMap<string, FileSystemState> {
    const contents = new Map<string, FileSystemState>();
    for (const { path, fileSystem } of this.#tree.table.mounts) {
      const content = fileSystem.capture?.();
      if (content !== undefined) contents.set(path, content);
    }
    return contents;
  }

  restore(contents: ReadonlyMap<string, FileSystemState>): void {
    for (const { path, fileSystem } of this.#tree.table.mounts) {
      const content = contents.get(path);
      if (content !== undefined) fileSystem.restore?.(content);
    }
  }

  forkMounts(): ReadonlyMap<string, FileSystem> {
    return new Map(this.#tree.table.mounts.map(({ path, fileSystem }) => [path, fileSystem.fork?.() ?? fileSystem]));
  }

  dispose(): void {
    this.#open.closeAll();
    for (const mount of this.#tree.table.mounts) mount.fileSystem.dispose?.();
  }

  open(path: string, options: OpenOptions, cwd = "/"): FileResult<OpenFile> {
    return this.#tree.operation("open", path, () => openPath(this.#tree, this.#open, path, options, cwd));
  }

  reopen(state: OpenFileState): FileResult<OpenFile> {
    return this.#tree.operation("open", state.path, () => reopenFile(this.#tree, this.#open, state));
  }

  stat(path: string, follow: boolean, cwd = "/"): FileResult<FileStat> {
    return this.#tree.operation("stat", path, () => {
      const found = this.#tree.find(path, cwd, follow);
      if (typeof found === "string") return found;
      const place = placeOf(found);
      if (place !== undefined) return this.#tree.statPlace(place);
      if (found.kind !== "node") return "ENOENT";
      const stat = found.node.stat();
      return typeof stat === "string" ? stat : viewStat(found.mount, stat);
    });
  }

  list(path: string, cwd = "/"): FileResult<readonly DirectoryEntry[]> {
    return this.#tree.operation("list", path, () => {
      const place = this.#tree.directory(path, cwd);
      return typeof place === "string" ? place : this.#tree.listPlace(place);
    });
  }

  makeDirectory(path: string, cwd = "/"): FileResult<void> {
    return this.#tree.operation("makeDirectory", path, () => {
      const slot = this.#tree.vacantSlot(path, cwd, true);
      if (typeof slot === "string") return slot;
      return this.#made(slot, slot.directory.createDirectory(slot.name), { type: "directory", size: 0 });
    });
  }

  symlink(target: string, path: string, cwd = "/"): FileResult<void> {
    return this.#tree.operation("symlink", path, () => {
      if (typeof target !== "string" || target.includes("\0")) return "EINVAL";
      if (target === "") return "ENOENT";
      if (target.length > MAX_PATH_BYTES || utf8Length(target) > MAX_PATH_BYTES) return "ENAMETOOLONG";
      const slot = this.#tree.vacantSlot(path, cwd, false);
      if (typeof slot === "string") return slot;
      return this.#made(slot, slot.directory.createSymlink(slot.name, target), {
        type: "symlink",
        size: target.length,
      });
    });
  }

  readLink(path: string, cwd = "/"): FileResult<{ readonly target: string }> {
    return this.#tree.operation("readLink", path, () => {
      const found = this.#tree.find(path, cwd, false);
      if (typeof found === "string") return found;
      return found.kind === "node" && found.node.kind === "symlink" ? found.node.readTarget() : "EINVAL";
    });
  }

  removeDirectory(path: string, cwd = "/"): FileResult<void> {
    return this.#tree.operation("removeDirectory", path, () => {
      const found = this.#tree.walk(path, cwd, "name");
      if (typeof found === "string") return found;
      if (found.kind === "missing") return "ENOENT";
      // As on Linux: "." cannot be removed by that name, and a mount point or the root is in use.
      if (found.kind === "place") return found.place.parent === undefined ? "EBUSY" : "EINVAL";
      if (found.kind === "virtual") return "EBUSY";
      if (found.node.kind !== "directory") return "ENOTDIR";
      const slot = this.#tree.slot(found.parent, found.name);
      return typeof slot === "string" ? slot : this.#remove(slot, found.node);
    });
  }

  removeFile(path: string, cwd = "/"): FileResult<void> {
    return this.#tree.operation("removeFile", path, () => {
      const found = this.#tree.walk(path, cwd, "name");
      if (typeof found === "string") return found;
      if (found.kind === "missing") return "ENOENT";
      if (placeOf(found) !== undefined || found.kind !== "node") return "EISDIR";
      if (found.directoryOnly) return "ENOTDIR";
      const slot = this.#tree.slot(found.parent, found.name);
      return typeof slot === "string" ? slot : this.#remove(slot, found.node);
    });
  }

  rename(from: string, to: string, cwd = "/"): FileResult<void> {
    return this.#tree.operation("rename", to, () => renamePath(this.#tree, from, to, cwd));
  }

  link(from: string, to: string, cwd = "/"): FileResult<void> {
    return this.#tree.operation("link", to, () => {
      const source = this.#tree.find(from, cwd, false);
      if (typeof source === "string") return source;
      if (source.kind !== "node" || source.node.kind === "directory") return "EPERM";
      const target = this.#tree.walk(to, cwd, "name");
      if (typeof target === "string") return target;
      if (target.kind !== "missing") return "EEXIST";
      if (target.directoryOnly) return "ENOENT";
      const targetMount = mountOf(target.parent);
      if (targetMount !== source.mount) return targetMount === undefined ? "EROFS" : "EXDEV";
      const slot = this.#tree.slot(target.parent, target.name);
      if (typeof slot === "string") return slot;
      const look = this.#tree.changes.look(joinPath(source.parent.path, source.name), source.node);
      return this.#made(slot, slot.directory.link(source.node, slot.name), look);
    });
  }

  setTimes(path: string, times: FileTimes, follow: boolean, cwd = "/"): FileResult<void> {
    return this.#tree.operation("setTimes", path, () => {
      if (!areTimes(times)) return "EINVAL";
      const found = this.#tree.find(path, cwd, follow);
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
    return this.#tree.operation("canonicalize", path, () => {
      const found = this.#tree.find(path, cwd, true);
      if (typeof found === "string") return found;
      if (found.kind === "place") return { path: found.place.path };
      return { path: joinPath(found.parent.path, found.name) };
    });
  }

  #made(slot: Slot, result: FileResult<unknown>, look: Look): Errno | undefined {
    if (typeof result === "string") return result as Errno;
    this.#tree.changes.made(slotPath(slot), look);
    return undefined;
  }

  #remove(slot: Slot, node: FileSystemNode): FileResult<void> {
    const { changes } = this.#tree;
    const path = slotPath(slot);
    const look = changes.look(path, node);
    const { directory, name } = slot;
    const failed = node.kind === "directory" ? directory.removeDirectory(name) : directory.removeFile(name);
    if (failed === undefined) changes.removed(path, look);
    return failed;
  }
}
