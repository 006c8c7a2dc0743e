import { createEnvironment, MAX_ENTRIES, MAX_TOTAL_LENGTH } from "../capabilities/environment/create-environment.ts";
import type { Environment } from "../capabilities/environment.ts";
import type { FileSystem } from "../capabilities/files/file-system.ts";
import type { Random } from "../capabilities/random.ts";
import type { ResolvedNetwork } from "../capabilities/network/policy/resolve-network.ts";
import type { HttpTransport } from "../capabilities/network/transport/transport.ts";
import { WardianError } from "../errors.ts";
import type { GuestKind } from "../guests/guest.ts";
import { PreparedImage } from "./images/prepared-image.ts";
import { describe } from "./limits.ts";
import type { ResolvedOptions, Execution } from "./options.ts";

/** How the value of one option each is checked; which options there are, and how they go together, is in options.ts. */
export const CREATE = "Cannot create a sandbox";

export function objectOf(value: unknown, action: string, what: string, known: ReadonlySet<string>): object {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new TypeError(`${action}: ${what} must be an object, not ${describe(value)}`);
  for (const name of Object.keys(value)) {
    if (!known.has(name))
      throw new WardianError(
        "invalid-option",
        `${action}: "${name}" is not an option; the options are ${[...known].join(", ")}`,
      );
  }
  return value;
}

export function resolveImage(image: unknown): PreparedImage | undefined {
  if (image === undefined) return undefined;
  if (!(image instanceof PreparedImage))
    throw new TypeError(`${CREATE}: image must be made by prepare or loadImage, and is ${describe(image)}`);
  return image;
}

export function resolveFiles(files: unknown): ReadonlyMap<string, FileSystem> {
  const resolved = new Map<string, FileSystem>();
  if (files === undefined) return resolved;
  if (typeof files !== "object" || files === null || Array.isArray(files))
    throw new TypeError(`${CREATE}: files must be an object of guest path → directory, not ${describe(files)}`);
  for (const [path, system] of Object.entries(files) as [string, unknown][]) {
    if (typeof system !== "object" || system === null || typeof (system as FileSystem).root !== "function") {
      throw new TypeError(
        `${CREATE}: files["${path}"] is not a directory; make it with memoryDirectory(…) or hostDirectory({ path })`,
      );
    }
    resolved.set(path, system as FileSystem);
  }
  return resolved;
}

/** The guest finds the placeholder of a secret where programs look for credentials. */
export function resolveEnvironment(
  env: unknown,
  args: readonly string[] | undefined,
  { secrets }: ResolvedNetwork,
): Environment {
  const variables = new Map(env === undefined ? [] : stringMap(env, CREATE, "env"));
  for (const { name, placeholder } of secrets) {
    if (variables.has(name))
      throw new WardianError(
        "invalid-option",
        `${CREATE}: env["${name}"] and network.secrets["${name}"] cannot both be the guest's variable`,
      );
    variables.set(name, placeholder);
  }
  return createEnvironment({ env: variables, args: args ?? [] });
}

export function resolveTransport(fetch: unknown, transport: unknown): Pick<ResolvedOptions, "fetch" | "transport"> {
  if (fetch !== undefined && typeof fetch !== "function")
    throw new TypeError(`${CREATE}: fetch must be a function, not ${describe(fetch)}`);
  if (
    transport !== undefined &&
    (typeof transport !== "object" || transport === null || typeof (transport as HttpTransport).send !== "function")
  ) {
    throw new TypeError(`${CREATE}: transport must have a send function; nodeTransport() makes one`);
  }
  if (fetch !== undefined && transport !== undefined)
    throw new WardianError("invalid-option", `${CREATE}: fetch and transport cannot both be given`);
  return { fetch: fetch as ResolvedOptions["fetch"], transport: transport as HttpTransport | undefined };
}

export function stringMap(value: unknown, action: string, option: string): ReadonlyMap<string, string> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new TypeError(`${action}: ${option} must be an object of strings, not ${describe(value)}`);
  const map = new Map<string, string>();
  for (const [name, text] of Object.entries(value) as [string, unknown][]) {
    if (typeof text !== "string")
      throw new TypeError(`${action}: ${option}["${name}"] must be a string, not ${describe(text)}`);
    map.set(name, text);
  }
  return map;
}

