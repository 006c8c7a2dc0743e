import { spawn } from "node:child_process";
import path from "node:path";

const harness = path.resolve(import.meta.dirname, "../harness/typescript-loader.mjs");
const main = path.resolve(import.meta.dirname, "../../../src/cli/main.ts");

/** Runs the command line of the sources with a source on its standard input. */
export async function wardianCommand(
  args: readonly string[],
  source: string,
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const child = spawn(process.execPath, ["--import", harness, main, ...args], {
    stdio: ["pipe", "pipe", "pipe"],
    timeout: 60_000,
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  child.stdin.end(source);
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, stdout, stderr };
}
