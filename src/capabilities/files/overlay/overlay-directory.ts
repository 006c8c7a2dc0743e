import { HOST_COSTS, MEMORY_COSTS } from "../file-charges.ts";
import type { DirectoryNode, Errno, FileCosts, FileSystem, FileSystemContext } from "../file-system.ts";
import type { FileSystemState } from "../file-system-state.ts";
import { OverlayDirectoryNode } from "./overlay-nodes.ts";
import { describeOverlay, overlayImageOf } from "./overlay-state.ts";
import { type OverlayImage, OverlayTree } from "./overlay-tree.ts";

export interface OverlayDirectoryOptions {
  /** What shows through. It is never written to, but by `commit`. */
  readonly over: FileSystem;
  /** Bytes that the guest may write. Default 64 MiB. The guest sees ENOSPC (EFBIG if no file could be that long). */
  readonly maxBytes?: number;
  /**
   * Files and directories that the guest may make, change, move or remove, and the directories on the way to them.
   * Default 10,000. The guest sees ENOSPC.
   */
  readonly maxEntries?: number;
}

/** What an implementation knows of its lower file system. */
export interface OverlayBelow {
  readonly over: FileSystem;
  readonly maxBytes: number;
  readonly maxEntries: number;
  /** Why a name cannot be given to anything new. */
  readonly checkName?: ((name: string) => Errno | undefined) | undefined;
}

/**
 * A directory that shows another file system and keeps every change in memory, for the `files` option of a sandbox.
 *
 * `reset()` of a sandbox drops the changes that were made since it was created.
 *
 * @throws TypeError or RangeError if an option is wrong
 */
export function overlayDirectory(options: OverlayDirectoryOptions): Overlay {
  return new Overlay({
    ...options,
    maxBytes: options.maxBytes ?? 64 * 2 ** 20,
    maxEntries: options.maxEntries ?? 10_000,
  });
}

/** An overlay without the options' checks; `overlayDirectory` and `hostDirectory` make it. */
export class Overlay implements FileSystem {
  readonly kind: string = "overlay";
  readonly writable: boolean = true;
  readonly costs: FileCosts;
  protected readonly below: OverlayBelow;
  protected readonly tree: OverlayTree;
  protected context: FileSystemContext | undefined;
  #image: OverlayImage | undefined;

  constructor(below: OverlayBelow) {
    this.below = below;
    this.tree = new OverlayTree(below.maxBytes, below.maxEntries);
    this.costs = costsOver(below.over);
  }

  /** Bytes of the quota that are used. */
  get usedBytes(): number {
    return this.tree.memory.usedBytes;
  }

  root(context?: FileSystemContext): DirectoryNode {
    this.context = context ?? this.context;
    this.tree.mount(this.below.over.root(context), context);
    this.#image = this.tree.capture();
    const checkName = this.below.checkName ?? noCheck;
    return new OverlayDirectoryNode({ tree: this.tree, checkName }, this.tree.memory.root);
  }

  settle(): void {
    this.below.over.settle?.();
  }

  reset(): void {
    if (this.#image !== undefined) this.tree.restore(this.#image);
  }

  capture(): FileSystemState {
    return describeOverlay(this.tree.capture());
  }

  restore(state: FileSystemState): void {
    this.tree.restore(overlayImageOf(state, this.tree));
  }

  dispose(): void {
    this.below.over.dispose?.();
  }
}

/** Each operation asks below and then here; nothing that is changed reaches below. */
function costsOver(lower: FileSystem): FileCosts {
  const costs = lower.costs ?? (lower.kind === "memory" ? MEMORY_COSTS : HOST_COSTS);
  return {
    operationUnits: costs.operationUnits + MEMORY_COSTS.operationUnits,
    changeUnits: 3 * costs.operationUnits + MEMORY_COSTS.changeUnits,
    entryUnits: costs.entryUnits + MEMORY_COSTS.entryUnits,
    handleUnits: 2 * costs.handleUnits + MEMORY_COSTS.handleUnits,
    byteUnits: costs.byteUnits + MEMORY_COSTS.byteUnits,
  };
}

function noCheck(): undefined {
  return undefined;
}
