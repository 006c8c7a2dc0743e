import { WardianError } from "../../../../errors.ts";
import type { FileChange } from "../../file-change.ts";

/** Files changed below an overlay since it changed or removed them: nothing was written. Its `code` is "conflict". */
export class CommitConflictError extends WardianError {
  /** Relative to the directory, sorted. */
  readonly paths: readonly string[];

  constructor(paths: readonly string[]) {
    super("conflict", `Cannot commit: ${list(paths)} changed below the overlay meanwhile; { force: true } overwrites`);
    this.name = "CommitConflictError";
    this.paths = paths;
  }
}

/** A commit broke off while the new content was put in place. Its `code` is "file", its `cause` says why. */
export class CommitIncompleteError extends WardianError {
  /** What was written before; every path is as before or as in the overlay, none is half of each. */
  readonly written: readonly FileChange[];

  constructor(written: readonly FileChange[], cause: Error) {
    super("file", `Cannot commit all changes: ${cause.message}; ${written.length} were written before`, { cause });
    this.name = "CommitIncompleteError";
    this.written = written;
  }
}

function list(paths: readonly string[]): string {
  const shown = paths.slice(0, 5).map((path) => JSON.stringify(path));
  return paths.length > 5 ? `${shown.join(", ")} and ${paths.length - 5} more` : shown.join(", ");
}
