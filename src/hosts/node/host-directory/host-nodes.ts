import {
  closeSync,
  constants,
  fstatSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
} from "node:fs";
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
} from "../../../capabilities/files/file-system.ts";
import type { Location } from "./broker.ts";
import { decodeName } from "./decode-name.ts";
import { attempt, ErrnoFailure } from "./errno-failure.ts";
import { HostHandle } from "./host-handle.ts";
import { guestStat, identityOf, refuseShared } from "./host-stat.ts";
import type { HostTree } from "./host-tree.ts";
import { listEntries } from "./list-entries.ts";
import { mergedTimes } from "./merged-times.ts";

/** Made by a guest: for the owner to change, for all to read, never executable. The process's umask takes its part. */
const FILE_MODE = 0o644;
const DIRECTORY_MODE = 0o755;

abstract class HostNode {
  readonly tree: HostTree;
  readonly location: Location;

  constructor(tree: HostTree, location: Location) {
    this.tree = tree;
    this.location = location;
  }

  stat(): FileResult<FileStat> {
    return attempt(() => {
      this.tree.checkOpen();
      return guestStat(this.tree.broker.stats(this.location), this.tree.writable);
    });
  }

  setTimes(times: FileTimes): FileResult<void> {
    return attempt(() => {
      this.tree.checkWritable();
      const { broker } = this.tree;
      const stats = broker.stats(this.location);
      refuseShared(stats);
      const { accessed, modified } = mergedTimes(times, stats);
      const { parent, name, identity } = this.location;
      if (identity.kind === "symlink" && parent !== undefined) {
        lutimesSync(broker.entryPath(parent, name), accessed, modified);
      } else {
        utimesSync(broker.pathOf(this.location), accessed, modified);
      }
      broker.confirm(this.location);
    });
  }
}

export class HostFileNode extends HostNode implements FileNode {
  readonly kind = "file";

  open(mode: OpenMode): FileResult<FileHandle> {
    return attempt(() => HostHandle.open(this.tree, this.location, mode));
  }
}

export class HostSymlinkNode extends HostNode implements SymlinkNode {
  readonly kind = "symlink";

  readTarget(): FileResult<{ readonly target: string }> {
    return attempt(() => {
      this.tree.checkOpen();
      const { parent, name } = this.location;
      if (parent === undefined) throw new ErrnoFailure("EINVAL");
      const path = this.tree.broker.entryPath(parent, name);
      const bytes = attempt(() => readlinkSync(path, { encoding: "buffer" }));
      // EINVAL: something else has the name by now, so this link is gone.
      if (typeof bytes === "string") throw new ErrnoFailure(bytes === "EINVAL" ? "ENOENT" : bytes);
      this.tree.broker.confirm(parent);
      return { target: decodeName(bytes) ?? fail("EINVAL") };
    });
  }
}

export class HostDirectoryNode extends HostNode implements DirectoryNode {
  readonly kind = "directory";

