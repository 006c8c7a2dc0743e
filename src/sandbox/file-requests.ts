import type { FileChange } from "../capabilities/files/file-change.ts";
import type { Errno, NodeKind } from "../capabilities/files/file-system.ts";
import type { CommitOptions } from "../capabilities/files/overlay/overlay-directory.ts";

/** What the host's side asks of a sandbox's files, as plain data: the guest may be on another thread. */
export type FileRequest =
  | { readonly operation: "read"; readonly path: string; readonly maxBytes: number }
  | { readonly operation: "write"; readonly path: string; readonly bytes: Uint8Array }
  | { readonly operation: "list" | "stat"; readonly path: string }
  | { readonly operation: "mkdir" | "remove"; readonly path: string; readonly recursive: boolean }
  | { readonly operation: "diff"; readonly path: string }
  | { readonly operation: "commit"; readonly path: string; readonly options: CommitOptions };

export type FileAnswer =
  | { readonly kind: "done"; readonly value: FileValue }
  | { readonly kind: "failed"; readonly errno: Errno; readonly why?: string | undefined }
  | { readonly kind: "conflict"; readonly paths: readonly string[] }
  | { readonly kind: "incomplete"; readonly written: readonly FileChange[]; readonly why: string };

export type FileValue = undefined | Uint8Array | readonly FileListing[] | FileInfo | readonly FileChange[];

/** An entry of a directory. */
export interface FileListing {
  readonly name: string;
  readonly type: NodeKind;
}

/** What is known of a file or directory; symbolic links are followed. */
export interface FileInfo {
  readonly type: NodeKind;
  /** Bytes; 0 for directories. */
  readonly size: number;
  readonly modified: Date;
  /** Whether the guest may change it. */
  readonly writable: boolean;
}
