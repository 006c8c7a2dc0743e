import type { InputSource } from "../environment.ts";

/** Standard input with fixed content; text is UTF-8. Without content it is at its end. */
export function inputSource(content: string | Uint8Array = ""): InputSource {
  if (typeof content !== "string" && !(content instanceof Uint8Array)) {
    throw new TypeError("Cannot use the input: it must be a string or a Uint8Array");
  }
  // A copy: the caller may go on using its buffer.
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content.slice();
  let position = 0;
  return {
    read: (into) => {
      const count = Math.min(into.length, bytes.length - position);
      into.set(bytes.subarray(position, position + count));
      position += count;
      return count;
    },
    rest: () => bytes.slice(position),
  };
}
