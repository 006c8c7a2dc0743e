import { fileURLToPath } from "node:url";
import type { HostFilesNeeded } from "../../worker-link.ts";

/** A guest's process has it as its working directory: from Node 22 on a thread may read that, whatever its flags say. */
export const dist: string = fileURLToPath(new URL("../../../../dist/", import.meta.url));
const manifest = fileURLToPath(new URL("../../../../package.json", import.meta.url));

/** By the name of Node 24 and that of Node 20. */
const SWITCHES = ["--permission", "--experimental-permission"];

/**
 * Flags by which Node refuses its own process what a guest's does not need: files, child processes, add-ons, WASI, the
 * inspector, and from Node 25 on the network (https://nodejs.org/api/permissions.html). Another wall behind the others: for
 * a guest that has broken out of its engine and calls Node's functions, not for one that makes system calls.
 *
 * Files are granted by the package or not at all: lists of folders that begin with each other end some versions of Node with
 * a failed assertion. Where a host directory may be written there are no flags: under them Node refuses to set times and modes.
 */
export function permissionFlags(files: HostFilesNeeded): readonly string[] {
  const permission = SWITCHES.find((name) => process.allowedNodeEnvironmentFlags.has(name));
  if (permission === undefined || files === "write") return [];
  const readable = files === "package" ? [dist, manifest] : ["*"];
  return [
    permission,
    ...readable.map((path) => `${ALLOW_READ}${path}`),
    // For the guest's thread, which gets the flags above and not this one.
    "--allow-worker",
    // It would stand in front of what a dying process says.
    "--disable-warning=ExperimentalWarning",
    "--disable-warning=SecurityWarning",
  ];
}

/**
 * What of its process's flags the guest's thread is started with: a thread has the permissions of its own flags only, so one
 * that could start others could have them all.
 */
export function threadPermissionFlags(flags: readonly string[]): string[] {
  return flags.filter((flag) => SWITCHES.includes(flag) || flag.startsWith(ALLOW_READ));
}

const ALLOW_READ = "--allow-fs-read=";
