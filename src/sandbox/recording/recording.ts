import type { ClockTraits } from "../../capabilities/recording/clock-tape.ts";
import type { FileSystemTraits } from "../../capabilities/recording/files-tape.ts";
import type { Random } from "../../capabilities/random.ts";
import type { GuestCall, GuestKind } from "../../guests/guest.ts";
import type { Limits } from "../limits.ts";
import type { CallsReport } from "../local/run-calls.ts";

/** What a recording says of the sandbox: everything that its guest can tell and that is not an input of a run. */
export interface RecordingHead {
  /** See `guestMark`. */
  readonly engine: string;
  readonly language: GuestKind;
  readonly limits: Limits;
  readonly env: readonly (readonly [name: string, value: string])[];
  readonly args: readonly string[];
  readonly tools: readonly string[];
  /** Whether there is a network at all. */
  readonly network: boolean;
  readonly mounts: readonly (readonly [path: string, traits: FileSystemTraits])[];
  /** Wall time of the sandbox's creation, which the directories above the mounts show. */
  readonly createdMs: number;
  readonly clock: ClockTraits;
  readonly random: Random["kind"];
}

/** What a run was asked to do. */
export interface RunHead {
  readonly source: string;
  /** What was called, of a reactor or component. */
  readonly call?: GuestCall | undefined;
  readonly filename: string;
  readonly args: readonly string[];
  readonly modules: readonly (readonly [specifier: string, source: string])[];
  readonly softMs: number | undefined;
  readonly limits: Limits;
}

/** A stop that came from the host, and where in the run it did. */
export type RecordedStop = (
  | { readonly kind: "time"; readonly allowedMs: number }
  | { readonly kind: "abort"; readonly reason: string }
) &
  (
    | /** At a slice's look, when so much fuel was used. */ { readonly at: "look"; readonly used: number }
    /** "check": as the tape says. "wait": while the guest waited. "before" and "after" its work. */
    | { readonly at: "check" | "wait" | "before" | "after" }
  );

/** How a run ended. */
export interface RunTail {
  readonly stop: RecordedStop | undefined;
  /** Fuel used when the guest was first to be interrupted softly. */
  readonly softUsed: number | undefined;
  /** Charged for host work behind the last input. */
  readonly work: readonly number[];
  readonly fuel: number;
  readonly digest: string;
  /** What was called outside: a replay calls nothing, and reports this. */
  readonly calls: CallsReport;
}
