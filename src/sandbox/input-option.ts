import type { InputSource } from "../capabilities/environment.ts";
import type { InputStream } from "../capabilities/environment/gather-input.ts";
import { describe } from "./limits.ts";

/**
 * What a guest reads from standard input: all of it at once, a source that it pulls from, or a stream that is read to its end
 * before the guest starts, since a guest that reads would block the host.
 */
export type InputOption = string | Uint8Array | InputSource | InputStream;

/** Input, sorted by whether it is there. */
export interface ResolvedInput {
  readonly stdin: string | Uint8Array | InputSource | undefined;
  readonly stream: InputStream | undefined;
}

/** @throws TypeError that names the option */
export function resolveInput(stdin: unknown, action: string): ResolvedInput {
  if (stdin === undefined || typeof stdin === "string" || stdin instanceof Uint8Array)
    return { stdin, stream: undefined };
  if (typeof stdin === "object" && stdin !== null) {
    // First: a stream of Node has a `read` too.
    if (typeof (stdin as InputStream)[Symbol.asyncIterator] === "function")
      return { stdin: undefined, stream: stdin as InputStream };
    if (typeof (stdin as InputSource).read === "function") return { stdin: stdin as InputSource, stream: undefined };
  }
  throw new TypeError(
    `${action}: stdin must be a string, a Uint8Array, an async iterable of them or an InputSource, not ${describe(stdin)}`,
  );
}
