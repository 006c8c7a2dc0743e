import { WardianError } from "../../../errors.ts";
import { trustFileSystem } from "../checked/trusted-file-systems.ts";
import { MEMORY_COSTS } from "../file-charges.ts";
import type {
  FileHandle,
  FileResult,
  FileSystem,
  FileSystemContext,
  OpenMode,
  PortableFileSystem,
} from "../file-system.ts";
import type { FileSystemState } from "../file-system-state.ts";
import { isEntryName } from "../guest-path.ts";
import { MemoryHandle } from "./memory-handle.ts";
import { MemoryDirectoryNode } from "./memory-nodes.ts";
import { type DirectoryInode, type FileInode, MemoryTree, UNSTAMPED } from "./memory-tree.ts";
import { capturedFile, describeImage, imageOf } from "./tree-state.ts";

/** Files by path, relative to the directory ("a.txt" or "sub/b.txt"; a leading "/" is allowed). Text is stored as UTF-8. */
export type InitialFiles =
  | Readonly<Record<string, string | Uint8Array>>
  | Iterable<readonly [path: string, content: string | Uint8Array]>;

export interface MemoryDirectoryOptions {
  readonly files?: InitialFiles;
  /** Bytes of all files together, initial ones included. Default 64 MiB. The guest sees ENOSPC (EFBIG if no file could be that long). */
  readonly maxBytes?: number;
  /** Files, directories and symlinks together. Default 10,000. The guest sees ENOSPC. */
  readonly maxEntries?: number;
  /** What the guest may do. Default "read-write". */
  readonly mode?: "read-only" | "read-write";
}

/** A directory that lives in memory. The host reads and writes it by path at any time between runs. */
export interface MemoryDirectory extends FileSystem {
  readonly kind: "memory";
  /** A copy of the file's bytes; undefined if there is no such file. */
  readFile(path: string): Uint8Array | undefined;
  /** Makes or replaces a file, with the directories above it. Not bound by `mode`, but by the quota (RangeError). */
  writeFile(path: string, content: string | Uint8Array): void;
  /** The paths of all files, sorted. */
  paths(): string[];
  readonly usedBytes: number;
  capture(): FileSystemState;
  restore(state: FileSystemState): void;
}

const DEFAULT_MAX_BYTES = 64 * 2 ** 20;
const DEFAULT_MAX_ENTRIES = 10_000;
/** Positions in a file must stay exact as numbers, with room for sums. */
const LARGEST_MAX_BYTES = 2 ** 40;

/**
 * Makes a directory in memory, with quotas, for the `files` option of a sandbox.
 *
 * `reset()` of a sandbox puts the content back to what it was when the sandbox was created.
 *
 * @throws TypeError if an option has the wrong type
 * @throws RangeError if a limit is out of range or the initial files exceed it
 * @throws WardianError `invalid-option` if a path is not usable
 */
export function memoryDirectory(options: MemoryDirectoryOptions = {}): MemoryDirectory {
  const mode = options.mode ?? "read-write";
  if (mode !== "read-only" && mode !== "read-write") {
    throw new TypeError(`Cannot make a memory directory: "mode" must be "read-only" or "read-write"`);
  }
  const directory = makeDirectory(
    checkLimit("maxBytes", options.maxBytes ?? DEFAULT_MAX_BYTES, LARGEST_MAX_BYTES),
    checkLimit("maxEntries", options.maxEntries ?? DEFAULT_MAX_ENTRIES, 2 ** 24),
    mode === "read-write",
  );
  const files = options.files ?? [];
  if (typeof files !== "object")
    throw new TypeError(`Cannot make a memory directory: "files" must be an object or an iterable`);
  const entries = Symbol.iterator in files ? files : Object.entries(files);
  for (const [path, content] of entries) directory.writeFile(path, content);
  return directory;
}

class TreeDirectory implements MemoryDirectory {
  readonly kind = "memory";
  readonly writable: boolean;
  readonly costs = MEMORY_COSTS;
  readonly #tree: MemoryTree;
  /** The clock of the sandbox that mounted it last. Before that, files have no time: they get it at the mount. */
  #now: () => number = (): number => UNSTAMPED;
  #image: ReturnType<MemoryTree["capture"]> | undefined;
  /** Files without a name that were opened again, by their old number. */
  readonly #orphans = new Map<unknown, FileInode>();

  constructor(maxBytes: number, maxEntries: number, writable: boolean) {
    this.#tree = new MemoryTree(maxBytes, maxEntries);
    this.writable = writable;
  }

  get usedBytes(): number {
    return this.#tree.usedBytes;
  }

