import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";

/** Where a rival swaps, and where it keeps what is not in place. All on one file system. */
export interface SwapPlaces {
  /** The directory that is swapped. */
  readonly target: string;
  /** Where the directory waits; nothing is there. */
  readonly directory: string;
  /** Where the symlink waits; it is there. */
  readonly link: string;
}

/** Runs `attack` while another process swaps a directory for a symlink and back, as fast as it can; how often it did. */
export async function duringSwaps(
  { target, directory, link }: SwapPlaces,
  attack: () => void | Promise<void>,
): Promise<number> {
  const script = path.join(import.meta.dirname, "fixtures", "swap-rival.mjs");
  const rival = spawn(process.execPath, [script, target, directory, link], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(rival, "close");
  let said = "";
  rival.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
  while (!said.startsWith("ready")) await once(rival.stdout, "data");
  try {
    await attack();
  } finally {
    rival.stdin.end();
    await ended;
  }
  return Number(said.split("\n")[1]);
}
