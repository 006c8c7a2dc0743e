import { captureDescriptors } from "../../../wasi/preview1/capture-descriptors.ts";
import type { DescriptorsState } from "../../../wasi/preview1/capture-descriptors.ts";
import { BytesDescription } from "../../../wasi/preview1/descriptors/bytes-description.ts";
import { restoreDescriptors } from "../../../wasi/preview1/restore-descriptors.ts";
import { WardianError } from "../../../errors.ts";
import { STDLIB_PATH } from "./internal-files.ts";
import type { PythonHost } from "./python-host.ts";

/** What a kernel would keep of one interpreter, as JSON data. */
export interface HostState {
  readonly cwd: string;
  readonly pendingSignal: number;
  /** Addresses of live file mappings. */
  readonly mappings: readonly number[];
  readonly descriptors: DescriptorsState;
}

/** What a session keeps beside its host. */
export interface SessionFlags {
  /** Numbers of the calls that the guest waits for. */
  readonly pending: readonly number[];
  readonly asleep: boolean;
  readonly stale: boolean;
  readonly softMs: number | undefined;
}

export function captureHost(host: PythonHost): HostState {
  const { cwd, pendingSignal, mappings, descriptors } = host;
  return { cwd, pendingSignal, mappings: [...mappings], descriptors: captureDescriptors(descriptors) };
}

/**
 * Puts a host back to what {@link captureHost} found. The state may be forged.
 *
 * @throws WardianError "invalid-snapshot" if it is no such state; the host is then of no use.
 */
export function restoreHost(host: PythonHost, state: unknown): SessionFlags {
  const { cwd, pendingSignal, mappings, descriptors, pending, asleep, stale, softMs } = (
    typeof state === "object" && state !== null ? state : {}
  ) as Readonly<Record<string, unknown>>;
  if (
    typeof cwd !== "string" ||
    !cwd.startsWith("/") ||
    cwd.length > MAX_PATH ||
    !(pendingSignal === 0 || pendingSignal === SIGINT) ||
    !isListOfNumbers(mappings, MAX_MAPPINGS) ||
    !isListOfNumbers(pending, MAX_PENDING) ||
    typeof asleep !== "boolean" ||
    typeof stale !== "boolean" ||
    !(softMs === undefined || typeof softMs === "number")
  )
    throw damaged();
  host.restart();
  host.descriptors.closeAll();
  const { capabilities, stdlib } = host;
  const powers = {
    ...capabilities,
    input: () => capabilities.input,
    bytes: (path: string) => (path === STDLIB_PATH ? new BytesDescription(STDLIB_PATH, stdlib) : undefined),
  };
  if (!restoreDescriptors(host.descriptors, descriptors, powers)) throw damaged();
  host.cwd = cwd;
  host.pendingSignal = pendingSignal;
  for (const address of mappings) host.mappings.add(address);
  return { pending, asleep, stale, softMs };
}

const SIGINT = 2;
const MAX_PATH = 4_096;
const MAX_MAPPINGS = 1_024;
/** As many calls as a run may make. */
const MAX_PENDING = 10_000_000;

function isListOfNumbers(value: unknown, longest: number): value is readonly number[] {
  return (
    Array.isArray(value) &&
    value.length <= longest &&
    value.every((item) => typeof item === "number" && Number.isSafeInteger(item) && item >= 0)
  );
}

function damaged(): WardianError {
  return new WardianError("invalid-snapshot", "Cannot restore a snapshot: what the host kept of Python is damaged");
}
