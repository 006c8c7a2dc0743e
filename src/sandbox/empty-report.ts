import type { RunReport, SandboxState } from "./result.ts";

/** The report of a run of which nothing is known but how long it took. */
export function emptyReport(wallMs: number, sandbox: SandboxState): RunReport {
  return {
    stdout: "",
    stderr: "",
    truncated: { stdout: 0, stderr: 0, displays: 0, calls: 0, files: 0 },
    displays: [],
    denials: [],
    calls: [],
    requests: [],
    files: [],
    usage: {
      fuel: 0,
      wallMs,
      memoryBytes: 0,
      outputBytes: 0,
      toolCalls: 0,
      fileBytes: 0,
      requests: 0,
      networkBytes: 0,
    },
    sandbox,
  };
}
