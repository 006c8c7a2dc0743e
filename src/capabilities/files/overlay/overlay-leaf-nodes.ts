import type { FileHandle, FileNode, FileResult, OpenMode, SymlinkNode } from "../file-system.ts";
import type { FileInode, SymlinkInode } from "../memory/memory-tree.ts";
import { OverlayHandle } from "./overlay-handle.ts";
import { type LowerNode, OverlayNode } from "./overlay-node.ts";
import type { OverlayTree } from "./overlay-tree.ts";

export class OverlayFileNode extends OverlayNode<FileInode> implements FileNode {
  readonly kind = "file";

  take(): FileResult<FileInode> {
    const inode = this.gone() ?? this.inode() ?? takeLeaf(this.mount.tree, this.lowerPath, this.lower());
    if (typeof inode === "string") return inode;
    return inode.kind === "file" ? inode : "ENOENT";
  }

  open(mode: OpenMode): FileResult<FileHandle> {
    const gone = this.gone();
    if (gone !== undefined) return gone;
    const { tree } = this.mount;
    const lower = this.lower();
    if (mode.truncate && !mode.write) return "EINVAL";
    if (
      !mode.write &&
      !mode.append &&
      this.inode() === undefined &&
      this.lowerPath !== undefined &&
      lower !== undefined
    ) {
      return OverlayHandle.onLower(tree, this.lowerPath, lower, mode, () => this.take());
    }
    const inode = this.take();
    if (typeof inode === "string") return inode;
    const handle = OverlayHandle.onInode(tree, inode, mode);
    const truncated = mode.truncate ? handle.truncate(0) : undefined;
    if (truncated === undefined) return handle;
    handle.close();
    return truncated;
  }
}

export class OverlaySymlinkNode extends OverlayNode<SymlinkInode> implements SymlinkNode {
  readonly kind = "symlink";

  take(): FileResult<SymlinkInode> {
    const inode = this.gone() ?? this.inode() ?? takeLeaf(this.mount.tree, this.lowerPath, this.lower());
    if (typeof inode === "string") return inode;
    return inode.kind === "symlink" ? inode : "ENOENT";
  }

  readTarget(): FileResult<{ readonly target: string }> {
    const gone = this.gone();
    if (gone !== undefined) return gone;
    const inode = this.inode();
    return inode === undefined ? (this.lower()?.readTarget() ?? "ENOENT") : { target: inode.target };
  }
}

function takeLeaf(
  tree: OverlayTree,
  path: string | undefined,
  lower: LowerNode<"file" | "symlink"> | undefined,
): FileResult<FileInode | SymlinkInode> {
  return path === undefined || lower === undefined ? "ENOENT" : tree.takeLeaf(path, lower);
}
