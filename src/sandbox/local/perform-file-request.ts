import { FileError } from "../../capabilities/files/file-error.ts";
import type { Errno, FileResult } from "../../capabilities/files/file-system.ts";
import type { FileView } from "../../capabilities/files/file-view.ts";
import { CommitConflictError, CommitIncompleteError } from "../../capabilities/files/overlay/commit/commit-error.ts";
import { Overlay } from "../../capabilities/files/overlay/overlay.ts";
import type { OwnedFileView } from "../../capabilities/files/view/create-file-view.ts";
import type { FileAnswer, FileRequest, FileValue } from "../file-requests.ts";

/** Does on this thread what was asked of a sandbox's files. Fails with an answer, never with an exception of a file system's. */
export function performFileRequest(files: OwnedFileView, request: FileRequest): FileAnswer {
  const { path } = request;
  switch (request.operation) {
    case "read":
      return readAnswer(readFile(files.hostAccess(), path, request.maxBytes), request.maxBytes);
    case "write":
      return answer(writeFile(files.hostAccess(), path, request.bytes));
    case "list":
      return answer(listDirectory(files.hostAccess(), path));
    case "stat":
      return answer(statFile(files, path));
    case "mkdir":
      return answer(makeDirectory(files.hostAccess(), path, request.recursive));
    case "remove":
      return answer(remove(files.hostAccess(), path, request.recursive));
    case "diff":
      return withOverlay(files, path, (overlay) => overlay.diff());
    case "commit":
      return withOverlay(files, path, (overlay) => overlay.commit(request.options));
  }
}

function answer(result: FileResult<FileValue>): FileAnswer {
  return typeof result === "string" ? { kind: "failed", errno: result } : { kind: "done", value: result };
}

function readAnswer(result: FileResult<Uint8Array>, maxBytes: number): FileAnswer {
  if (result !== "EFBIG") return answer(result);
  return { kind: "failed", errno: "EFBIG", why: `it is longer than maxBytes, ${maxBytes}` };
}

function readFile(view: FileView, path: string, maxBytes: number): FileResult<Uint8Array> {
  const file = view.open(path, { read: true, write: false });
  if (typeof file === "string") return file;
  try {
    if (file.kind === "directory") return "EISDIR";
    const stat = file.handle.stat();
    if (typeof stat === "string") return stat;
    if (stat.size > maxBytes) return "EFBIG";
    const bytes = new Uint8Array(stat.size);
    for (let done = 0; done < bytes.length;) {
      const count = file.handle.read(bytes.subarray(done), done);
      if (typeof count === "string") return count;
      // It became shorter under our hands.
      if (count === 0) return bytes.slice(0, done);
      done += count;
    }
    return bytes;
  } finally {
    file.close();
  }
}

function writeFile(view: FileView, path: string, bytes: Uint8Array): FileResult<undefined> {
  const parent = path.slice(0, path.lastIndexOf("/"));
  const made = parent === "" ? undefined : makeDirectory(view, parent, true);
  if (made !== undefined) return made;
  const file = view.open(path, { read: false, write: true, create: true, truncate: true });
  if (typeof file === "string") return file;
  try {
    if (file.kind === "directory") return "EISDIR";
    for (let done = 0; done < bytes.length;) {
      const count = file.handle.write(bytes.subarray(done), done);
      if (typeof count === "string") return count;
      if (count === 0) return "EIO";
      done += count;
    }
    return undefined;
  } finally {
    file.close();
  }
}

function listDirectory(view: FileView, path: string): FileResult<FileValue> {
  const entries = view.list(path);
  if (typeof entries === "string") return entries;
  return entries.map(({ name, kind }) => ({ name, type: kind })).sort((a, b) => (a.name < b.name ? -1 : 1));
}

function statFile(files: OwnedFileView, path: string): FileResult<FileValue> {
  const stat = files.hostAccess().stat(path, true);
  if (typeof stat === "string") return stat;
  const { kind, size, modifiedMs } = stat;
  const writable = files.mountAt(path)?.writable === true;
  return { type: kind, size: kind === "directory" ? 0 : size, modified: new Date(modifiedMs), writable };
}

function makeDirectory(view: FileView, path: string, recursive: boolean): Errno | undefined {
  if (!recursive) {
    const failed = view.makeDirectory(path);
    return failed === undefined ? undefined : failed;
  }
  // From the deepest one that is there; each part was asked for by the caller, so their number is theirs.
  const missing: string[] = [];
  let at = path;
  for (;;) {
    const stat = view.stat(at, true);
    if (typeof stat !== "string") {
      if (stat.kind !== "directory") return "ENOTDIR";
      break;
    }
    if (stat !== "ENOENT" || at === "") return stat;
    missing.push(at);
    at = at.slice(0, at.lastIndexOf("/")) || "/";
  }
  for (const directory of missing.toReversed()) {
    const failed = view.makeDirectory(directory);
    if (failed !== undefined) return failed;
  }
  return undefined;
}

/** Symlinks are removed themselves, never what they lead to. */
function remove(view: FileView, path: string, recursive: boolean): Errno | undefined {
  const pending = [path];
  for (let at = pending.at(-1); at !== undefined; at = pending.at(-1)) {
    const stat = view.stat(at, false);
    if (typeof stat === "string") return stat;
    let failed = stat.kind === "directory" ? view.removeDirectory(at) : view.removeFile(at);
    if (failed === "ENOTEMPTY" && recursive) {
      const entries = view.list(at);
      if (typeof entries === "string") return entries;
      if (entries.length > 0) {
        for (const { name } of entries) pending.push(`${at}/${name}`);
        failed = undefined;
        continue;
      }
    }
    if (failed !== undefined) return failed;
    pending.pop();
  }
  return undefined;
}

function withOverlay(files: OwnedFileView, path: string, work: (overlay: Overlay) => FileValue): FileAnswer {
  const mount = files.mountAt(path);
  if (mount === undefined || mount.path !== path)
    return { kind: "failed", errno: "ENOENT", why: "it is no mount point" };
  const { fileSystem } = mount;
  if (!(fileSystem instanceof Overlay)) return { kind: "failed", errno: "ENOTSUP", why: "its directory is no overlay" };
  try {
    return { kind: "done", value: work(fileSystem) };
  } catch (error) {
    if (error instanceof CommitConflictError) return { kind: "conflict", paths: error.paths };
    if (error instanceof CommitIncompleteError)
      return {
        kind: "incomplete",
        written: error.written,
        why: error.cause instanceof Error ? error.cause.message : "",
      };
    if (error instanceof FileError) return { kind: "failed", errno: error.errno, why: error.message };
    throw error;
  }
}
