import { SITE_PACKAGES } from "../../guests/python/packages/installed-packages.ts";
import { buildSandbox } from "../build-sandbox.ts";
import type { SandboxParts } from "../build-sandbox.ts";
import type { SuspendedRun } from "../local/suspended-run.ts";
import { captureSandbox } from "./captured-sandbox.ts";
import { FORK } from "./snapshot-options.ts";

/**
 * A second sandbox that goes on where `parts` stands: memory, files in memory, clock and random are its own from here.
 * `reseed` tells its random numbers from those of the original and of other forks; undefined: they are the same.
 */
export async function forkSandbox(
  parts: SandboxParts,
  run: SuspendedRun | undefined,
  reseed: string | undefined,
): Promise<SandboxParts> {
  const { options, host, files, clock } = parts;
  const state = captureSandbox(parts, run, FORK);
  const mounts = new Map(files.forkMounts());
  // The fork mounts its packages itself.
  if (options.installed !== undefined) mounts.delete(SITE_PACKAGES);
  const forked = { ...options, files: mounts, clock: clock.fork?.() ?? clock };
  return await buildSandbox(host, forked, { state, reseed });
}
