import type {
  DirectoryEntry,
  DirectoryNode,
  FileHandle,
  FileNode,
  FileResult,
  FileStat,
  FileSystemNode,
  FileTimes,
  OpenMode,
  SymlinkNode,
} from "../file-system.ts";
import type { AnswerCheck, Verdict } from "./answer-check.ts";
import { countUpTo, entries, isKind, nothing, statOf, target } from "./judge-answers.ts";

/** A node of a custom file system, whose answers are checked. */
abstract class CheckedNode<N extends FileSystemNode> {
  abstract readonly kind: N["kind"];
  readonly check: AnswerCheck;
  readonly inner: N;

  constructor(check: AnswerCheck, inner: N) {
    this.check = check;
    this.inner = inner;
  }

  stat(): FileResult<FileStat> {
    return this.check.ask("stat", () => this.inner.stat(), statOf(this.kind));
  }

  setTimes(times: FileTimes): FileResult<void> {
    return this.check.ask("setTimes", () => this.inner.setTimes(times), nothing);
  }
}

class CheckedFile extends CheckedNode<FileNode> implements FileNode {
  readonly kind = "file";

  open(mode: OpenMode): FileResult<FileHandle> {
    return this.check.ask(
      "open",
      () => this.inner.open(mode),
      (answer): Verdict<FileHandle> => {
        if (typeof answer !== "object" || answer === null) return { why: "it opened nothing" };
        return { value: new CheckedHandle(this.check, answer as FileHandle) };
      },
    );
  }
}

class CheckedSymlink extends CheckedNode<SymlinkNode> implements SymlinkNode {
  readonly kind = "symlink";

  readTarget(): FileResult<{ readonly target: string }> {
    return this.check.ask("readTarget", () => this.inner.readTarget(), target);
  }
}

export class CheckedDirectory extends CheckedNode<DirectoryNode> implements DirectoryNode {
  readonly kind = "directory";

  lookup(name: string): FileResult<FileSystemNode> {
    return this.check.ask("lookup", () => this.inner.lookup(name), this.#node);
  }

  list(): FileResult<readonly DirectoryEntry[]> {
    return this.check.ask("list", () => this.inner.list(), entries);
  }

  createFile(name: string): FileResult<FileNode> {
    return this.#made("createFile", () => this.inner.createFile(name), CheckedFile);
  }

  createDirectory(name: string): FileResult<DirectoryNode> {
    return this.#made("createDirectory", () => this.inner.createDirectory(name), CheckedDirectory);
  }

  createSymlink(name: string, text: string): FileResult<SymlinkNode> {
    return this.#made("createSymlink", () => this.inner.createSymlink(name, text), CheckedSymlink);
  }

  removeFile(name: string): FileResult<void> {
    return this.check.ask("removeFile", () => this.inner.removeFile(name), nothing);
  }

  removeDirectory(name: string): FileResult<void> {
    return this.check.ask("removeDirectory", () => this.inner.removeDirectory(name), nothing);
  }

  rename(name: string, to: DirectoryNode, toName: string): FileResult<void> {
    if (!(to instanceof CheckedDirectory) || to.check !== this.check) return "EXDEV";
    return this.check.ask("rename", () => this.inner.rename(name, to.inner, toName), nothing);
  }

  link(node: FileNode | SymlinkNode, toName: string): FileResult<void> {
    if (!(node instanceof CheckedNode) || node.check !== this.check) return "EXDEV";
    return this.check.ask("link", () => this.inner.link(node.inner as FileNode, toName), nothing);
  }

  #made<T extends FileSystemNode>(
    operation: string,
    work: () => unknown,
    kind: new (check: AnswerCheck, inner: never) => T,
  ): FileResult<T> {
    return this.check.ask(operation, work, (answer): Verdict<T> => {
      const node = this.#node(answer);
      if ("why" in node) return node;
      return node.value instanceof kind ? { value: node.value } : { why: "it made something of another kind" };
    });
  }

  readonly #node = (answer: unknown): Verdict<FileSystemNode> => {
    const kind: unknown = typeof answer === "object" && answer !== null ? (answer as FileSystemNode).kind : undefined;
    if (!isKind(kind)) return { why: "it answered with something that is no node" };
    if (kind === "file") return { value: new CheckedFile(this.check, answer as FileNode) };
    if (kind === "symlink") return { value: new CheckedSymlink(this.check, answer as SymlinkNode) };
    return { value: new CheckedDirectory(this.check, answer as DirectoryNode) };
  };
}

class CheckedHandle implements FileHandle {
  readonly #check: AnswerCheck;
  readonly #inner: FileHandle;

  constructor(check: AnswerCheck, inner: FileHandle) {
    this.#check = check;
    this.#inner = inner;
  }

  stat(): FileResult<FileStat> {
    return this.#check.ask("stat", () => this.#inner.stat(), statOf("file"));
  }

  read(into: Uint8Array, position: number): FileResult<number> {
    return this.#check.ask("read", () => this.#inner.read(into, position), countUpTo(into.length));
  }

  write(from: Uint8Array, position: number): FileResult<number> {
    return this.#check.ask("write", () => this.#inner.write(from, position), countUpTo(from.length));
  }

  truncate(size: number): FileResult<void> {
    return this.#check.ask("truncate", () => this.#inner.truncate(size), nothing);
  }

  setTimes(times: FileTimes): FileResult<void> {
    return this.#check.ask("setTimes", () => this.#inner.setTimes(times), nothing);
  }

  sync(): FileResult<void> {
    return this.#check.ask("sync", () => this.#inner.sync(), nothing);
  }

  close(): void {
    this.#check.ask("close", () => this.#inner.close(), nothing);
  }
}
