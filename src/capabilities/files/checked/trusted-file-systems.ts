import type { FileSystem } from "../file-system.ts";

/** The package's own, whose answers need no check. An object can't claim to be one of them. */
const trusted: WeakSet<FileSystem> = new WeakSet();

export function trustFileSystem<T extends FileSystem>(fileSystem: T): T {
  trusted.add(fileSystem);
  return fileSystem;
}

export function isTrusted(fileSystem: FileSystem): boolean {
  return trusted.has(fileSystem);
}