  lookup(name: string): FileResult<FileSystemNode> {
    return attempt(() => this.#look(name));
  }

  list(): FileResult<readonly DirectoryEntry[]> {
    return attempt(() => {
      this.tree.checkOpen();
      return listEntries(this.tree, this.location);
    });
  }

  createFile(name: string): FileResult<FileNode> {
    return attempt(() => {
      const location = this.#make(name, (path) => {
        const flags = constants.O_CREAT | constants.O_EXCL | constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0);
        const descriptor = openSync(path, flags, FILE_MODE);
        try {
          return identityOf(fstatSync(descriptor, { bigint: true }));
        } finally {
          closeSync(descriptor);
        }
      });
      return new HostFileNode(this.tree, location);
    });
  }

  createDirectory(name: string): FileResult<DirectoryNode> {
    return attempt(() => {
      const { broker } = this.tree;
      const location = this.#make(name, (path) => {
        mkdirSync(path, DIRECTORY_MODE);
        return broker.look(this.location, name).location.identity;
      });
      if (location.identity.kind !== "directory") throw new ErrnoFailure("ENOENT");
      return new HostDirectoryNode(this.tree, location);
    });
  }

  createSymlink(name: string, target: string): FileResult<SymlinkNode> {
    return attempt(() => {
      this.tree.checkLinks();
      const { broker } = this.tree;
      const location = this.#make(name, (path) => {
        symlinkSync(target, path);
        return broker.look(this.location, name).location.identity;
      });
      if (location.identity.kind !== "symlink") throw new ErrnoFailure("ENOENT");
      return new HostSymlinkNode(this.tree, location);
    });
  }

  removeFile(name: string): FileResult<void> {
    return attempt(() => {
      const entry = this.#changeable(name);
      if (entry.kind === "directory") throw new ErrnoFailure("EISDIR");
      unlinkSync(this.tree.broker.entryPath(this.location, name));
    });
  }

  removeDirectory(name: string): FileResult<void> {
    return attempt(() => {
      const entry = this.#changeable(name);
      if (entry.kind !== "directory") throw new ErrnoFailure("ENOTDIR");
      rmdirSync(this.tree.broker.entryPath(this.location, name));
    });
  }

  rename(name: string, to: DirectoryNode, toName: string): FileResult<void> {
    return attempt(() => {
      if (!(to instanceof HostDirectoryNode) || to.tree !== this.tree) throw new ErrnoFailure("EXDEV");
      const moved = this.#changeable(name);
      const replaced = attempt(() => to.#changeable(toName));
      if (typeof replaced === "string") {
        if (replaced !== "ENOENT") throw new ErrnoFailure(replaced);
        // Not there, or hidden: what is hidden cannot be replaced.
        this.tree.names.checkNew(toName);
      } else if (moved.kind === "directory" && replaced.kind !== "directory") {
        throw new ErrnoFailure("ENOTDIR");
      } else if (moved.kind !== "directory" && replaced.kind === "directory") {
        throw new ErrnoFailure("EISDIR");
      }
      const { broker } = this.tree;
      renameSync(broker.entryPath(this.location, name), broker.entryPath(to.location, toName));
    });
  }

  link(node: FileNode | SymlinkNode, toName: string): FileResult<void> {
    return attempt(() => {
      this.tree.checkLinks();
      if (!(node instanceof HostFileNode || node instanceof HostSymlinkNode) || node.tree !== this.tree)
        throw new ErrnoFailure("EXDEV");
      const { parent, name } = node.location;
      if (parent === undefined) throw new ErrnoFailure("EPERM");
      const { broker } = this.tree;
      this.#make(toName, (path) => {
        linkSync(broker.entryPath(parent, name), path);
        broker.confirm(parent);
        return broker.look(this.location, toName).location.identity;
      });
    });
  }

  #look(name: string): FileSystemNode {
    this.tree.checkOpen();
    this.tree.names.check(name);
    if (this.tree.names.hides(name)) throw new ErrnoFailure("ENOENT");
    const { location } = this.tree.broker.look(this.location, name);
    if (location.identity.kind === "file") return new HostFileNode(this.tree, location);
    if (location.identity.kind === "directory") return new HostDirectoryNode(this.tree, location);
    return new HostSymlinkNode(this.tree, location);
  }

  /** An entry that exists for the guest (no device, not hidden), in a mount that can be changed. */
  #changeable(name: string): FileSystemNode {
    this.tree.checkWritable();
    return this.#look(name);
  }

  #make(name: string, create: (path: string) => Location["identity"]): Location {
    this.tree.checkWritable();
    this.tree.names.checkNew(name);
    const { broker, budget } = this.tree;
    budget.takeEntry();
    try {
      const identity = create(broker.entryPath(this.location, name));
      broker.confirm(this.location);
      return { parent: this.location, name, identity };
    } catch (error) {
      budget.returnEntry();
      throw error;
    }
  }
}

function fail(code: ErrnoFailure["code"]): never {
  throw new ErrnoFailure(code);
}
