import type { OpenFileState } from "./file-view.ts";

/** Checks what a snapshot says of an open file; undefined if it says nothing of the kind. */
export function readOpenState(value: unknown): OpenFileState | undefined {
  const { kind, path, read, write, append, handle } = (
    typeof value === "object" && value !== null ? value : {}
  ) as Readonly<Record<string, unknown>>;
  if (kind !== "file" && kind !== "directory") return undefined;
  if (
    typeof path !== "string" ||
    typeof read !== "boolean" ||
    typeof write !== "boolean" ||
    typeof append !== "boolean"
  )
    return undefined;
  return { kind, path, read, write, append, ...(handle === undefined ? {} : { handle }) };
}
