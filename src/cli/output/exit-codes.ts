import type { RunResult } from "../../sandbox/result.ts";

/** The exit codes of the `wardian` command. 124, 137 and 130 are what `timeout`, a SIGKILL for memory and Ctrl-C give in a shell. */
export const EXIT = { ok: 0, guestError: 1, usage: 2, timeOrFuel: 124, memoryOrStack: 137, aborted: 130 } as const;

/** The exit code that tells how a run ended. */
export function exitCodeOf(result: RunResult): number {
  switch (result.status) {
    case "ok":
      return EXIT.ok;
    case "error":
      // A process has eight bits for it.
      return result.exitCode === undefined ? EXIT.guestError : result.exitCode & 0xff || EXIT.guestError;
    case "aborted":
    case "suspended":
      return EXIT.aborted;
    case "limit":
      if (result.limit === "time" || result.limit === "fuel") return EXIT.timeOrFuel;
      if (result.limit === "memory" || result.limit === "stack") return EXIT.memoryOrStack;
      return EXIT.guestError;
  }
}