  root(context?: FileSystemContext): MemoryDirectoryNode {
    const now = context === undefined ? zero : (): number => context.now();
    this.#now = now;
    this.#tree.stamp(now());
    // A read-only directory changes only by the host's hand, so there is nothing to put back.
    if (this.writable) this.#image = this.#tree.capture();
    return new MemoryDirectoryNode({ tree: this.#tree, writable: this.writable, now }, this.#tree.root);
  }

  ownerRoot(): MemoryDirectoryNode {
    return new MemoryDirectoryNode({ tree: this.#tree, writable: true, now: this.#now }, this.#tree.root);
  }

  reset(): void {
    if (this.#image !== undefined) this.#tree.restore(this.#image);
  }

  capture(): FileSystemState {
    return describeImage(this.#tree.capture());
  }

  restore(state: FileSystemState): void {
    this.#tree.restore(imageOf(state, this.#tree, false));
    this.#orphans.clear();
  }

  reopen(captured: unknown, mode: OpenMode): FileResult<FileHandle> {
    const id = (captured as { readonly inode?: unknown } | null)?.inode;
    // Twice the same file without a name is still one file.
    const file = this.#orphans.get(id) ?? capturedFile(captured, this.#tree);
    if (typeof file === "string") return file;
    if (file.links === 0) this.#orphans.set(id, file);
    return new MemoryHandle(this.#tree, file, mode, this.writable, this.#now);
  }

  fork(): MemoryDirectory {
    const twin = makeDirectory(this.#tree.maxBytes, this.#tree.maxEntries, this.writable);
    twin.#tree.restore(this.#image ?? this.#tree.capture());
    return twin;
  }

  portable(): PortableFileSystem {
    const { maxBytes, maxEntries } = this.#tree;
    return {
      kind: "memory",
      maxBytes,
      maxEntries,
      mode: this.writable ? "read-write" : "read-only",
      state: this.capture(),
    };
  }

  readFile(path: string): Uint8Array | undefined {
    const names = splitPath(path);
    let inode = this.#tree.root.entries.get(names[0] ?? "");
    for (const name of names.slice(1)) inode = inode?.kind === "directory" ? inode.entries.get(name) : undefined;
    if (inode?.kind !== "file") return undefined;
    const bytes = new Uint8Array(inode.content.size);
    inode.content.read(bytes, 0);
    return bytes;
  }

  writeFile(path: string, content: string | Uint8Array): void {
    const bytes = bytesOf(path, content);
    const names = splitPath(path);
    const last = names.pop() ?? "";
    let directory = this.#tree.root;
    for (const name of names) directory = this.#directoryIn(directory, name, path);
    const file = this.#fileIn(directory, last, path);
    if (!this.#tree.takeBytes(bytes.length - file.content.size)) {
      throw new RangeError(`Cannot write "${path}": the memory directory holds at most ${this.#tree.maxBytes} bytes`);
    }
    file.content.truncate(0);
    file.content.write(bytes, 0);
    file.modifiedMs = this.#now();
    file.changedMs = file.modifiedMs;
  }

  paths(): string[] {
    const found: string[] = [];
    const pending: [string, DirectoryInode][] = [["", this.#tree.root]];
    // Each directory once, whatever a guest made of the tree: this runs outside of its fuel.
    const seen = new Set<DirectoryInode>();
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const [prefix, directory] = next;
      for (const [name, inode] of directory.entries) {
        if (inode.kind === "file") found.push(prefix + name);
        if (inode.kind !== "directory" || seen.has(inode)) continue;
        seen.add(inode);
        pending.push([`${prefix}${name}/`, inode]);
      }
    }
    return found.toSorted();
  }

  #directoryIn(parent: DirectoryInode, name: string, path: string): DirectoryInode {
    const inode = parent.entries.get(name);
    if (inode?.kind === "directory") return inode;
    if (inode !== undefined) throw unusable(path, `"${name}" is not a directory`);
    this.#takeEntry(path);
    const directory = this.#tree.newDirectory(this.#now());
    this.#tree.attach(parent, name, directory, this.#now());
    return directory;
  }

  #fileIn(parent: DirectoryInode, name: string, path: string): FileInode {
    const inode = parent.entries.get(name);
    if (inode?.kind === "file") return inode;
    if (inode !== undefined) throw unusable(path, `"${name}" is a ${inode.kind}`);
    this.#takeEntry(path);
    const file = this.#tree.newFile(this.#now());
    this.#tree.attach(parent, name, file, this.#now());
    return file;
  }

  #takeEntry(path: string): void {
    if (this.#tree.takeEntry()) return;
    throw new RangeError(`Cannot write "${path}": the memory directory holds at most ${this.#tree.maxEntries} entries`);
  }
}

function makeDirectory(maxBytes: number, maxEntries: number, writable: boolean): TreeDirectory {
  return trustFileSystem(new TreeDirectory(maxBytes, maxEntries, writable));
}

function zero(): number {
  return 0;
}

function splitPath(path: string): string[] {
  if (typeof path !== "string") throw new TypeError("Cannot use a path of a memory directory: it must be a string");
  const names = path.startsWith("/") ? path.slice(1).split("/") : path.split("/");
  for (const name of names) {
    if (!isEntryName(name)) throw unusable(path, `"${name}" cannot be a name`);
  }
  return names;
}

function bytesOf(path: string, content: string | Uint8Array): Uint8Array {
  if (typeof content === "string") return new TextEncoder().encode(content);
  if (content instanceof Uint8Array) return content;
  throw new TypeError(`Cannot write "${path}": the content must be a string or a Uint8Array`);
}

function unusable(path: string, why: string): WardianError {
  return new WardianError("invalid-option", `Cannot use "${path}" in a memory directory: ${why}`);
}

function checkLimit(name: string, value: number, largest: number): number {
  if (typeof value !== "number") throw new TypeError(`Cannot make a memory directory: "${name}" must be a number`);
  if (!Number.isSafeInteger(value) || value < 0 || value > largest) {
    throw new RangeError(`Cannot make a memory directory: "${name}" must be an integer from 0 to ${largest}`);
  }
  return value;
}
