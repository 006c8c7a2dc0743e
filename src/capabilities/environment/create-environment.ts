import type { Environment } from "../environment.ts";

export interface EnvironmentOptions {
  /** Default: empty. Nothing comes from the host's own environment. */
  readonly env?: Readonly<Record<string, string>> | ReadonlyMap<string, string>;
  /** Default: none. */
  readonly args?: readonly string[];
}

/** Names, values and arguments together, in UTF-16 units: guests copy all of it into their memory at the start. */
export const MAX_TOTAL_LENGTH: number = 2 ** 20;
/** Names and arguments: each costs a guest an object, however short it is. */
export const MAX_ENTRIES = 65_536;

/**
 * Checks and copies environment variables and arguments.
 *
 * @throws TypeError if a name, a value or an argument is not a string
 * @throws RangeError if one holds a NUL, a variable half of a surrogate pair, a name is empty or holds "=", or all are more than 65,536 or longer than 1 Mi characters
 */
export function createEnvironment(options: EnvironmentOptions = {}): Environment {
  const given = options.env ?? {};
  const env = new Map<string, string>();
  let total = 0;
  for (const [name, value] of given instanceof Map ? given : Object.entries(given)) {
    const shown = JSON.stringify(name);
    if (typeof name !== "string") throw new TypeError("Cannot set an environment variable: its name must be a string");
    if (typeof value !== "string")
      throw new TypeError(`Cannot set the environment variable ${shown}: its value must be a string`);
    if (name === "" || name.includes("=")) {
      throw new RangeError(`Cannot set the environment variable ${shown}: a name is not empty and has no "="`);
    }
    if (name.includes("\0") || value.includes("\0"))
      throw new RangeError(`Cannot set the environment variable ${shown}: it holds a NUL`);
    // A process's environment is UTF-8, which has no lone surrogates.
    if (hasLoneSurrogate(name) || hasLoneSurrogate(value))
      throw new RangeError(`Cannot set the environment variable ${shown}: it holds half of a surrogate pair`);
    env.set(name, value);
    total += name.length + value.length;
  }
  const args = [...(options.args ?? [])];
  for (const [index, argument] of args.entries()) {
    if (typeof argument !== "string") throw new TypeError(`Cannot pass argument ${index}: it must be a string`);
    if (argument.includes("\0")) throw new RangeError(`Cannot pass argument ${index}: it holds a NUL`);
    total += argument.length;
  }
  if (env.size + args.length > MAX_ENTRIES)
    throw new RangeError(
      `Cannot pass environment and arguments: they are ${env.size + args.length}, at most ${MAX_ENTRIES} are allowed`,
    );
  if (total > MAX_TOTAL_LENGTH) {
    throw new RangeError(
      `Cannot pass environment and arguments: they are ${total} characters long, at most ${MAX_TOTAL_LENGTH} are allowed`,
    );
  }
  return { env, args };
}

function hasLoneSurrogate(text: string): boolean {
  return /[\ud800-\udfff]/u.test(text);
}
