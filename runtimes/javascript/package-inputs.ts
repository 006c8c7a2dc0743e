import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** A package that the runtime is built from, as manifest.json pins it. */
export interface PinnedPackage {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  /** SHA-256 by path; a path that ends in "/" stands for all files below it. */
  readonly files: Readonly<Record<string, string>>;
}

/** A package whose pinned files are all as they were. */
export interface CheckedPackage {
  readonly name: string;
  readonly version: string;
  readonly directory: string;
  read(file: string): Uint8Array<ArrayBuffer>;
}

/** Throws an Error that names what differs from the manifest. */
export function checkPackage(root: string, pinned: PinnedPackage): CheckedPackage {
  const directory = path.join(root, "node_modules", ...pinned.name.split("/"));
  const { version } = JSON.parse(readFileSync(path.join(directory, "package.json"), "utf8")) as {
    readonly version: string;
  };
  if (version !== pinned.version)
    throw new Error(`Cannot build from ${pinned.name}: version ${version} instead of ${pinned.version}`);
  for (const [file, expected] of Object.entries(pinned.files)) {
    const found = file.endsWith("/")
      ? digestTree(path.join(directory, file))
      : digest(readFileSync(path.join(directory, file)));
    if (found !== expected)
      throw new Error(
        `Cannot build from ${pinned.name} ${version}: ${file} has SHA-256 ${found} instead of ${expected}`,
      );
  }
  return {
    name: pinned.name,
    version,
    directory,
    read: (file) => Uint8Array.from(readFileSync(path.join(directory, file))),
  };
}

/** SHA-256 in hexadecimal. */
export function digest(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** SHA-256 of the names and contents of all files below a directory, in the order of their names. */
export function digestTree(directory: string): string {
  const hash = createHash("sha256");
  for (const file of listFiles(directory))
    hash.update(`${file}\0${digest(readFileSync(path.join(directory, file)))}\n`);
  return hash.digest("hex");
}

function listFiles(directory: string, prefix = ""): string[] {
  return readdirSync(path.join(directory, prefix), { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? listFiles(directory, `${prefix}${entry.name}/`) : [prefix + entry.name]))
    .sort();
}
