import { sha256 } from "../../capabilities/random/sha256.ts";
import type { FileSystem } from "../../capabilities/files/file-system.ts";
import type { ResolvedOptions } from "../options.ts";
import { encodePlain } from "./plain-data.ts";

/**
 * SHA-256 of what a sandbox may do: language, limits, mounts (points, kinds and modes), packages, network (without the values of
 * secrets), names of tools, environment, kinds of clock and random. Two sandboxes with the same options have the same.
 */
export function policyDigest(options: ResolvedOptions, mounts: ReadonlyMap<string, FileSystem>): Uint8Array {
  const { language, limits, installed, network, tools, environment, clock, random, graceMs } = options;
  return sha256(
    encodePlain({
      language,
      limits: { ...limits },
      mounts: byName(mounts).map(([path, { kind, writable }]) => [path, kind, writable]),
      network: {
        rules: network.rules.map(({ text, methods, addresses }) => [
          text,
          methods === undefined ? "*" : [...methods].toSorted(),
          addresses,
        ]),
        limits: { ...network.limits },
        redirects: network.redirects,
        secrets: network.secrets.map(({ name }) => name).toSorted(),
      },
      tools: [...tools.keys()].toSorted(),
      env: byName(environment.env),
      args: environment.args,
      clock: typeof clock === "string" ? clock : clock.kind,
      random: typeof random === "string" ? random : "seed" in random ? "seeded" : random.kind,
      graceMs,
      ...(installed === undefined ? {} : { packages: installed.wheels.map(({ digest }) => digest).toSorted() }),
    }),
  );
}

function byName<T>(map: ReadonlyMap<string, T>): (readonly [string, T])[] {
  return [...map].toSorted(([left], [right]) => (left < right ? -1 : 1));
}
