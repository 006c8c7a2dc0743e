import { memoryDirectory } from "../../../capabilities/files/memory/memory-directory.ts";
import type { MemoryDirectory } from "../../../capabilities/files/memory/memory-directory.ts";
import type { FileSystem } from "../../../capabilities/files/file-system.ts";
import { trustFileSystem } from "../../../capabilities/files/checked/trusted-file-systems.ts";
import { packageError, quoted } from "./package-error.ts";
import { normalName } from "./packages-lock.ts";
import type { Wheel } from "./read-wheel.ts";

/** Where packages are mounted: what `sysconfig` calls "purelib" of an interpreter with the prefix "/". */
export const SITE_PACKAGES = "/lib/python3.14/site-packages";

/** The packages of a sandbox: wheels, unpacked side by side. Shared by all sandboxes of a process that have the same. */
export interface InstalledPackages {
  readonly wheels: readonly Wheel[];
  /** The archives, for another thread or process to install again. */
  readonly archives: readonly Uint8Array<ArrayBuffer>[];
  /** A read-only directory with the files of all. It holds nothing of a sandbox: one serves them all. */
  readonly directory: FileSystem;
  /** Of the archives. */
  readonly byteLength: number;
}

/** @throws WardianError "invalid-package" for a package that is there twice, or two that have the same file */
export function installWheels(
  wheels: readonly Wheel[],
  archives: readonly Uint8Array<ArrayBuffer>[],
): InstalledPackages {
  const owners = new Map<string, Wheel>();
  const names = new Set<string>();
  for (const wheel of wheels) {
    const what = `${wheel.name} ${wheel.version}`;
    if (names.has(normalName(wheel.name))) throw packageError(what, "a package of this name was given before");
    names.add(normalName(wheel.name));
    for (const path of wheel.files.keys()) {
      const owner = owners.get(path);
      if (owner !== undefined) throw packageError(what, `its file ${quoted(path)} is one of ${owner.name} too`);
      owners.set(path, wheel);
    }
  }
  const byteLength = archives.reduce((sum, { length }) => sum + length, 0);
  return { wheels, archives, directory: sealed(unpack(wheels)), byteLength };
}

function unpack(wheels: readonly Wheel[]): MemoryDirectory {
  const template = memoryDirectory({ maxBytes: 2 ** 40, maxEntries: 2 ** 24, mode: "read-only" });
  for (const { name, version, files } of wheels) {
    for (const [path, bytes] of files) {
      try {
        template.writeFile(path, bytes);
      } catch (cause) {
        throw packageError(
          `${name} ${version}`,
          `its file ${quoted(path)} has the name of another one's directory`,
          cause,
        );
      }
    }
  }
  return template;
}

/** What every file was changed at, by its own account: 2025-01-01. No sandbox's clock shows in another one. */
const FILE_TIME_MS = 1_735_689_600_000;

/** As a mount: without what would put the files into snapshots, or let the sandbox's owner change them. */
function sealed(directory: MemoryDirectory): FileSystem {
  const root = directory.root({ now: () => FILE_TIME_MS });
  return trustFileSystem<FileSystem>({
    kind: "packages",
    writable: false,
    ...(directory.costs === undefined ? {} : { costs: directory.costs }),
    root: () => root,
  });
}
