import type { FileSystem } from "../../capabilities/files/file-system.ts";
import type { NetworkPolicy } from "../../capabilities/network/policy/network-policy.ts";
import type { Language } from "../../guests/guest.ts";
import type { GuestModule } from "../../guests/module/guest-module.ts";
import { hostDirectory } from "../../node.ts";
import type { SandboxOptions } from "../../sandbox/options.ts";
import type { ParsedFlags } from "./flags.ts";
import { readLock } from "./read-lock.ts";
import { parseCount, parseSize } from "./sizes.ts";
import { UsageError } from "./usage-error.ts";

/** The flags that say what a sandbox may do and use; `run` and `repl` share them. */
export const POLICY_FLAGS = {
  language: { type: "string" },
  mount: { type: "string", multiple: true },
  package: { type: "string", multiple: true },
  "packages-lock": { type: "string" },
  "allow-net": { type: "string", multiple: true },
  env: { type: "string", multiple: true },
  arg: { type: "string", multiple: true },
  fuel: { type: "string" },
  timeout: { type: "string" },
  memory: { type: "string" },
  output: { type: "string" },
  seed: { type: "string" },
  clock: { type: "string" },
} as const;

export const POLICY_HELP = `  --language=L                javascript, typescript, python, lua, ruby, php, perl, sql or bash
  --mount=GUEST=HOST[:MODE]   give the guest a directory of this machine; MODE is ro (the default), rw, or overlay:
                              the guest's changes stay in memory; repeatable
  --package=FILE.whl          a Python package, by its wheel; repeatable
  --packages-lock=FILE        refuse packages with other digests than this file of "wardian packages lock" has
  --allow-net=[METHODS:]URL   let the guest send HTTP requests to what is at or below URL: GET and HEAD, or
                              methods such as POST+PUT, or *; several with commas between them; repeatable
  --env=NAME=VALUE            set an environment variable of the guest; repeatable
  --arg=TEXT                  add an argument; repeatable
  --fuel=N                    fuel units (default 100e9)
  --timeout=MS                milliseconds (default 5000)
  --memory=SIZE               linear memory, such as 64MiB (default 64MiB for JavaScript, else 256MiB)
  --output=SIZE               bytes of output that are kept (default 1MiB)
  --seed=N                    reproducible random numbers
  --clock=KIND                the guest's clock: real (default), frozen, fixed or virtual`;

/** The guest paths of the overlays among the mounts. */
export function overlayMounts(flags: ParsedFlags): readonly string[] {
  return flags
    .all("mount")
    .filter((mount) => mount.endsWith(":overlay"))
    .map((mount) => mount.slice(0, mount.indexOf("=")));
}

/** Turns the flags into options of `Sandbox.create`. */
export function sandboxOptions(flags: ParsedFlags, guest: Language | GuestModule): SandboxOptions {
  return {
    ...(typeof guest === "string" ? { language: guest } : { guest }),
    limits: {
      fuel: mapFlag(flags, "fuel", (text) => Math.floor(parseCount("--fuel", text, "fuel units"))),
      timeoutMs: mapFlag(flags, "timeout", (text) => parseCount("--timeout", text, "milliseconds")),
      memoryBytes: mapFlag(flags, "memory", (text) => parseSize("--memory", text)),
      outputBytes: mapFlag(flags, "output", (text) => parseSize("--output", text)),
    },
    packages: flags.all("package"),
    packagesLock: mapFlag(flags, "packages-lock", readLock),
    files: Object.fromEntries(parseMounts(flags.all("mount"))),
    network: parseNetwork(flags.all("allow-net")),
    env: Object.fromEntries(flags.all("env").map(parseVariable)),
    random: mapFlag(flags, "seed", (seed) => ({ seed: parseSeed(seed) })),
    clock: mapFlag(flags, "clock", parseClock),
  };
}

function mapFlag<T>(flags: ParsedFlags, name: string, parse: (text: string) => T): T | undefined {
  const text = flags.one(name);
  return text === undefined ? undefined : parse(text);
}

function parseMounts(mounts: readonly string[]): Map<string, FileSystem> {
  const parsed = new Map<string, FileSystem>();
  for (const mount of mounts) {
    const [guest, system] = parseMount(mount);
    if (parsed.has(guest)) throw new UsageError(`--mount gives "${guest}" twice; mount each guest path once`);
    parsed.set(guest, system);
  }
  return parsed;
}

const MODES: ReadonlyMap<string, "read-only" | "read-write" | "overlay"> = new Map([
  ["ro", "read-only"],
  ["rw", "read-write"],
  ["overlay", "overlay"],
]);

/** GUEST=HOST[:MODE]. A Windows drive's colon is no mode. */
function parseMount(mount: string): [string, FileSystem] {
  const equals = mount.indexOf("=");
  const guest = mount.slice(0, equals);
  if (equals < 1 || !guest.startsWith("/"))
    throw new UsageError(`--mount takes GUEST=HOST[:ro|rw|overlay] with an absolute guest path, not "${mount}"`);
  const rest = mount.slice(equals + 1);
  const mode = /:(ro|rw|overlay)$/.exec(rest)?.[1];
  const path = mode === undefined ? rest : rest.slice(0, -mode.length - 1);
  if (path === "")
    throw new UsageError(`--mount takes GUEST=HOST[:ro|rw|overlay], and the host path is missing in "${mount}"`);
  return [guest, hostDirectory({ path, mode: MODES.get(mode ?? "ro") ?? "read-only" })];
}

/** [METHODS:]URL, with commas between several. */
function parseNetwork(texts: readonly string[]): NetworkPolicy | undefined {
  if (texts.length === 0) return undefined;
  return {
    allow: texts
      .flatMap((text) => text.split(","))
      .map((text) => {
        const [, methods, url] = /^(?:(\*|[A-Z]+(?:\+[A-Z]+)*):)?(https?:\/\/.+)$/.exec(text) ?? [];
        if (url === undefined)
          throw new UsageError(`--allow-net takes [METHODS:]URL, such as https://api.example.com/v1/, not "${text}"`);
        if (methods === undefined) return url;
        return { url, methods: methods === "*" ? methods : methods.split("+") };
      }),
  };
}

function parseVariable(text: string): [string, string] {
  const equals = text.indexOf("=");
  if (equals < 1) throw new UsageError(`--env takes NAME=VALUE, not "${text}"`);
  return [text.slice(0, equals), text.slice(equals + 1)];
}

function parseSeed(text: string): bigint | string {
  return /^-?[0-9]{1,30}$/.test(text) ? BigInt(text) : text;
}

function parseClock(text: string): "real" | "frozen" | "fixed" | "virtual" {
  if (text === "real" || text === "frozen" || text === "fixed" || text === "virtual") return text;
  throw new UsageError(`--clock takes real, frozen, fixed or virtual, not "${text}"`);
}
