import type { OutputChunk } from "../../capabilities/output/output-listener.ts";
import type { GuestModule } from "../../guests/module/guest-module.ts";
import type { SandboxImage } from "../images/sandbox-image.ts";
import { WardianError } from "../../errors.ts";
import { describe } from "../limits.ts";

/** How a recording is replayed. */
export interface ReplayOptions {
  /** The binary of the recording, if it is one of a command, reactor or component: recordings do not hold it. */
  readonly guest?: GuestModule | undefined;
  /** The image that the recorded sandbox began with, if it did. */
  readonly image?: SandboxImage | undefined;
  /** How long all of its runs together may take, in milliseconds. A recording may be forged to run for ever. Default 60,000. */
  readonly timeoutMs?: number | undefined;
  /** Ends the replay, which then rejects with the signal's reason. Looked at between two turns of the guest. */
  readonly signal?: AbortSignal | undefined;
  /** Called with output as it comes. */
  readonly onOutput?: ((chunk: OutputChunk) => unknown) | undefined;
}

const DEFAULT_TIMEOUT_MS = 60_000;
const OPTIONS: ReadonlySet<string> = new Set(["guest", "image", "timeoutMs", "signal", "onOutput"]);

/** @throws TypeError, RangeError or WardianError ("invalid-option") that names the option */
export function resolveReplayOptions(options: unknown = {}): ReplayOptions & { readonly timeoutMs: number } {
  if (typeof options !== "object" || options === null)
    throw new TypeError(`Cannot replay: its options must be an object, not ${describe(options)}`);
  const stray = Object.keys(options).find((name) => !OPTIONS.has(name));
  if (stray !== undefined)
    throw new WardianError(
      "invalid-option",
      `Cannot replay: "${stray}" is not an option; the options are ${[...OPTIONS].join(", ")}`,
    );
  const { guest, image, timeoutMs = DEFAULT_TIMEOUT_MS, signal, onOutput } = options as ReplayOptions;
  if (typeof timeoutMs !== "number" || !(timeoutMs >= 1))
    throw new RangeError(`Cannot replay: timeoutMs is ${describe(timeoutMs)}, and must be at least 1`);
  return { guest, image, timeoutMs, signal, onOutput };
}
