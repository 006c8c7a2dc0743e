import path from "node:path";
import type { Canaries } from "./canaries.ts";

const root = path.resolve(import.meta.dirname, "../../..");

/** Traces of the host's own code: a guest's text never has them. */
const HOST_TRACES =
  /node:internal|file:\/\/\/|wasm:\/\/|wasm-function|\/src\/(?:guests|wasi|sandbox|hosts|capabilities)\/|component\.js/;

/**
 * What in `value`, however it is nested, comes from where no guest can have it from; undefined if nothing does. What the
 * guest's own source says, it may say again.
 */
export function leakIn(value: unknown, canaries: Canaries, source = ""): string | undefined {
  const text = textOf(value);
  for (const secret of [canaries.variable, canaries.file, canaries.neighbour, canaries.folder, root]) {
    if (text.includes(secret) && !source.includes(secret))
      return `"${secret}" in ${excerpt(text, text.indexOf(secret))}`;
  }
  const trace = HOST_TRACES.exec(text);
  return trace === null || source.includes(trace[0])
    ? undefined
    : `a trace of the host in ${excerpt(text, trace.index)}`;
}

function excerpt(text: string, at: number): string {
  return JSON.stringify(text.slice(Math.max(0, at - 60), at + 120));
}

/** All strings and bytes of a value, keys included. */
function textOf(value: unknown): string {
  const parts: string[] = [];
  const seen = new Set<unknown>();
  const rest: unknown[] = [value];
  while (rest.length > 0) {
    const item = rest.pop();
    if (typeof item !== "object" || item === null) {
      parts.push(typeof item === "symbol" ? "symbol" : String(item));
      continue;
    }
    if (seen.has(item)) continue;
    seen.add(item);
    if (ArrayBuffer.isView(item))
      parts.push(Buffer.from(item.buffer, item.byteOffset, item.byteLength).toString("latin1"));
    else if (item instanceof Map) for (const [key, held] of item) rest.push(key, held);
    else if (item instanceof Set || Array.isArray(item)) for (const held of item) rest.push(held);
    else for (const key of Object.keys(item)) rest.push(key, (item as Record<string, unknown>)[key]);
  }
  return parts.join("\n");
}
