import { WardianError } from "../../errors.ts";
import { describe } from "../limits.ts";
import type { SandboxOptions } from "../options.ts";

export interface SnapshotOptions {
  /** Signs the snapshot (HMAC-SHA-256): 16 to 1,024 random bytes. Default: it is not signed. */
  readonly key?: Uint8Array | undefined;
  /**
   * Writes all of the guest's memory. Default false: only what differs from the package's own image, which is a tenth of it
   * or less; either can be restored by the same version of the package only.
   */
  readonly whole?: boolean | undefined;
}

export interface ForkOptions {
  /** The fork draws the same random numbers as the original. Default false. */
  readonly identical?: boolean | undefined;
}

/** The options of a sandbox, of which nothing comes out of the snapshot, and how to read it. */
export interface RestoreOptions extends SandboxOptions {
  /** The key that it was signed with. Without one a signed snapshot is refused, with one an unsigned one. */
  readonly key?: Uint8Array | undefined;
  /** The restored guest draws the random numbers that the original would have drawn. Default false. */
  readonly identical?: boolean | undefined;
  /** Takes a snapshot of a sandbox with other limits, mounts, grants or environment. Default false: it is refused. */
  readonly acceptPolicyChange?: boolean | undefined;
  /** Bytes that the snapshot may unpack to. Default: `limits.memoryBytes` and 64 MiB for files and the rest. */
  readonly maxBytes?: number | undefined;
}

/** How to read an image. */
export interface LoadOptions {
  /** The key that it was signed with. Without one a signed image is refused, with one an unsigned one. */
  readonly key?: Uint8Array | undefined;
  /** Bytes that it may unpack to. Default: 512 MiB. */
  readonly maxBytes?: number | undefined;
}

export interface ResolvedSnapshotOptions {
  readonly key: Uint8Array<ArrayBuffer> | undefined;
  readonly whole: boolean;
}

export interface ResolvedForkOptions {
  readonly identical: boolean;
}

export interface ResolvedRestoreOptions {
  readonly key: Uint8Array<ArrayBuffer> | undefined;
  readonly identical: boolean;
  readonly acceptPolicyChange: boolean;
  readonly maxBytes: number | undefined;
}

export const SNAPSHOT = "Cannot take a snapshot";
export const FORK = "Cannot fork the sandbox";
export const RESTORE = "Cannot restore a sandbox";

/** @throws TypeError, RangeError or WardianError "invalid-option" that names the option */
export function resolveSnapshotOptions(options: unknown): ResolvedSnapshotOptions {
  const { key, whole } = fieldsOf(options, ["key", "whole"], SNAPSHOT);
  return { key: resolveKey(key, SNAPSHOT), whole: resolveFlag(whole, "whole", SNAPSHOT) };
}

/** @throws as {@link resolveSnapshotOptions} */
export function resolveForkOptions(options: unknown): ResolvedForkOptions {
  const { identical } = fieldsOf(options, ["identical"], FORK);
  return { identical: resolveFlag(identical, "identical", FORK) };
}

/** @throws as {@link resolveSnapshotOptions} */
export function resolveLoadOptions(
  options: unknown,
): Pick<ResolvedRestoreOptions, "key"> & { readonly maxBytes?: number } {
  const action = "Cannot load an image";
  const { key, maxBytes } = fieldsOf(options, ["key", "maxBytes"], action);
  const most = resolveMaxBytes(maxBytes, action);
  return { key: resolveKey(key, action), ...(most === undefined ? {} : { maxBytes: most }) };
}

/** Parts how to read from what the sandbox is; throws as {@link resolveSnapshotOptions}. */
export function resolveRestoreOptions(options: unknown): ResolvedRestoreOptions & { readonly rest: object } {
  if (typeof options !== "object" || options === null)
    throw new TypeError(`${RESTORE}: its options must be an object, not ${describe(options)}`);
  const { key, identical, acceptPolicyChange, maxBytes, ...rest } = options as Readonly<Record<string, unknown>>;
  return {
    key: resolveKey(key, RESTORE),
    identical: resolveFlag(identical, "identical", RESTORE),
    acceptPolicyChange: resolveFlag(acceptPolicyChange, "acceptPolicyChange", RESTORE),
    maxBytes: resolveMaxBytes(maxBytes, RESTORE),
    rest,
  };
}

/** Room for `/tmp`, and for what is not files. */
export const DEFAULT_ROOM_BYTES: number = 64 * 2 ** 20;

function resolveKey(key: unknown, action: string): Uint8Array<ArrayBuffer> | undefined {
  if (key === undefined) return undefined;
  if (!(key instanceof Uint8Array)) throw new TypeError(`${action}: key must be a Uint8Array, not ${describe(key)}`);
  if (key.length < 16 || key.length > 1_024)
    throw new RangeError(`${action}: key has ${key.length} bytes, and must have 16 to 1024`);
  return Uint8Array.from(key);
}

function resolveFlag(flag: unknown, name: string, action: string): boolean {
  if (flag === undefined) return false;
  if (typeof flag !== "boolean") throw new TypeError(`${action}: ${name} must be true or false, not ${describe(flag)}`);
  return flag;
}

function resolveMaxBytes(maxBytes: unknown, action: string): number | undefined {
  if (maxBytes === undefined) return undefined;
  if (typeof maxBytes !== "number")
    throw new TypeError(`${action}: maxBytes must be a number of bytes, not ${describe(maxBytes)}`);
  if (Number.isSafeInteger(maxBytes) && maxBytes >= 1) return maxBytes;
  throw new RangeError(`${action}: maxBytes is ${maxBytes}, and must be a whole number of bytes, 1 or more`);
}

function fieldsOf(options: unknown, names: readonly string[], action: string): Readonly<Record<string, unknown>> {
  if (options === undefined) return {};
  if (typeof options !== "object" || options === null || Array.isArray(options))
    throw new TypeError(`${action}: its options must be an object, not ${describe(options)}`);
  const stray = Object.keys(options).find((name) => !names.includes(name));
  if (stray !== undefined)
    throw new WardianError(
      "invalid-option",
      `${action}: "${stray}" is not an option; the options are ${names.join(", ")}`,
    );
  return options as Readonly<Record<string, unknown>>;
}
