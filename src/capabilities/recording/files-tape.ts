import { HOST_COSTS, MEMORY_COSTS } from "../files/file-charges.ts";
import type { FileCosts, FileSystem, FileSystemContext } from "../files/file-system.ts";
import { FileRecorder, FileReplayer } from "./file-log.ts";
import { tapedNode } from "./taped-nodes.ts";
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
  return new Proxy(fileSystem, {
    get: (inner, name) => {
      if (name === "root") return (context?: FileSystemContext) => tapedNode(log, inner.root(context));
      // A fork is not recorded: what it shares with this sandbox must not be noted here.
      if (name === "fork") return () => inner.fork?.() ?? inner;
      const value: unknown = Reflect.get(inner, name, inner);
      return typeof value === "function" ? (value.bind(inner) as unknown) : value;
    },
  });
}

/** A file system that answers as a recorded one did and has no files at all. */
export function replayFiles(traits: FileSystemTraits, tape: () => TapeReader | undefined): FileSystem {
  const log = new FileReplayer(tape);
  return { ...traits, root: () => tapedNode(log, { kind: "directory" } as ReturnType<FileSystem["root"]>) };
}
