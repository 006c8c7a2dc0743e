import type { FileNode, FileResult } from "../file-system.ts";
import type { OpenFile, OpenOptions } from "../file-view.ts";
import type { Mount } from "./mount-table.ts";
import type { OpenFiles } from "./open-files.ts";
import { type Destination, joinPath, type Place, placeOf } from "./path-walk.ts";
import type { TreeAccess } from "./tree-access.ts";

/** Opens a file or directory, or makes the file, as POSIX `open` does. */
export function openPath(
  tree: TreeAccess,
  open: OpenFiles,
  path: string,
  options: OpenOptions,
  cwd: string,
): FileResult<OpenFile> {
  if (open.full) return "EMFILE";
  // O_CREAT | O_EXCL never goes through a symlink, dangling or not.
  const exclusive = options.create === true && options.exclusive === true;
  const found = tree.walk(path, cwd, options.noFollow === true || exclusive ? "keep" : "follow");
  if (typeof found === "string") return found;
  if (found.kind === "missing") return create(tree, open, found, options);
  if (exclusive) return "EEXIST";
  const place = placeOf(found);
  if (place !== undefined) return openDirectory(tree, open, place, options);
  // Only a node can have no place; the test is for the type checker.
  if (found.kind !== "node" || found.node.kind === "directory") return "EIO";
  if (found.node.kind === "symlink") return found.directoryOnly ? "ENOTDIR" : "ELOOP";
  if (found.directoryOnly || options.directory === true) return "ENOTDIR";
  return openFile(tree, open, joinPath(found.parent.path, found.name), found.mount, found.node, options);
}

function create(
  tree: TreeAccess,
  open: OpenFiles,
  missing: Extract<Destination, { kind: "missing" }>,
  options: OpenOptions,
): FileResult<OpenFile> {
  if (options.create !== true) return "ENOENT";
  if (missing.directoryOnly) return "EISDIR";
  // As newer Linux: O_CREAT does not make directories, so the two together make no sense.
  if (options.directory === true) return "EINVAL";
  const slot = tree.slot(missing.parent, missing.name);
  if (typeof slot === "string") return slot;
  const node = slot.directory.createFile(slot.name);
  if (typeof node === "string") return node;
  const path = joinPath(missing.parent.path, missing.name);
  tree.changes.made(path, { type: "file", size: 0 });
  return openFile(tree, open, path, slot.mount, node, options);
}

function openFile(
  tree: TreeAccess,
  open: OpenFiles,
  path: string,
  mount: Mount,
  node: FileNode,
  options: OpenOptions,
): FileResult<OpenFile> {
  const append = options.append === true;
  const truncate = options.truncate === true;
  const write = options.write || append;
  if ((write || truncate) && !mount.writable) return "EROFS";
  if (truncate && !write) return "EINVAL";
  if (!tree.meter.operation(mount)) return "EIO";
  const mode = { read: options.read, write, append, truncate };
  const handle = node.open(mode);
  if (typeof handle === "string") return handle;
  if (truncate) tree.changes.resized(path, 0);
  return open.addFile({ path, mount, mode }, handle, tree);
}

function openDirectory(tree: TreeAccess, open: OpenFiles, place: Place, options: OpenOptions): FileResult<OpenFile> {
  if (options.write || options.append === true || options.truncate === true) return "EISDIR";
  if (options.create === true && options.directory !== true) return "EISDIR";
  return open.addDirectory(
    place.path,
    () => tree.operation("stat", place.path, () => tree.statPlace(place)),
    () => tree.operation("list", place.path, () => tree.listPlace(place)),
  );
}
