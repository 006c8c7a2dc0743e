import type { GuestError, Language, RunRequest } from "../../guest.ts";

/** How an interpreter that is a program is run: once for each source, as a process of its own. */
export interface ProgramDriver {
  readonly language: Language;
  /** Where the prelude lies. */
  readonly preludePath: string;
  /** The program's arguments, its own name first, for a source at `path`. */
  args(path: string, request: RunRequest): readonly string[];
  /** The error that a program named on standard error before it broke, if it did. */
  explain(stderr: string): GuestError | undefined;
}
