import { WardianError } from "../../../errors.ts";

/** What custom file systems did that they may not: the first of it is kept, for the caller whose code it is. */
export class FaultLog {
  #first: WardianError | undefined;

  note(mountPoint: string, operation: string, why: string, cause?: unknown): void {
    this.#first ??= new WardianError(
      "broken-file-system",
      `The file system mounted at ${JSON.stringify(mountPoint)} broke its contract in ${operation}: ${why}`,
      { cause },
    );
  }

  /** Once. */
  take(): { readonly error: WardianError } | undefined {
    const error = this.#first;
    this.#first = undefined;
    return error && { error };
  }
}
