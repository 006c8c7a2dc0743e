import type { LiveInterpreter } from "./interpreter.ts";

/** Puts text into the guest's memory, with a NUL behind it that `length` does not count. */
export function placeText(
  live: LiveInterpreter,
  allocate: (bytes: number) => number,
  text: string,
): { readonly at: number; readonly length: number } {
  const bytes = encoder.encode(`${text}\0`);
  const at = allocate(bytes.length) >>> 0;
  live.memory.write(at, bytes);
  return { at, length: bytes.length - 1 };
}

const encoder = new TextEncoder();
