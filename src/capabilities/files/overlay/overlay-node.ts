import type { Errno, FileResult, FileStat, FileSystemNode, FileTimes } from "../file-system.ts";
import { applyTimes, statOf } from "../memory/inode-stat.ts";
import type { Inode } from "../memory/memory-tree.ts";
import type { OverlayTree } from "./overlay-tree.ts";

/** What the nodes of one overlay share. */
export interface OverlayMount {
  readonly tree: OverlayTree;
  /** Why a name cannot be given to anything new; for what the lower file system hides or could not hold. */
  readonly checkName: (name: string) => Errno | undefined;
}

/** What a node of one kind stands over. */
export type LowerNode<K extends FileSystemNode["kind"]> = Extract<FileSystemNode, { kind: K }>;

/** A node that has an inode in the overlay, or is still as it lies below. */
export abstract class OverlayNode<I extends Inode> {
  readonly mount: OverlayMount;
  readonly #epoch: number;
  readonly #inode: I | undefined;
  /** Where it lies below; undefined for what was made in the overlay. */
  readonly lowerPath: string | undefined;
  readonly #lower: LowerNode<I["kind"]> | undefined;

  constructor(mount: OverlayMount, inode: I | undefined, lowerPath?: string, lower?: LowerNode<I["kind"]>) {
    this.mount = mount;
    this.#epoch = mount.tree.memory.epoch;
    this.#inode = inode;
    this.lowerPath = lowerPath ?? inode?.origin?.path;
    this.#lower = lower;
  }

  /** The inode, which another node may have made in the meantime. */
  inode(): I | undefined {
    if (this.#inode !== undefined) return this.#inode;
    return this.lowerPath === undefined ? undefined : (this.mount.tree.coverOf(this.lowerPath) as I | undefined);
  }

  lower(): LowerNode<I["kind"]> | undefined {
    return this.#lower;
  }

  /** Why it cannot be used: it is from before a reset, or gone. */
  gone(): Errno | undefined {
    const { tree } = this.mount;
    const inode = this.inode();
    if (inode === tree.memory.root) return undefined;
    if (this.#epoch !== tree.memory.epoch) return "ENOENT";
    if (inode !== undefined) return inode.links === 0 ? "ENOENT" : undefined;
    return this.lowerPath !== undefined && tree.isVisible(this.lowerPath) ? undefined : "ENOENT";
  }

  stat(): FileResult<FileStat> {
    const gone = this.gone();
    if (gone !== undefined) return gone;
    const { tree } = this.mount;
    const inode = this.inode();
    if (inode !== undefined) return { ...statOf(inode, true), inode: tree.numberOf(inode) };
    const stat = this.#lower?.stat() ?? "ENOENT";
    if (typeof stat === "string") return stat;
    // The number of names of a directory would jump when it is taken into the overlay.
    const links = stat.kind === "directory" ? 2 : stat.links;
    return { ...stat, inode: tree.lowerNumber(stat), links, writable: true };
  }

  setTimes(times: FileTimes): FileResult<void> {
    const inode = this.take();
    if (typeof inode === "string") return inode;
    applyTimes(inode, times, this.mount.tree.now());
    return undefined;
  }

  /** The inode, made if there is none yet. */
  abstract take(): FileResult<I>;
}
