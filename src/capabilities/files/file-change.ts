import type { NodeKind } from "./file-system.ts";

/** One path that is not as it was. */
export interface FileChange {
  /** In a result an absolute guest path; in the difference of an overlay relative to its directory. */
  readonly path: string;
  /** A path that changed its type is removed and added. */
  readonly kind: "added" | "modified" | "removed";
  readonly type: NodeKind;
  /** Bytes: of the new content, or of the old one if it was removed. 0 for directories. */
  readonly size: number;
}
