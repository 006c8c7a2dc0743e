import { WardianError } from "../../../errors.ts";
import type { FaultReport } from "../checked/answer-check.ts";
import { FaultLog } from "../checked/fault-log.ts";
import { openRoot } from "../checked/open-root.ts";
import { HOST_COSTS, MEMORY_COSTS } from "../file-charges.ts";
import type { DirectoryNode, FileCosts, FileSystem, FileSystemContext } from "../file-system.ts";
import { isEntryName, MAX_PATH_BYTES, utf8Length } from "../guest-path.ts";

/** A file system at its place in the guest's tree. */
export interface Mount {
  readonly path: string;
  readonly fileSystem: FileSystem;
  readonly root: DirectoryNode;
  readonly writable: boolean;
  readonly costs: FileCosts;
  /** From 1; 0 is the virtual tree above the mount points. Makes inode numbers unique in one view. */
  readonly index: number;
}

/** The root, or a directory that exists only because a mount point lies below it. Nothing can be changed in it. */
export interface VirtualDirectory {
  readonly inode: number;
  readonly children: ReadonlyMap<string, VirtualDirectory | Mount>;
}

export interface MountTable {
  /** A mount if it is mounted at "/". */
  readonly root: VirtualDirectory | Mount;
  readonly mounts: readonly Mount[];
  /** Of all mounts. */
  readonly faults: FaultLog;
}

/** Inode numbers are `index * 2 ** 44 + own number`, and must stay exact. */
export const MAX_MOUNTS = 256;

interface GrowingDirectory extends VirtualDirectory {
  readonly children: Map<string, GrowingDirectory | Mount>;
}

/**
 * Checks the mount points and opens the root of each file system.
 *
 * @throws WardianError `invalid-mount` that names the mount point, both of them if two overlap
 */
export function createMountTable(mounts: ReadonlyMap<string, FileSystem>, context: FileSystemContext): MountTable {
  const points = [...mounts.keys()];
  if (points.length >= MAX_MOUNTS) {
    throw new WardianError(
      "invalid-mount",
      `Cannot mount ${points.length} directories: at most ${MAX_MOUNTS - 1} are allowed`,
    );
  }
  for (const point of points) checkMountPoint(point);
  checkOverlaps(points);

  const faults = new FaultLog();
  const opened: Mount[] = [];
  const root: GrowingDirectory = { inode: 1, children: new Map() };
  let nextInode = 2;
  for (const [path, fileSystem] of mounts) {
    const mount = openMount(path, fileSystem, opened.length + 1, context, opened, faults);
    opened.push(mount);
    const names = path.split("/").slice(1);
    const last = names.pop() ?? "";
    if (last === "") return { root: mount, mounts: opened, faults };
    let directory = root;
    for (const name of names) {
      const child = directory.children.get(name);
      // A mount cannot be met here: overlaps are refused above.
      if (child !== undefined && "children" in child) {
        directory = child;
        continue;
      }
      const created: GrowingDirectory = { inode: nextInode, children: new Map() };
      nextInode += 1;
      directory.children.set(name, created);
      directory = created;
    }
    directory.children.set(last, mount);
  }
  return { root, mounts: opened, faults };
}

/** The same mounts with the powers of the sandbox's owner. */
export function ownersTable(table: MountTable): MountTable {
  const mounts = new Map<Mount, Mount>(
    table.mounts.map((mount) => {
      const root = mount.fileSystem.ownerRoot?.();
      return [mount, root === undefined ? mount : { ...mount, root, writable: true }];
    }),
  );
  const copy = (entry: VirtualDirectory | Mount): VirtualDirectory | Mount => {
    if (!("children" in entry)) return mounts.get(entry) ?? entry;
    return { ...entry, children: new Map(Array.from(entry.children, ([name, child]) => [name, copy(child)])) };
  };
  return { root: copy(table.root), mounts: [...mounts.values()], faults: table.faults };
}

function checkMountPoint(path: string): void {
  if (typeof path !== "string") throw new TypeError("Cannot mount a directory: the mount point must be a string");
  const quoted = JSON.stringify(path);
  if (!path.startsWith("/"))
    throw new WardianError("invalid-mount", `Cannot mount ${quoted}: a mount point starts with "/"`);
  if (utf8Length(path) > MAX_PATH_BYTES)
    throw new WardianError("invalid-mount", `Cannot mount ${quoted}: the path is too long`);
  if (path === "/") return;
  const wrong = path
    .slice(1)
    .split("/")
    .find((name) => !isEntryName(name));
  if (wrong === undefined) return;
  throw new WardianError(
    "invalid-mount",
    `Cannot mount ${quoted}: ${JSON.stringify(wrong)} cannot be a part of a mount point`,
  );
}

function checkOverlaps(points: readonly string[]): void {
  // After sorting by components an outer mount point stands directly before the first one inside it.
  const sorted = points.toSorted((a, b) => (withSlash(a) < withSlash(b) ? -1 : 1));
  for (const [index, inner] of sorted.entries()) {
    const outer = sorted[index - 1];
    if (outer === undefined || !withSlash(inner).startsWith(withSlash(outer))) continue;
    throw new WardianError(
      "invalid-mount",
      `Cannot mount ${JSON.stringify(inner)}: it lies inside another mount point, ${JSON.stringify(outer)}`,
    );
  }
}

function withSlash(path: string): string {
  return path.endsWith("/") ? path : `${path}/`;
}

function openMount(
  path: string,
  fileSystem: FileSystem,
  index: number,
  context: FileSystemContext,
  opened: readonly Mount[],
  faults: FaultLog,
): Mount {
  const quoted = JSON.stringify(path);
  const fault: FaultReport = (operation, why, cause) => faults.note(path, operation, why, cause);
  try {
    if (typeof fileSystem?.root !== "function") throw new WardianError("invalid-mount", "it is not a file system");
    const twin = opened.find((mount) => mount.fileSystem === fileSystem);
    if (twin !== undefined) {
      throw new WardianError(
        "invalid-mount",
        `the same file system is already mounted at ${JSON.stringify(twin.path)}`,
      );
    }
    const { writable } = fileSystem;
    const costs = fileSystem.costs ?? (fileSystem.kind === "memory" ? MEMORY_COSTS : HOST_COSTS);
    return { path, fileSystem, root: openRoot(fileSystem, { ...context, fault }, fault), writable, costs, index };
  } catch (error) {
    for (const mount of opened) mount.fileSystem.dispose?.();
    const why = error instanceof Error ? error.message : String(error);
    throw new WardianError("invalid-mount", `Cannot mount ${quoted}: ${why}`, { cause: error });
  }
}
