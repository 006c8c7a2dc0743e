import type { DirectoryNode, FileSystem, OpenMode } from "../../capabilities/files/file-system.ts";
import type { OwnedFileView } from "../../capabilities/files/view/create-file-view.ts";

/** What a fresh file system holds in each case. */
export const FILES: Readonly<Record<string, string>> = {
  "a.txt": "alpha",
  empty: "",
  "sub/b.txt": "beta",
  "sub/deep/c.txt": "gamma",
  ["__proto__"]: "name",
};

export const READ: OpenMode = { read: true, write: false, append: false, truncate: false };
export const WRITE: OpenMode = { read: true, write: true, append: false, truncate: false };

/** One promise about nodes and handles. */
export type NodeCase = readonly [name: string, run: (given: NodeCaseSubject) => void];

export interface NodeCaseSubject {
  readonly fileSystem: FileSystem;
  readonly root: DirectoryNode;
  /** A second one, with the same files. */
  readonly other: FileSystem;
  /** Whether guests may make symlinks and hard links. */
  readonly links: boolean;
}

/** One promise about what a guest sees; the file system is mounted at "/mnt/data". */
export type ViewCase = readonly [name: string, run: (given: ViewCaseSubject) => void];

export interface ViewCaseSubject {
  readonly view: OwnedFileView;
  /** The same of a read-only file system. */
  readonly guarded: OwnedFileView;
}
