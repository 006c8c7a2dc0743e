import type { FileSystemNode } from "../file-system.ts";
import type { Look } from "./change-log.ts";
import type { Mount } from "./mount-table.ts";
import { joinPath } from "./path-walk.ts";
import type { TreeAccess } from "./tree-access.ts";

/** What a rename moves along, at most; the rest is counted by nobody. */
const MAX_MOVED = 1_000;

/** Notes a rename that has been done: each file that a directory took along has another path now. */
export function logMove(
  tree: TreeAccess,
  mount: Mount,
  paths: { readonly from: string; readonly to: string },
  node: FileSystemNode,
  looks: { readonly moved: Look; readonly replaced: Look | undefined },
): void {
  const { changes, meter } = tree;
  const pending: { readonly from: string; readonly to: string; readonly node: FileSystemNode }[] = [];
  changes.moved(paths.from, paths.to, looks.moved, looks.replaced);
  if (node.kind === "directory") pending.push({ ...paths, node });
  let moved = 0;
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next.node.kind !== "directory" || changes.full) continue;
    const entries = next.node.list();
    if (typeof entries === "string") continue;
    if (!meter.operation(mount) || !meter.entries(mount, entries.length)) return;
    for (const { name } of entries) {
      moved += 1;
      if (moved > MAX_MOVED || !meter.operation(mount)) return;
      const child = next.node.lookup(name);
      if (typeof child === "string") continue;
      const from = joinPath(next.from, name);
      const to = joinPath(next.to, name);
      changes.moved(from, to, changes.look(from, child), undefined);
      if (child.kind === "directory") pending.push({ from, to, node: child });
    }
  }
}
