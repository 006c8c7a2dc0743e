import { isTrusted } from "../checked/trusted-file-systems.ts";
import type { FileHandle, FileResult } from "../file-system.ts";
import type { OpenFile, OpenFileState } from "../file-view.ts";
import type { OpenFiles } from "./open-files.ts";
import { openPath } from "./open-path.ts";
import type { TreeAccess } from "./tree-access.ts";

/**
 * Opens a file or directory of a snapshot again: by what its file system noted (it may have another name by now, or none),
 * else by its path. The state may be forged, so nothing is believed that `open` would not grant.
 */
export function reopenFile(tree: TreeAccess, open: OpenFiles, state: OpenFileState): FileResult<OpenFile> {
  if (open.full) return "EMFILE";
  const { path, read, write, append } = state;
  const mount = tree.table.mounts.find((candidate) => isBelow(path, candidate.path));
  const fileSystem = mount?.fileSystem;
  if (
    state.kind === "directory" ||
    state.handle === undefined ||
    mount === undefined ||
    !isTrusted(mount.fileSystem) ||
    fileSystem?.reopen === undefined
  )
    return openPath(tree, open, path, { read, write, append, directory: state.kind === "directory" }, "/");
  if ((write || append) && !mount.writable) return "EROFS";
  if (!tree.meter.operation(mount)) return "EIO";
  const mode = { read, write: write || append, append, truncate: false };
  const handle: FileResult<FileHandle> = fileSystem.reopen(state.handle, mode);
  return typeof handle === "string" ? handle : open.addFile({ path, mount, mode }, handle, tree);
}

function isBelow(path: string, mountPoint: string): boolean {
  return mountPoint === "/" || path.startsWith(`${mountPoint}/`);
}