export function resolveArgs(args: unknown, action: string): readonly string[] | undefined {
  if (args === undefined) return undefined;
  if (!Array.isArray(args) || args.some((arg) => typeof arg !== "string"))
    throw new TypeError(`${action}: args must be an array of strings`);
  if (args.some((arg: string) => arg.includes("\0")))
    throw new WardianError("invalid-option", `${action}: args must not hold NUL`);
  if (args.length > MAX_ENTRIES)
    throw new RangeError(`${action}: args are ${args.length}, at most ${MAX_ENTRIES} are allowed`);
  const length = args.reduce((sum: number, arg: string) => sum + arg.length, 0);
  if (length > MAX_TOTAL_LENGTH)
    throw new RangeError(`${action}: args are ${length} characters long, at most ${MAX_TOTAL_LENGTH} are allowed`);
  return [...(args as string[])];
}

export function resolveSuspend(suspend: unknown, action: string): "on-tool" | undefined {
  if (suspend === undefined || suspend === "on-tool") return suspend;
  throw new WardianError("invalid-option", `${action}: suspend is ${describe(suspend)}, and can only be "on-tool"`);
}

export function resolveGrace(graceMs: unknown, language: GuestKind, action: string): number | undefined {
  if (graceMs === undefined) return undefined;
  if (language !== "python") {
    throw new WardianError("invalid-option", `${action}: graceMs is for Python; a ${language} guest has no soft stop`);
  }
  if (typeof graceMs !== "number" || Number.isNaN(graceMs)) {
    throw new TypeError(`${action}: graceMs must be a number of milliseconds, not ${describe(graceMs)}`);
  }
  if (graceMs < 0) throw new RangeError(`${action}: graceMs is ${graceMs}, and must not be negative`);
  return graceMs;
}

export function resolveFilename(filename: unknown, action: string): string | undefined {
  if (filename === undefined) return undefined;
  if (typeof filename !== "string" || filename === "" || filename.length > 255 || /[\0\r\n]/.test(filename)) {
    throw new WardianError(
      "invalid-option",
      `${action}: filename must be 1 to 255 characters without NUL or line breaks, not ${describe(filename)}`,
    );
  }
  return filename;
}

export function resolveOutput(output: unknown): "text" | "bytes" {
  if (output === undefined || output === "text" || output === "bytes") return output ?? "text";
  throw new WardianError(
    "invalid-option",
    `${CREATE}: output is ${describe(output)}, and must be "text" or "bytes"; to be called with it, give onOutput`,
  );
}

export function resolveRandom(random: unknown): ResolvedOptions["random"] {
  if (random === undefined || random === "secure") return "secure";
  if (typeof random === "object" && random !== null) {
    if (typeof (random as Random).fill === "function") return random as Random;
    const { seed } = random as { readonly seed?: unknown };
    if (
      (typeof seed === "number" && Number.isFinite(seed)) ||
      typeof seed === "bigint" ||
      typeof seed === "string" ||
      seed instanceof Uint8Array
    )
      return { seed };
  }
  throw new WardianError(
    "invalid-option",
    `${CREATE}: random is ${describe(random)}, and must be "secure", { seed } or a Random`,
  );
}

const EXECUTIONS: readonly Execution[] = ["inline", "yielding", "worker", "process"];

export function resolveExecution(execution: unknown): Execution {
  if (execution === undefined) return "inline";
  if (EXECUTIONS.includes(execution as Execution)) return execution as Execution;
  throw new WardianError(
    "invalid-option",
    `${CREATE}: execution is ${describe(execution)}, and must be one of ${EXECUTIONS.map((name) => `"${name}"`).join(", ")}`,
  );
}

export function resolveSignal(signal: unknown, action: string): AbortSignal | undefined {
  if (signal === undefined) return undefined;
  if (
    typeof signal === "object" &&
    signal !== null &&
    typeof (signal as AbortSignal).addEventListener === "function" &&
    typeof (signal as AbortSignal).aborted === "boolean"
  )
    return signal as AbortSignal;
  throw new TypeError(`${action}: signal must be an AbortSignal, not ${describe(signal)}`);
}
