import type { FileChange, Sandbox } from "../../node.ts";
import { WardianError } from "../../node.ts";
import { escapeControls } from "./escape-controls.ts";

/** More paths are counted, not listed. */
const MAX_SHOWN = 20;

/** Says on standard error what changed in the overlays, and writes it if it may. False: something could not be written. */
export async function settleOverlays(
  sandbox: Sandbox,
  mountPoints: readonly string[],
  commit: boolean,
): Promise<boolean> {
  let written = true;
  for (const mountPoint of sandbox.closed ? [] : mountPoints) {
    try {
      const changes = commit ? await sandbox.files.commit(mountPoint) : await sandbox.files.diff(mountPoint);
      describe(mountPoint, changes, commit);
    } catch (error) {
      if (!(error instanceof WardianError)) throw error;
      process.stderr.write(`wardian: ${mountPoint}: ${escapeControls(error.message)}\n`);
      written = false;
    }
  }
  return written;
}

function describe(mountPoint: string, changes: readonly FileChange[], written: boolean): void {
  if (changes.length === 0) return;
  const count = (kind: FileChange["kind"]): number => changes.filter((change) => change.kind === kind).length;
  const counts = `${count("added")} added, ${count("modified")} modified, ${count("removed")} removed`;
  const ending = written ? "written" : "kept in memory and dropped; --commit writes them";
  process.stderr.write(`wardian: ${mountPoint}: ${counts}, ${ending}\n`);
  for (const { kind, path } of changes.slice(0, MAX_SHOWN))
    process.stderr.write(`  ${kind.padEnd(8)} ${escapeControls(path).replaceAll("\n", "\\n")}\n`);
  if (changes.length > MAX_SHOWN) process.stderr.write(`  and ${changes.length - MAX_SHOWN} more\n`);
}
