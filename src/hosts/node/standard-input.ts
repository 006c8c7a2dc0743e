import { readSync } from "node:fs";
import type { InputSource } from "../../capabilities/environment.ts";

const STDIN = 0;

/** How long to wait when a terminal or pipe has nothing yet, in milliseconds. */
const POLL_MS = 5;

/**
 * This process's standard input, read when the guest asks for it and not before: a program that reads nothing
 * does not wait for an open pipe. Blocks the thread as a terminal program does; the run's deadline is looked at afterwards.
 */
export function standardInput(): InputSource {
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  return {
    read(into) {
      if (into.length === 0) return 0;
      for (;;) {
        try {
          return readSync(STDIN, into, 0, into.length, null);
        } catch (error) {
          const code = error instanceof Error && "code" in error ? error.code : undefined;
          if (code === "EAGAIN") Atomics.wait(sleeper, 0, 0, POLL_MS);
          // A closed or missing standard input is an empty one.
          else return 0;
        }
      }
    },
  };
}
