import { parseArgs } from "node:util";
import { suggest } from "./suggest.ts";
import { UsageError } from "./usage-error.ts";

/** A flag takes a value by "=" or is a switch. `multiple` flags may be given more than once. */
export interface Flag {
  readonly type: "string" | "boolean";
  readonly multiple?: boolean;
  readonly short?: string;
}

export interface ParsedFlags {
  readonly positionals: readonly string[];
  /** All values of a flag, in order; empty if it was not given. */
  all(name: string): readonly string[];
  /** The last value of a flag. */
  one(name: string): string | undefined;
  has(name: string): boolean;
}

/**
 * Reads flags in Deno's spelling: `--name=value` only. "--fuel 1000" is refused instead of guessed,
 * because a bare `--flag` before another one would swallow it as its value.
 * After "--" everything is positional.
 */
export function parseFlags(argv: readonly string[], flags: Readonly<Record<string, Flag>>): ParsedFlags {
  const { tokens } = parseArgs({
    args: [...argv],
    options: { ...flags },
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values = new Map<string, string[]>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const flag = Object.hasOwn(flags, token.name) ? flags[token.name] : undefined;
    if (flag === undefined)
      throw new UsageError(
        `there is no flag ${token.rawName}${suggest(
          token.rawName,
          Object.keys(flags).map((name) => `--${name}`),
        )}`,
      );
    const seen = values.get(token.name) ?? [];
    if (flag.type === "boolean" && token.value !== undefined)
      throw new UsageError(`${token.rawName} is a switch and takes no value`);
    if (flag.type === "string" && !takesValue(token, flag))
      throw new UsageError(`${token.rawName} needs a value: ${token.rawName}=VALUE`);
    if (seen.length > 0 && flag.multiple !== true && flag.type === "string")
      throw new UsageError(`${token.rawName} may be given only once`);
    seen.push(token.value ?? "");
    values.set(token.name, seen);
  }
  return {
    positionals,
    all: (name) => values.get(name) ?? [],
    one: (name) => values.get(name)?.at(-1),
    has: (name) => values.has(name),
  };
}

/** Long flags only by "="; a short one ("-o FILE") may have its value as the next word, as everywhere. */
function takesValue(
  token: { readonly rawName: string; readonly value?: string | undefined; readonly inlineValue?: boolean | undefined },
  flag: Flag,
): boolean {
  if (token.value === undefined) return false;
  return token.inlineValue === true || (flag.short !== undefined && token.rawName === `-${flag.short}`);
}
