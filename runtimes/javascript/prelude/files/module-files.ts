import { get, parse, startsWith, stringify } from "../intrinsics.ts";
import { fileOperation } from "../native.ts";
import { FILE_OPERATION } from "../../../../src/guests/javascript/operations.ts";
import { readText } from "./read.ts";

/** For module loading: the text of a file, or undefined if there is no such file. */
export function readModuleText(path: string): string | undefined {
  try {
    return readText(path);
  } catch {
    return undefined;
  }
}

export function isFile(path: string): boolean {
  const reply = fileOperation(FILE_OPERATION.stat, stringify([path, true]) as string, undefined);
  return typeof reply === "string" && !startsWith(reply, "!") && get(parse(reply) as object, "kind") === "file";
}
