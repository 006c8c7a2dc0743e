import { writeFile } from "node:fs/promises";
import type { RunResult } from "../../sandbox/result.ts";
import { UsageError } from "../input/usage-error.ts";

/** Writes a run's recording to a file. Returns the result without it: nobody wants to read it on a terminal. */
export async function writeRecording(result: RunResult, file: string): Promise<RunResult> {
  const { recording, ...rest } = result;
  if (recording === undefined) {
    process.stderr.write(`wardian: the recording grew too long and was given up; "${file}" was not written\n`);
    return rest;
  }
  try {
    await writeFile(file, recording);
  } catch (cause) {
    throw new UsageError(
      `cannot write the recording to "${file}": ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
  return rest;
}
