import type { DirectoryEntry, DirectoryNode, Errno, FileResult, FileStat } from "../file-system.ts";
import { isEntryName } from "../guest-path.ts";
import { viewInode, viewStat } from "./inode-numbers.ts";
import { type Mount, type MountTable, ownersTable } from "./mount-table.ts";
import {
  type Destination,
  joinPath,
  type LastLink,
  type PathWalk,
  type Place,
  placeOf,
  walkPath,
} from "./path-walk.ts";
import { ChangeLog } from "./change-log.ts";
import { Refusals } from "./refusals.ts";
import { hasStackHeadroom } from "./stack-headroom.ts";
import { WorkMeter } from "./work-meter.ts";

/** A name in a directory where something can be made, removed or moved. */
export interface Slot {
  readonly mount: Mount;
  readonly directory: DirectoryNode;
  readonly parent: Place;
  readonly name: string;
}

/** How the operations of a view reach the tree: metered, with every refusal noted and no exception let through. */
export class TreeAccess {
  readonly table: MountTable;
  readonly meter: WorkMeter;
  readonly refusals: Refusals = new Refusals();
  readonly changes: ChangeLog = new ChangeLog();
  readonly #createdMs: number;
  readonly #walk: PathWalk;
  /** Whether an operation that breaks off in the middle could leave something of the host open. */
  readonly #fragile: boolean;
  /** Whether the operation in progress came to where nothing is mounted. */
  #outside = false;

  /** `confined`: no symlink leads out of its mount. */
  constructor(table: MountTable, charge: (units: number) => unknown, createdMs: number, confined = false) {
    this.table = table;
    this.meter = new WorkMeter(charge);
    this.#walk = {
      table,
      step: (mount) => this.meter.operation(mount),
      confined,
      outside: () => {
        this.#outside = true;
      },
    };
    this.#createdMs = createdMs;
    this.#fragile = table.mounts.some(({ fileSystem }) => fileSystem.kind !== "memory");
  }

  /** The same tree for the sandbox's owner: nobody pays, and no symlink of the guest's leads into another mount. */
  hostAccess(): TreeAccess {
    return new TreeAccess(ownersTable(this.table), () => true, this.#createdMs, true);
  }

  /** Charges, and keeps every exception of a file system away from the guest: it could carry a host path. */
  operation<T>(name: string, path: string, operation: () => FileResult<T>): FileResult<T> {
    this.#outside = false;
    try {
      if (!this.meter.operation(undefined) || (this.#fragile && !hasStackHeadroom())) return "EIO";
      const result = operation();
      if (typeof result === "string") this.refusals.note(name, path, result as Errno, this.#outside);
      return result;
    } catch {
      return "EIO";
    } finally {
      this.#settle();
    }
  }

  /** A walk to something that is there. */
  find(path: string, cwd: string, follow: boolean): Exclude<Destination, { kind: "missing" }> | Errno {
    const found = this.walk(path, cwd, follow ? "follow" : "keep");
    if (typeof found === "string") return found;
    if (found.kind === "missing") return "ENOENT";
    if (found.kind === "node" && found.directoryOnly && found.node.kind !== "directory") return "ENOTDIR";
    return found;
  }

  directory(path: string, cwd: string): Place | Errno {
    const found = this.find(path, cwd, true);
    return typeof found === "string" ? found : (placeOf(found) ?? "ENOTDIR");
  }

  /** Where something new can be made. */
  vacantSlot(path: string, cwd: string, directory: boolean): Slot | Errno {
    const found = this.walk(path, cwd, "name");
    if (typeof found === "string") return found;
    if (found.kind !== "missing") return "EEXIST";
    if (found.directoryOnly && !directory) return "ENOENT";
    return this.slot(found.parent, found.name);
  }

  slot(parent: Place, name: string): Slot | Errno {
    const { directory } = parent;
    if (!("mount" in directory) || !directory.mount.writable) return "EROFS";
    if (!this.meter.change(directory.mount) || !hasStackHeadroom()) return "EIO";
    return { mount: directory.mount, directory: directory.node, parent, name };
  }

  statPlace(place: Place): FileResult<FileStat> {
    const { directory } = place;
    if ("mount" in directory) {
      const stat = directory.node.stat();
      return typeof stat === "string" ? stat : viewStat(directory.mount, stat);
    }
    const times = { accessedMs: this.#createdMs, modifiedMs: this.#createdMs, changedMs: this.#createdMs };
    return { kind: "directory", size: 0, inode: directory.inode, links: 2, writable: false, ...times };
  }

  listPlace(place: Place): FileResult<readonly DirectoryEntry[]> {
    const { directory } = place;
    if (!("mount" in directory)) {
      return Array.from(directory.children, ([name, child]) => {
        const inode = "children" in child ? child.inode : rootInode(child);
        return { name, kind: "directory", inode };
      });
    }
    const { mount, node } = directory;
    if (!this.meter.operation(mount)) return "EIO";
    const entries = node.list();
    if (typeof entries === "string") return entries;
    if (!this.meter.entries(mount, entries.length)) return "EIO";
    return entries
      .filter((entry) => isEntryName(entry.name))
      .map((entry) => ({ name: entry.name, kind: entry.kind, inode: viewInode(mount, entry.inode) }));
  }

  walk(path: string, cwd: string, lastLink: LastLink): Destination | Errno {
    return walkPath(this.#walk, path, cwd, lastLink);
  }

  #settle(): void {
    for (const { fileSystem } of this.table.mounts) {
      try {
        fileSystem.settle?.();
      } catch {
        // Releasing is a courtesy; the operation has its result already.
      }
    }
  }
}

/** The canonical path of a slot. */
export function slotPath({ parent, name }: Slot): string {
  return joinPath(parent.path, name);
}

/** Undefined for the virtual tree above the mounts. */
export function mountOf(place: Place): Mount | undefined {
  return "mount" in place.directory ? place.directory.mount : undefined;
}

function rootInode(mount: Mount): number {
  const stat = mount.root.stat();
  return viewInode(mount, typeof stat === "string" ? 0 : stat.inode);
}
