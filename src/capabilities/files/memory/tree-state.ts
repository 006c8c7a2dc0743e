import { WardianError } from "../../../errors.ts";
import type { FileResult } from "../file-system.ts";
import type { FileSystemState, InodeState, OriginState } from "../file-system-state.ts";
import { isEntryName, MAX_PATH_BYTES, utf8Length } from "../guest-path.ts";
import { CHUNK_BYTES, FileContent } from "./file-content.ts";
import type { CapturedHandle } from "./memory-handle.ts";
import { chargedBytes, UNSTAMPED } from "./memory-tree.ts";
import type { DirectoryInode, FileInode, Inode, MemoryTree, TreeImage } from "./memory-tree.ts";

/** The image as plain data. Bytes are shared, and copied when one side writes. */
export function describeImage(image: TreeImage): FileSystemState {
  const numbers = new Map<Inode, number>([[image.root, 0]]);
  // A Map visits what is added during the visit.
  for (const inode of numbers.keys()) {
    if (inode.kind !== "directory") continue;
    for (const child of inode.entries.values()) if (!numbers.has(child)) numbers.set(child, numbers.size);
  }
  return { nextId: image.nextId, inodes: Array.from(numbers.keys(), (inode) => describeInode(inode, numbers)) };
}

function describeInode(inode: Inode, numbers: ReadonlyMap<Inode, number>): InodeState {
  const { id, accessedMs, modifiedMs, changedMs, origin } = inode;
  const base = { id, accessedMs, modifiedMs, changedMs, ...(origin === undefined ? {} : { origin }) };
  switch (inode.kind) {
    case "file":
      return { kind: "file", ...base, size: inode.content.size, chunks: inode.content.chunks() };
    case "symlink":
      return { kind: "symlink", ...base, target: inode.target };
    case "directory":
      return { kind: "directory", ...base, entries: Array.from(inode.entries, ([n, i]) => [n, numbers.get(i) ?? 0]) };
  }
}

/**
 * An image for `tree.restore`. The state may come from anywhere: it is checked whole, and nothing is changed.
 *
 * @throws WardianError `invalid-value` if it is no tree of files, or more than the quota of `tree` holds
 */
export function imageOf(state: FileSystemState, tree: MemoryTree, overlay: boolean): TreeImage {
  const { inodes: states, nextId } = state;
  if (!Array.isArray(states) || states.length === 0 || states.length - 1 > tree.maxEntries)
    fail("it has too many inodes");
  check(isCount(nextId), "its next inode number is no number");
  const ids = new Set<number>();
  const inodes = states.map((inode) => {
    check(isCount(inode.id) && inode.id < nextId && !ids.has(inode.id), "an inode number is used twice or too large");
    ids.add(inode.id);
    check(inode.origin === undefined || (overlay && isOrigin(inode.origin)), "an origin is wrong");
    return makeInode(inode, tree);
  });
  const root = inodes[0];
  if (root?.kind !== "directory") return fail("its root is not a directory");
  let usedEntries = 0;
  for (const [index, inode] of states.entries()) {
    const parent = inodes[index];
    if (inode.kind !== "directory" || parent?.kind !== "directory") continue;
    for (const [name, number] of inode.entries) {
      const child = inodes[number];
      if (child === undefined || child === root || !isEntryName(name) || parent.entries.has(name))
        return fail("an entry is wrong");
      if (child.kind === "directory") {
        check(child.links === 0, "a directory has two names");
        child.parent = parent;
      }
      child.links += 1;
      parent.entries.set(name, child);
      usedEntries += 1;
    }
  }
  check(usedEntries <= tree.maxEntries, "it has too many entries");
  checkConnected(root, inodes);
  const usedBytes = inodes.reduce((sum, inode) => sum + chargedBytes(inode), 0);
  check(usedBytes <= tree.maxBytes, "it has too many bytes");
  return { root, nextId, usedBytes, usedEntries };
}

/** Directories that hold each other in a ring are reached from no root. */
function checkConnected(root: DirectoryInode, inodes: readonly Inode[]): void {
  const reached = new Set<Inode>([root]);
  for (const inode of reached)
    if (inode.kind === "directory") for (const child of inode.entries.values()) reached.add(child);
  check(reached.size === inodes.length, "an inode has no name");
}

function makeInode(state: InodeState, tree: MemoryTree): Inode {
  const { id, accessedMs, modifiedMs, changedMs, origin } = state;
  check(
    [accessedMs, modifiedMs, changedMs].every((time) => typeof time === "number"),
    "a time is no number",
  );
  const base = { id, epoch: tree.epoch, links: 0, accessedMs, modifiedMs, changedMs, origin };
  switch (state.kind) {
    case "file":
      return { kind: "file", ...base, opens: 0, content: contentOf(state) };
    case "symlink":
      check(
        typeof state.target === "string" && utf8Length(state.target) <= MAX_PATH_BYTES,
        "a symlink's target is wrong",
      );
      return { kind: "symlink", ...base, target: state.target };
    case "directory":
      check(Array.isArray(state.entries), "a directory has no entries");
      return { kind: "directory", ...base, entries: new Map(), parent: undefined };
    default:
      return fail("an inode is of no known kind");
  }
}

function contentOf({ size, chunks, origin }: Extract<InodeState, { kind: "file" }>): FileContent {
  check(isCount(size) && size >= (origin?.limit ?? 0) && Array.isArray(chunks), "a file's size is wrong");
  const seen = new Set<number>();
  for (const { index, bytes } of chunks) {
    const within = isCount(index) && !seen.has(index) && index * CHUNK_BYTES < size;
    check(within && bytes instanceof Uint8Array && bytes.length <= CHUNK_BYTES, "a piece of a file is wrong");
    seen.add(index);
  }
  // Bytes behind the end would come to light if the file grew.
  return FileContent.of(
    size,
    chunks.map(({ index, bytes }) => ({ index, bytes: bytes.subarray(0, size - index * CHUNK_BYTES) })),
  );
}

/** The file that a handle was captured of: one of the tree by its number, else one without a name, made of the captured content. */
export function capturedFile(captured: unknown, tree: MemoryTree): FileResult<FileInode> {
  const {
    inode: id,
    size,
    chunks,
  } = (typeof captured === "object" && captured !== null ? captured : {}) as Partial<CapturedHandle>;
  const known = id === undefined ? undefined : tree.fileOf(id);
  if (known !== undefined) return known;
  if (size === undefined || chunks === undefined) return "ENOENT";
  try {
    const content = contentOf({ kind: "file", id: 0, accessedMs: 0, modifiedMs: 0, changedMs: 0, size, chunks });
    if (!tree.takeBytes(size)) return "ENOSPC";
    return { ...tree.newFile(UNSTAMPED), content };
  } catch {
    return "EIO";
  }
}

function isOrigin({ path, number, limit, version }: OriginState): boolean {
  return isLowerPath(path) && isCount(number) && isCount(limit) && isCount(version.inode) && isCount(version.size);
}

/** "" or names with "/" between them. */
export function isLowerPath(path: unknown): boolean {
  return typeof path === "string" && (path === "" || (path.length <= 65_536 && path.split("/").every(isEntryName)));
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function check(condition: boolean, why: string): asserts condition {
  if (!condition) fail(why);
}

function fail(why: string): never {
  throw new WardianError("invalid-value", `Cannot restore the files of a sandbox: ${why}`);
}
