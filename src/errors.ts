/**
 * Every code that a {@link WardianError} can carry. The list is closed: a new failure gets a new code here.
 *
 * - `invalid-option`: an option has the wrong type or value (thrown as `TypeError` or `RangeError` with this code where the platform's own class says it better).
 * - `invalid-module`: bytes are not a Wasm module that the engine accepts.
 * - `module-too-large`: a module is over one of the rewriter's bounds.
 * - `unsealed-module`: a module imports something that is not on the list of sealed imports.
 * - `invalid-package`: a Python package is damaged, for another interpreter, or not the one that a lock names.
 * - `invalid-mount`: a mount point or its directory cannot be used.
 * - `broken-file-system`: a custom file system broke the contract of `FileSystem` during a run.
 * - `file`: a file could not be read or changed from the host's side.
 * - `conflict`: files of the host changed since a guest changed them in an overlay.
 * - `invalid-value`: a value cannot cross the boundary.
 * - `closed`: the sandbox was closed.
 * - `busy`: the sandbox is already running.
 * - `overloaded`: a pool has as many runs waiting as it may have.
 * - `invalid-snapshot`: bytes are no snapshot, damaged, or hold what no sandbox could have written.
 * - `foreign-snapshot`: a snapshot of another version of this package, another guest or another policy.
 * - `snapshot-signature`: a snapshot is not signed with the key that was given, or signed and no key was given.
 * - `setup-failed`: the set-up code of an image did not end well (`cause` is its result).
 * - `not-suspended`: there is no suspended run to go on with.
 * - `unknown-call`: an answer is to a call that is not pending, or was answered before.
 * - `unsupported`: this platform cannot do what was asked.
 * - `asset`: a runtime artefact is missing, damaged or of another version.
 * - `invalid-recording`: bytes are not a recording, or one that is damaged or of another version.
 * - `replay-diverged`: a replayed guest asked for something else than the recording has, or came to another result.
 * - `replay-timeout`: a replay took longer than its caller allows.
 * - `internal`: a defect of this package.
 */
export type WardianErrorCode =
  | "invalid-option"
  | "invalid-module"
  | "module-too-large"
  | "unsealed-module"
  | "invalid-package"
  | "invalid-mount"
  | "broken-file-system"
  | "file"
  | "conflict"
  | "invalid-value"
  | "closed"
  | "busy"
  | "overloaded"
  | "invalid-snapshot"
  | "foreign-snapshot"
  | "snapshot-signature"
  | "setup-failed"
  | "not-suspended"
  | "unknown-call"
  | "unsupported"
  | "asset"
  | "invalid-recording"
  | "replay-diverged"
  | "replay-timeout"
  | "internal";

/** A failure of the host's own making: never thrown for something that a guest did. */
export class WardianError extends Error {
  readonly code: WardianErrorCode;

  constructor(code: WardianErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = "WardianError";
    this.code = code;
  }
}
