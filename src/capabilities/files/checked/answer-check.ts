import type { Errno, FileResult } from "../file-system.ts";

/** Told what a custom file system did that it may not. `cause` is what it threw. */
export type FaultReport = (operation: string, why: string, cause?: unknown) => void;

/** What an answer is if it is in order, or why it is not. */
export type Verdict<T> = { readonly value: T } | { readonly why: string };

const ERRNOS: ReadonlySet<string> = new Set<Errno>([
  "EACCES",
  "EBADF",
  "EBUSY",
  "EEXIST",
  "EFBIG",
  "EINVAL",
  "EIO",
  "EISDIR",
  "ELOOP",
  "EMFILE",
  "EMLINK",
  "ENAMETOOLONG",
  "ENOENT",
  "ENOSPC",
  "ENOSYS",
  "ENOTDIR",
  "ENOTEMPTY",
  "ENOTSUP",
  "EPERM",
  "EROFS",
  "ESPIPE",
  "EXDEV",
]);

/** Asks a custom file system and believes nothing: what is not in order is reported and becomes EIO. */
export class AnswerCheck {
  readonly #report: FaultReport;

  constructor(report: FaultReport) {
    this.#report = report;
  }

  /** `judge` reads each property once: a getter may answer otherwise the next time. */
  ask<T>(operation: string, work: () => unknown, judge: (answer: unknown) => Verdict<T>): FileResult<T> {
    try {
      const answer = work();
      if (typeof answer === "string") {
        // It goes to the guest as it is, and could hold a host path.
        if (ERRNOS.has(answer)) return answer as Errno;
        this.#report(operation, "it answered with text that is no errno");
        return "EIO";
      }
      if (isThenable(answer)) {
        this.#report(operation, "it answered with a promise, and files are synchronous");
        return "EIO";
      }
      const verdict = judge(answer);
      if ("value" in verdict) return verdict.value;
      this.#report(operation, verdict.why);
      return "EIO";
    } catch (error) {
      // A guest can use up the stack before it calls: that is not the file system's mistake.
      if (!isStackOverflow(error)) this.#report(operation, "it threw", error);
      return "EIO";
    }
  }
}

function isThenable(value: unknown): boolean {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}

/** V8 and JavaScriptCore throw a RangeError, SpiderMonkey an InternalError. */
function isStackOverflow(error: unknown): boolean {
  return error instanceof Error && /call stack|recursion/i.test(error.message);
}
