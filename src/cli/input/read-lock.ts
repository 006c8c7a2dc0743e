import { readFileSync } from "node:fs";
import type { PackagesLock } from "../../guests/python/packages/packages-lock.ts";
import { UsageError } from "./usage-error.ts";

/** Reads a lock of packages. What is in it is checked where it is used. */
export function readLock(file: string): PackagesLock {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new UsageError(`cannot read the lock "${file}"; make it with: wardian packages lock FILE.whl...`, { cause });
  }
  try {
    return JSON.parse(text) as PackagesLock;
  } catch (cause) {
    throw new UsageError(`cannot read the lock "${file}": it is not JSON`, { cause });
  }
}
