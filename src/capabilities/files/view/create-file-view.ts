import type { WardianError } from "../../../errors.ts";
import type { FileSystem } from "../file-system.ts";
import type { FileSystemState } from "../file-system-state.ts";
import type { FileView } from "../file-view.ts";
import type { ChangeReport } from "./change-log.ts";
import { MountedFileView } from "./mounted-file-view.ts";
import { createMountTable, type Mount } from "./mount-table.ts";
import { OpenFiles } from "./open-files.ts";
import type { FileDenial } from "./refusals.ts";
import { TreeAccess } from "./tree-access.ts";

const DEFAULT_MAX_OPEN_FILES = 256;

export interface FileViewOptions {
  /** Guest path ("/data") → file system. Normalised, absolute, not overlapping. */
  readonly mounts: ReadonlyMap<string, FileSystem>;
  /** How many files and directories may be open at once. Default 256. The guest sees EMFILE. */
  readonly maxOpenFiles?: number;
  /** Takes fuel units for work before it is done (see `file-charges.ts`); false means that the guest may not go on. */
  readonly charge?: (units: number) => unknown;
  /** Wall time of the sandbox's clock in milliseconds. */
  readonly now: () => number;
  /** What the directories above the mounts have as their times. Default: now. */
  readonly createdMs?: number;
}

export interface FileUsage {
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /** What was refused because it was not granted; at most 100 different ones. */
  readonly denials: readonly FileDenial[];
  /** How often a quota (bytes, entries, open files) refused something. */
  readonly quotaRefusals: number;
}

/** A {@link FileView} with the handles of its owner, the sandbox. */
export interface OwnedFileView extends FileView {
  /** Open files and directories. */
  readonly openFiles: number;
  /** What guests did since the last {@link OwnedFileView.resetUsage}. */
  readonly usage: FileUsage;
  /** What guests changed since then, at most 1,000 paths. */
  changes(): ChangeReport;
  /**
   * The same tree with the powers of the sandbox's owner: it costs no fuel and leaves no trace in usage and changes; a
   * memory directory can be written to that is read-only for the guest; a symbolic link that leads into another mount is
   * EXDEV, since the guest may have made it.
   */
  hostAccess(): FileView;
  /** The mount that a path lies in, by its spelling alone. */
  mountAt(path: string): Mount | undefined;
  /** The first thing that a custom file system did against its contract since it was last asked for. */
  takeFault(): { readonly error: WardianError } | undefined;
  resetUsage(): void;
  /** Closes what the guest left open. */
  closeAll(): void;
  /** Closes everything open and puts each file system that can back to what it was at the creation. */
  reset(): void;
  /** The content of each mount that can tell it, by mount point; shared, not copied. */
  capture(): ReadonlyMap<string, FileSystemState>;
  /**
   * Puts captured contents in place of the present ones. A mount point that is not there, or whose file system takes no
   * content, is left out.
   *
   * @throws WardianError `invalid-value` if a state is not sound or does not fit the quotas
   */
  restore(contents: ReadonlyMap<string, FileSystemState>): void;
  /** The file systems of a fork, by mount point. */
  forkMounts(): ReadonlyMap<string, FileSystem>;
  /** Closes everything open and gives back what the file systems hold of the host. */
  dispose(): void;
}

/**
 * Makes the one file tree that a sandbox's guests see.
 *
 * @throws WardianError `invalid-mount` if a mount point is relative, not normalised or overlaps another, or its directory cannot be used
 * @throws RangeError if `maxOpenFiles` is not an integer from 1 to 65,536
 */
export function createFileView(options: FileViewOptions): OwnedFileView {
  const max = options.maxOpenFiles ?? DEFAULT_MAX_OPEN_FILES;
  if (!Number.isInteger(max) || max < 1 || max > 65_536) {
    throw new RangeError(`Cannot open a file view: "maxOpenFiles" must be an integer from 1 to 65536`);
  }
  const charge = options.charge ?? noCharge;
  const context = { now: options.now, charge: (units: number) => charge(units) !== false };
  const table = createMountTable(options.mounts, context);
  return new MountedFileView(new TreeAccess(table, charge, options.createdMs ?? options.now()), new OpenFiles(max));
}

function noCharge(): boolean {
  return true;
}
