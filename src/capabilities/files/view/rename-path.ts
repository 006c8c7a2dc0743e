import type { FileResult, FileSystemNode } from "../file-system.ts";
import { logMove } from "./log-move.ts";
import { isInside, joinPath } from "./path-walk.ts";
import { mountOf, slotPath, type TreeAccess } from "./tree-access.ts";

/** Renames as POSIX does, within one mount. */
export function renamePath(tree: TreeAccess, from: string, to: string, cwd: string): FileResult<void> {
  const source = tree.walk(from, cwd, "name");
  if (typeof source === "string") return source;
  const target = tree.walk(to, cwd, "name");
  if (typeof target === "string") return target;
  if (source.kind === "missing") return "ENOENT";
  if (source.kind !== "node" || target.kind === "place" || target.kind === "virtual") return "EBUSY";
  const isDirectory = source.node.kind === "directory";
  if (!isDirectory && (source.directoryOnly || target.directoryOnly)) return "ENOTDIR";
  const targetMount = mountOf(target.parent);
  if (targetMount !== source.mount) return targetMount === undefined ? "EROFS" : "EXDEV";
  if (isDirectory && isInside(target.parent.path, joinPath(source.parent.path, source.name))) return "EINVAL";
  const out = tree.slot(source.parent, source.name);
  if (typeof out === "string") return out;
  const into = tree.slot(target.parent, target.name);
  if (typeof into === "string") return into;
  const { changes } = tree;
  const paths = { from: slotPath(out), to: slotPath(into) };
  const looks = {
    moved: changes.look(paths.from, source.node),
    replaced: target.kind === "node" ? changes.look(paths.to, target.node) : undefined,
  };
  const idle = target.kind === "node" && isSameFile(source.node, target.node);
  const failed = out.directory.rename(out.name, into.directory, into.name);
  if (failed === undefined && !idle) {
    // The node may be bound to the old name.
    const moved = into.directory.lookup(into.name);
    if (typeof moved !== "string") logMove(tree, out.mount, paths, moved, looks);
  }
  return failed;
}

/** Two names of one file: POSIX says that renaming one to the other does nothing. */
function isSameFile(a: FileSystemNode, b: FileSystemNode): boolean {
  const [one, other] = [a.stat(), b.stat()];
  return typeof one === "object" && typeof other === "object" && one.inode === other.inode && one.inode !== 0;
}
