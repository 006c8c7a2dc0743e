import type {
  DirectoryNode,
  FileHandle,
  FileNode,
  FileResult,
  FileSystem,
  FileSystemNode,
  FileTimes,
  OpenMode,
  SymlinkNode,
} from "../files/file-system.ts";
import { EVENT } from "./events.ts";
import { FILE_METHOD } from "./file-methods.ts";
import type { FileMethod } from "./file-methods.ts";
import * as codecs from "./file-results.ts";
import type { ResultCodec } from "./file-results.ts";
import { fingerprint, writeBytes } from "./payload.ts";
import type { TapeWriter } from "./tape-writer.ts";

type Part = string | number | boolean | undefined;

/** `fileSystem` with every answer noted that a guest gets from it. Calls between runs go through unnoted. */
export function recordFiles(fileSystem: FileSystem, tape: TapeWriter): FileSystem {
  const log = new FileLog(tape);
  // A proxy, so that what its maker knows of it beside the interface (a diff, a commit) is still there.
  return new Proxy(fileSystem, {
    get: (inner, name) => {
      if (name === "root") return (context?: Parameters<FileSystem["root"]>[0]) => log.directory(inner.root(context));
      const value: unknown = Reflect.get(inner, name, inner);
      return typeof value === "function" ? (value.bind(inner) as unknown) : value;
    },
  });
}

/** Notes calls. Nodes and handles are numbered as they appear: a replay meets them in the same order. */
class FileLog {
  readonly tape: TapeWriter;
  #next = 0;

  constructor(tape: TapeWriter) {
    this.tape = tape;
  }

  number(): number {
    return this.#next++;
  }

  call<T>(
    method: FileMethod,
    parts: readonly Part[],
    act: () => FileResult<T>,
    codec: ResultCodec<T>,
    bytes?: (result: T) => Uint8Array,
  ): FileResult<T> {
    if (!this.tape.running) return act();
    let result: FileResult<T>;
    try {
      result = act();
    } catch (error) {
      this.tape.event(EVENT.file, (out) => {
        out.byte(FILE_METHOD[method]);
        out.u32(fingerprint(...parts));
        codecs.writeThrown(out);
      });
      throw error;
    }
    this.tape.event(EVENT.file, (out) => {
      out.byte(FILE_METHOD[method]);
      out.u32(fingerprint(...parts));
      codecs.writeResult(out, codec, result);
      if (bytes !== undefined && typeof result !== "string") writeBytes(out, bytes(result));
    });
    return result;
  }

  node(node: FileSystemNode): FileSystemNode {
    switch (node.kind) {
      case "file":
        return new RecordedFile(this, node);
      case "directory":
        return new RecordedDirectory(this, node);
      case "symlink":
        return new RecordedSymlink(this, node);
    }
  }

  directory(node: DirectoryNode): DirectoryNode {
    return new RecordedDirectory(this, node);
  }

  /** A call that gives a node: only its kind is noted. */
  found<T extends FileSystemNode>(method: FileMethod, parts: readonly Part[], act: () => FileResult<T>): FileResult<T> {
    let found: T | undefined;
    const result = this.call(
      method,
      parts,
      () => {
        const node = act();
        if (typeof node === "string") return node;
        found = node;
        return node.kind as never;
      },
      kindCodec,
    );
    // A kind is a string too, so what tells is whether there is a node.
    return found === undefined ? (result as FileResult<T>) : (this.node(found) as T);
  }
}
