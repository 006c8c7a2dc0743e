import { WardianError } from "../../../errors.ts";
import { openRoot } from "../checked/open-root.ts";
import { trustFileSystem } from "../checked/trusted-file-systems.ts";
import { HOST_COSTS, MEMORY_COSTS } from "../file-charges.ts";
import type { FileChange } from "../file-change.ts";
import { FileError } from "../file-error.ts";
import type {
  DirectoryNode,
  Errno,
  FileCosts,
  FileSystem,
  FileSystemContext,
  PortableFileSystem,
} from "../file-system.ts";
import type { FileSystemState } from "../file-system-state.ts";
import { commitChanges, type CommitTarget } from "./commit/commit-changes.ts";
import { CommitConflictError } from "./commit/commit-error.ts";
import type { CommitOptions, OverlayDirectory } from "./overlay-directory.ts";
import { OverlayDirectoryNode } from "./overlay-directory-node.ts";
import { describeOverlay, overlayImageOf } from "./overlay-state.ts";
import { type OverlayImage, OverlayTree } from "./overlay-tree.ts";
import { type ChangePlan, PlanFailure, planChanges } from "./commit/plan-changes.ts";

/** What an overlay lies over, and how it is written back. */
export interface OverlayBelow {
  readonly over: FileSystem;
  readonly maxBytes: number;
  readonly maxEntries: number;
  /** Why a name cannot be given to anything new. Default: every name can. */
  readonly checkName?: (name: string) => Errno | undefined;
  /** Runs `work` with the place that a commit goes to. Default: the file system itself, if it is writable. */
  readonly withTarget?: (work: (target: CommitTarget) => void) => void;
  /** How another thread makes the same overlay, but for its changes. Default: over what is below, if that can be had there. */
  readonly portable?: () => Extract<PortableFileSystem, { kind: "host" }>;
}

/** An overlay without the checks of the options; `overlayDirectory` and `hostDirectory` make it. */
export class Overlay implements OverlayDirectory {
  readonly kind = "overlay";
  readonly writable = true;
  readonly costs: FileCosts;
  readonly #below: OverlayBelow;
  readonly #tree: OverlayTree;
  /** That of the sandbox that mounted it last. */
  #context: FileSystemContext | undefined;
  #image: OverlayImage | undefined;
  #users = 0;
  /** A copy of it was given to another thread, and what a guest changes there is not seen here. */
  #elsewhere = false;

  constructor(below: OverlayBelow) {
    this.#below = below;
    this.#tree = new OverlayTree(below.maxBytes, below.maxEntries);
    this.costs = costsOver(below.over);
    trustFileSystem(this);
  }

  get usedBytes(): number {
    return this.#tree.memory.usedBytes;
  }

  root(context?: FileSystemContext): DirectoryNode {
    this.#context = context ?? this.#context;
    this.#mount(context);
    this.#users += 1;
    this.#image = this.#tree.capture();
    return this.#root();
  }

  settle(): void {
    this.#below.over.settle?.();
  }

  reset(): void {
    if (this.#image !== undefined) this.#tree.restore(this.#image);
  }

  capture(): FileSystemState {
    return describeOverlay(this.#tree.capture());
  }

  restore(state: FileSystemState): void {
    this.#tree.restore(overlayImageOf(state, this.#tree));
  }

  portable(): PortableFileSystem | undefined {
    const { over, maxBytes, maxEntries, portable } = this.#below;
    const state = this.capture();
    const own = portable?.();
    const lower = own === undefined ? over.portable?.() : undefined;
    const portableOverlay: PortableFileSystem | undefined =
      lower === undefined ? undefined : { kind: "overlay", over: lower, maxBytes, maxEntries, state };
    this.#elsewhere = true;
    return own === undefined ? portableOverlay : { ...own, state };
  }

  fork(): Overlay {
    const twin = new Overlay(this.#below);
    twin.#tree.restore(this.#image ?? this.#tree.capture());
    return twin;
  }

  dispose(): void {
    if (this.#users === 0) return;
    this.#users -= 1;
    this.#below.over.dispose?.();
  }

  diff(): readonly FileChange[] {
    this.#mustBeHere("diff");
    return this.#opened(() => this.#plan().changes);
  }

  commit(options: CommitOptions = {}): readonly FileChange[] {
    const { force = false, symlinks = "refuse" } = options;
    if (symlinks !== "refuse" && symlinks !== "skip")
      throw new TypeError(`Cannot commit: "symlinks" must be "refuse" or "skip"`);
    this.#mustBeHere("commit");
    return this.#opened(() => {
      const plan = this.#plan();
      const link = plan.links[0];
      if (link !== undefined && symlinks === "refuse")
        throw new FileError(
          "commit",
          link.path,
          "EPERM",
          `it is a symbolic link; { symlinks: "skip" } leaves links out`,
        );
      const verify = (current: ChangePlan): void => {
        if (current.conflicts.length > 0 && !force) throw new CommitConflictError(current.conflicts);
      };
      verify(plan);
      this.#withTarget((target) => commitChanges(plan, target, () => verify(this.#plan())));
      this.#tree.clear();
      this.#image = this.#tree.capture();
      return plan.changes.filter(({ type, kind }) => type !== "symlink" || kind === "removed");
    });
  }

  #mount(context: FileSystemContext | undefined): void {
    const root = openRoot(this.#below.over, context, (operation, why, cause) =>
      context?.fault?.(operation, why, cause),
    );
    this.#tree.mount(root, context);
  }

  #mustBeHere(method: string): void {
    if (this.#elsewhere)
      throw new WardianError(
        "unsupported",
        `Cannot ask an overlay: its changes are on another thread; use sandbox.files.${method}`,
      );
  }

  #root(): OverlayDirectoryNode {
    return new OverlayDirectoryNode(
      { tree: this.#tree, checkName: this.#below.checkName ?? noCheck },
      this.#tree.memory.root,
    );
  }

  #plan(): ChangePlan {
    try {
      return planChanges(this.#tree, this.#root());
    } catch (error) {
      throw error instanceof PlanFailure ? new FileError("compare", error.path, error.errno) : error;
    }
  }

  #withTarget(work: (target: CommitTarget) => void): void {
    const { over, withTarget } = this.#below;
    if (withTarget !== undefined) {
      withTarget(work);
      return;
    }
    if (!over.writable) throw new FileError("commit", "", "EROFS", "what lies below the overlay is read-only");
    const root = this.#tree.lowerAt("");
    if (typeof root === "string" || root.kind !== "directory") throw new FileError("commit", "", "EIO");
    work({ root, label: "0" });
  }

  /** Runs `work` with the lower file system open, also when no sandbox has it mounted any more. */
  #opened<T>(work: () => T): T {
    const { over } = this.#below;
    const mounted = this.#users > 0;
    if (!mounted) this.#mount(this.#context);
    try {
      return work();
    } finally {
      over.settle?.();
      if (!mounted) over.dispose?.();
    }
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
