import {
  newList,
  findText,
  get,
  getPrototypeOf,
  join,
  push,
  sliceText,
  splitText,
  testPattern,
  toText,
} from "../intrinsics.ts";
import { safely } from "./safely.ts";

const errorPrototype = Error.prototype;

export function isError(value: object): boolean {
  let holder: object | null = value;
  for (let steps = 0; holder !== null && steps < 20; steps++) {
    if (holder === errorPrototype) return true;
    holder = getPrototypeOf(holder);
  }
  return false;
}

/** "Name: message" and the guest's frames below it; getters that throw show as nothing. */
export function errorText(error: object): string {
  const name = safely(() => toText(get(error, "name")), "Error");
  const message = safely(() => toText(get(error, "message")), "");
  const frames = guestFrames(safely(() => toText(get(error, "stack")), ""));
  const title = message === "" ? name : name === "" ? message : `${name}: ${message}`;
  return frames === "" ? title : `${title}\n${frames}`;
}

/** The lines of a stack that are the guest's own. */
export function guestFrames(stack: string): string {
  const lines = splitText(sliceText(stack, 0, 20_000), "\n");
  const kept = newList<string>();
  for (let index = 0; index < lines.length && kept.length < 50; index++) {
    const line = lines[index] as string;
    if (testPattern(/^\s+at /, line) && findText(line, "wardian:prelude") < 0) push(kept, line);
  }
  // What is left at the end without a file is the prelude's own call.
  while (
    kept.length > 0 &&
    testPattern(/^\s+at \S+ \(native\)$|^\s+at <anonymous> \(native\)$/, kept[kept.length - 1] as string)
  )
    kept.length--;
  return join(kept, "\n");
}
