import type {
  DirectoryNode,
  FileHandle,
  FileNode,
  FileResult,
  FileSystemNode,
} from "../capabilities/files/file-system.ts";
import type { FileView, OpenFile, OpenOptions } from "../capabilities/files/file-view.ts";
import { ContractViolation } from "./assertions.ts";

/** The value of a result that must not be an error. */
export function ok<T>(result: FileResult<T>): Exclude<T, string> {
  if (typeof result === "string") throw new ContractViolation(`unexpected ${result}`);
  return result as Exclude<T, string>;
}

export function openedFile(result: FileResult<OpenFile>): Extract<OpenFile, { kind: "file" }> {
  const file = ok(result);
  if (file.kind !== "file") throw new ContractViolation("a directory was opened");
  return file;
}

/** All of a handle's bytes, by short reads, so that positions matter. */
export function readHandle(handle: FileHandle): FileResult<{ readonly text: string }> {
  const bytes: number[] = [];
  for (;;) {
    const piece = new Uint8Array(7);
    const count = handle.read(piece, bytes.length);
    if (typeof count === "string") return count;
    if (count === 0) return { text: new TextDecoder().decode(Uint8Array.from(bytes)) };
    bytes.push(...piece.subarray(0, count));
  }
}

/** The text of a file, or the errno. */
export function readText(view: FileView, path: string, options: Partial<OpenOptions> = {}): string {
  const file = view.open(path, { read: true, write: false, ...options });
  if (typeof file === "string") return file;
  try {
    if (file.kind !== "file") return "EISDIR";
    const content = readHandle(file.handle);
    return typeof content === "string" ? content : content.text;
  } finally {
    file.close();
  }
}

/** Writes a whole file; undefined or the errno. */
export function writeText(
  view: FileView,
  path: string,
  text: string,
  options: Partial<OpenOptions> = {},
): string | undefined {
  const file = view.open(path, { read: false, write: true, create: true, truncate: true, ...options });
  if (typeof file === "string") return file;
  try {
    if (file.kind !== "file") return "EISDIR";
    const bytes = new TextEncoder().encode(text);
    const count = file.handle.write(bytes, 0);
    if (typeof count === "string") return count;
    return count === bytes.length ? undefined : `short: ${count}`;
  } finally {
    file.close();
  }
}

export function readNode(node: FileNode): string {
  const handle = node.open({ read: true, write: false, append: false, truncate: false });
  if (typeof handle === "string") return handle;
  const content = readHandle(handle);
  handle.close();
  return typeof content === "string" ? content : content.text;
}

/** Names of a directory, sorted. */
export function namesIn(view: FileView, path: string): readonly string[] | string {
  const entries = view.list(path);
  return typeof entries === "string" ? entries : entries.map(({ name }) => name).sort();
}

/** An entry of a directory that must be there and of that kind. */
export function within<K extends FileSystemNode["kind"]>(
  directory: DirectoryNode,
  name: string,
  kind: K,
): Extract<FileSystemNode, { kind: K }> {
  const node = ok(directory.lookup(name));
  if (node.kind !== kind) throw new ContractViolation(`${name} is a ${node.kind}`);
  return node as Extract<FileSystemNode, { kind: K }>;
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
