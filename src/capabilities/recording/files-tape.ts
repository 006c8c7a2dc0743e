import { isTrusted, trustFileSystem } from "../files/checked/trusted-file-systems.ts";
import { HOST_COSTS, MEMORY_COSTS } from "../files/file-charges.ts";
import type { DirectoryNode, FileCosts, FileSystem, FileSystemContext } from "../files/file-system.ts";
import { FileRecorder, FileReplayer } from "./file-log.ts";
import { tapedRoot } from "./taped-nodes.ts";
import type { TapeReader } from "./tape-reader.ts";
import type { TapeWriter } from "./tape-writer.ts";

/** What of a file system is not the answer of a call. */
export interface FileSystemTraits {
  readonly kind: string;
  readonly writable: boolean;
  readonly costs: FileCosts;
}

export function fileSystemTraits(fileSystem: FileSystem): FileSystemTraits {
  const { kind, writable } = fileSystem;
  return { kind, writable, costs: fileSystem.costs ?? (kind === "memory" ? MEMORY_COSTS : HOST_COSTS) };
}

/** `fileSystem` with every answer noted that a guest gets from it, bytes included. Calls between runs go through unnoted. */
export function recordFiles(fileSystem: FileSystem, tape: TapeWriter): FileSystem {
  const log = new FileRecorder(tape);
  // A proxy, so that what its maker knows of it beside the interface (a diff, a commit) is still there.
  const recorded = new Proxy(fileSystem, {
    get: (inner, name) => {
      if (name === "root") return (context?: FileSystemContext) => tapedRoot(log, inner.root(context));
      if (name === "ownerRoot")
        return inner.ownerRoot === undefined ? undefined : () => tapedRoot(log, inner.ownerRoot?.() ?? inner.root());
      // A fork is not recorded: what it shares with this sandbox must not be noted here.
      if (name === "fork") return () => inner.fork?.() ?? inner;
      const value: unknown = Reflect.get(inner, name, inner);
      return typeof value === "function" ? (value.bind(inner) as unknown) : value;
    },
  });
  return isTrusted(fileSystem) ? trustFileSystem(recorded) : recorded;
}

/** A file system that answers as a recorded one did and has no files at all. */
export function replayFiles(traits: FileSystemTraits, tape: () => TapeReader | undefined): FileSystem {
  const log = new FileReplayer(tape);
  const root = (): DirectoryNode => tapedRoot(log, { kind: "directory" } as DirectoryNode);
  return trustFileSystem({ ...traits, root, ownerRoot: root });
}
