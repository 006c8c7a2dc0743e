import type { FileAnswer, FileRequest } from "../sandbox/file-requests.ts";

/** Checks what a worker answers about files: its guest may have broken out there. Undefined if it is no answer. */
export function readFileAnswer({ operation }: FileRequest, message: unknown): FileAnswer | undefined {
  if (typeof message !== "object" || message === null) return undefined;
  const { kind, value, errno, why, paths, written } = message as Readonly<Record<string, unknown>>;
  switch (kind) {
    case "done":
      return isValueOf(operation, value) ? (message as FileAnswer) : undefined;
    case "failed":
      return typeof errno === "string" && isOptionalText(why) ? (message as FileAnswer) : undefined;
    case "conflict":
      return Array.isArray(paths) && paths.every(isText) ? (message as FileAnswer) : undefined;
    case "incomplete":
      return Array.isArray(written) && isText(why) ? (message as FileAnswer) : undefined;
    default:
      return undefined;
  }
}

function isValueOf(operation: FileRequest["operation"], value: unknown): boolean {
  switch (operation) {
    case "read":
      return value instanceof Uint8Array;
    case "stat":
      return isEntry(value);
    case "list":
    case "diff":
    case "commit":
      return Array.isArray(value) && value.every(isEntry);
    case "write":
    case "mkdir":
    case "remove":
      return value === undefined;
  }
}

function isEntry(value: unknown): boolean {
  return typeof value === "object" && value !== null && "type" in value && isText(value.type);
}

function isText(value: unknown): boolean {
  return typeof value === "string";
}

function isOptionalText(value: unknown): boolean {
  return value === undefined || isText(value);
}
