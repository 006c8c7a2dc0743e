import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/**
 * What a guest must never get: a variable of the host's environment, a file of the host that is in no mount, and what a
 * neighbour knows.
 */
export interface Canaries {
  readonly variable: string;
  readonly file: string;
  readonly neighbour: string;
  /** The folder of the secret file. */
  readonly folder: string;
  /** Makes a folder in there that a sandbox may be given: some files, and links that lead out. */
  mount(): string;
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
  for (const name of ["data", "etc", "data2"]) mkdirSync(path.join(folder, name));
  for (const name of ["secret", "etc/passwd", "data2/secret"]) writeFileSync(path.join(folder, name), file);
  const planted = treeOutside(folder);
  return {
    variable,
    file,
    neighbour,
    folder,
    mount: () => plantMount(mkdtempSync(path.join(mounted, "mount-"))),
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

function plantMount(mount: string): string {
  for (const name of ["a", "dir"]) mkdirSync(path.join(mount, name));
  for (const name of ["x", "a/f", "dir/f", ".env"]) writeFileSync(path.join(mount, name), "inside");
  const links = {
    link: "../../secret",
    absolute: path.join(mount, "../../secret"),
    up: "../..",
    "dir/out": "../../../etc",
    "a/loop": "loop",
  };
  for (const [name, target] of Object.entries(links)) symlinkSync(target, path.join(mount, name));
  return mount;
}

/** Everything in `folder` but what was mounted, which attacks may change. Follows no link: some lead back up. */
function treeOutside(folder: string): string {
  const found: string[] = [];
  const look = (directory: string): void => {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const name = path.join(directory, entry.name);
      if (path.relative(folder, name).startsWith(`data${path.sep}`)) continue;
      if (entry.isDirectory()) look(name);
      found.push(`${path.relative(folder, name)}: ${entry.isFile() ? readFileSync(name, "utf8") : "no file"}`);
    }
  };
  look(folder);
  return found.toSorted().join("\n");
}
