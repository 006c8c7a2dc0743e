import { closeSync, constants, fstatSync, fsyncSync, openSync } from "node:fs";
import type { DirectoryNode, FileNode, FileResult } from "../../../capabilities/files/file-system.ts";
import type { CommitTarget } from "../../../capabilities/files/overlay/commit/commit-changes.ts";
import type { Broker } from "./broker.ts";
import { attempt, ErrnoFailure } from "./errno-failure.ts";
import { GrowthBudget } from "./growth-budget.ts";
import { HostHandle } from "./host-handle.ts";
import { HostDirectoryNode, HostFileNode } from "./host-nodes.ts";
import { identityOf, sameIdentity } from "./host-stat.ts";
import { HostTree } from "./host-tree.ts";
import { NameRules } from "./name-rules.ts";

/** A temporary file that is older than this is nobody's any more. */
const STALE_MS = 3_600_000;

/** The host directory as a commit writes it: through a broker as any guest's write, but without a guest's limits, and synced. */
export function commitTarget(broker: Broker): CommitTarget {
  const unlimited = new GrowthBudget(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  const tree = new HostTree(broker, new NameRules([], process.platform === "win32", []), unlimited, true, {
    durable: true,
  });
  const nowMs = Date.now();
  return {
    root: new HostDirectoryNode(tree, broker.root),
    label: `${process.pid.toString(36)}-${nowMs.toString(36)}`,
    staleBeforeMs: nowMs - STALE_MS,
    adopt: (temporary, replaced) => adopt(tree, temporary, replaced),
    syncDirectory: (directory) => syncDirectory(tree, directory),
  };
}

/** Systems that have no such thing for directories, or not on this file system, say one of these. */
const NOT_SYNCED: ReadonlySet<string> = new Set(["EINVAL", "ENOTSUP", "EISDIR", "EPERM", "EACCES"]);

function syncDirectory(tree: HostTree, directory: DirectoryNode): FileResult<void> {
  const result = attempt(() => {
    if (!(directory instanceof HostDirectoryNode)) throw new ErrnoFailure("EIO");
    const { broker } = tree;
    const descriptor = openSync(broker.pathOf(directory.location), constants.O_RDONLY | (constants.O_DIRECTORY ?? 0));
    try {
      const stats = fstatSync(descriptor, { bigint: true });
      if (!sameIdentity(identityOf(stats), directory.location.identity)) throw new ErrnoFailure("ENOENT");
      fsyncSync(descriptor);
      return undefined;
    } finally {
      closeSync(descriptor);
    }
  });
  return typeof result === "string" && NOT_SYNCED.has(result) ? undefined : result;
}

function adopt(tree: HostTree, temporary: FileNode, replaced: FileNode): FileResult<void> {
  return attempt(() => {
    if (!(temporary instanceof HostFileNode) || !(replaced instanceof HostFileNode)) throw new ErrnoFailure("EIO");
    const handle = HostHandle.open(tree, temporary.location, {
      read: true,
      write: false,
      append: false,
      truncate: false,
    });
    try {
      const failed = handle.adopt(tree.broker.stats(replaced.location));
      if (failed !== undefined) throw new ErrnoFailure(failed);
    } finally {
      handle.close();
    }
  });
}
