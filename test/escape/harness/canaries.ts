import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/**
 * What a guest must never get: a variable of the host's environment, a file of the host that is in no mount, and what a
 * neighbour knows. Around `mounted`, which attacks may mount, everything is bait.
 */
export interface Canaries {
  readonly variable: string;
  readonly file: string;
  readonly neighbour: string;
  /** The folder of the secret file. */
  readonly folder: string;
  /** A folder inside that a sandbox may be given; links in it lead out. */
  readonly mounted: string;
  /** What of the host's files is not as it was planted; undefined if all is. */
  changed(): string | undefined;
  remove(): void;
}

export const CANARY_VARIABLE = "WARDIAN_CANARY";

/** Plants the canaries for this process. */
export function plantCanaries(): Canaries {
  const chance = crypto.randomUUID().slice(0, 8);
  const [variable, file, neighbour] = [
    `canary-variable-${chance}`,
    `canary-file-${chance}`,
    `canary-neighbour-${chance}`,
  ];
  process.env[CANARY_VARIABLE] = variable;
  const folder = mkdtempSync(path.join(tmpdir(), "wardian-canary-"));
  const mounted = path.join(folder, "data");
  for (const name of ["data/a", "data/dir", "etc", "data2"]) mkdirSync(path.join(folder, name), { recursive: true });
  for (const name of ["secret", "etc/passwd", "data2/secret"]) writeFileSync(path.join(folder, name), file);
  for (const name of ["x", "a/f", "dir/f"]) writeFileSync(path.join(mounted, name), "inside");
  for (const [name, target] of Object.entries({
    link: "../secret",
    absolute: path.join(folder, "secret"),
    up: "..",
    "dir/out": "../../etc",
    "a/loop": "loop",
  }))
    symlinkSync(target, path.join(mounted, name));
  const planted = treeOutside(folder);
  return {
    variable,
    file,
    neighbour,
    folder,
    mounted,
    changed: () => {
      const now = treeOutside(folder);
      return now === planted ? undefined : `${planted} became ${now}`;
    },
    remove: () => {
      delete process.env[CANARY_VARIABLE];
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Everything in `folder` but the mounted folder's content, which attacks may change. */
function treeOutside(folder: string): string {
  const found: Record<string, unknown> = {};
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }).toSorted()) {
    if (name.startsWith("data/")) continue;
    try {
      found[name] = readFileSync(path.join(folder, name), "utf8");
    } catch {
      found[name] = null;
    }
  }
  return JSON.stringify(found);
}
