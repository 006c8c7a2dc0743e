import type { DirectoryEntry, DirectoryNode, FileNode, FileStat, FileSystem, SymlinkNode } from "../../src/index.ts";

/** A file system as a user of the package might write it: a table of paths, read-only. */
export function tableDirectory(table: ReadonlyMap<string, string>): FileSystem {
  const paths = [...table.keys()];
  return { kind: "table", writable: false, root: () => directoryAt("") };

  function directoryAt(prefix: string): DirectoryNode {
    const names = new Set(
      paths.filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length).split("/")[0] ?? ""),
    );
    const nodeOf = (name: string): FileNode | DirectoryNode => {
      const content = table.get(prefix + name);
      return content === undefined ? directoryAt(`${prefix}${name}/`) : fileOf(prefix + name, content);
    };
    return {
      ...refused,
      kind: "directory",
      stat: () => statOf("directory", prefix, 0),
      lookup: (name) => (names.has(name) ? nodeOf(name) : "ENOENT"),
      list: () => Array.from(names, (name): DirectoryEntry => ({ name, kind: nodeOf(name).kind, inode: 0 })),
    };
  }

  function fileOf(path: string, content: string): FileNode {
    const bytes = new TextEncoder().encode(content);
    const stat = (): FileStat => statOf("file", path, bytes.length);
    return {
      kind: "file",
      stat,
      setTimes: () => "EROFS",
      open: ({ write, append, truncate }) => {
        if (write || append || truncate) return "EROFS";
        let open = true;
        return {
          stat: () => (open ? stat() : "EBADF"),
          read: (into, position) => {
            if (!open) return "EBADF";
            const piece = bytes.subarray(position, position + into.length);
            into.set(piece);
            return piece.length;
          },
          write: () => "EBADF",
          truncate: () => "EBADF",
          setTimes: () => "EROFS",
          sync: () => undefined,
          close: () => void (open = false),
        };
      },
    };
  }

  function statOf(kind: FileStat["kind"], path: string, size: number): FileStat {
    const times = { accessedMs: 0, modifiedMs: 0, changedMs: 0 };
    return { kind, size, inode: paths.indexOf(path) + 2, links: 1, writable: false, ...times };
  }
}

const readOnly = (): "EROFS" => "EROFS";
const refused: Pick<
  DirectoryNode,
  "setTimes" | "createFile" | "createDirectory" | "removeFile" | "removeDirectory" | "rename" | "link"
> & { createSymlink(): SymlinkNode | "EROFS" } = {
  setTimes: readOnly,
  createFile: readOnly,
  createDirectory: readOnly,
  createSymlink: readOnly,
  removeFile: readOnly,
  removeDirectory: readOnly,
  rename: readOnly,
  link: readOnly,
};
