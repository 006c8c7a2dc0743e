import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** The interpreter itself: what is on the path may be a script that looks for it. */
export function findPython(): string | undefined {
  const { status, stdout } = spawnSync("python3", ["-c", "import sys; print(sys.executable)"], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}

/** Runs a program in a process of its own; throws unless it ends well. */
export function runFresh(python: string, source: string): void {
  const { status, stderr } = spawnSync(python, ["-I", "-"], { input: source, encoding: "utf8" });
  if (status !== 0) throw new Error(`The bench's program failed in python3: ${stderr}`);
}

/** Clock ticks a second of what /proc tells; it is 100 on every Linux that Node supports. */
const TICKS_MS = 10;

/** CPU milliseconds of all children that have ended (proc(5), cutime and cstime). */
export function childrenCpuMs(): number {
  const fields = readFileSync("/proc/self/stat", "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  // Counted from "state", the third of the line.
  return (Number(fields[13]) + Number(fields[14])) * TICKS_MS;
}
