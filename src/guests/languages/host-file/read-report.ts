import type { GuestError, GuestOutcome } from "../../guest.ts";
import { decodeValue } from "../../value-codec.ts";
import type { MayGoOn } from "../../value-codec.ts";
import { reportedError } from "../../reported-error.ts";
import type { HostFileReport } from "./host-file.ts";

/**
 * What a run came to, by what its guest reported: hostile text, so what cannot be read is an error of the guest's.
 * Undefined if it reported nothing.
 */
export function readReport(report: HostFileReport, valueBytes: number, mayGoOn: MayGoOn): GuestOutcome | undefined {
  if (report.error !== undefined) return { kind: "error", error: reportedError(report.error, DAMAGED) };
  if (report.exit !== undefined) return { kind: "exit", code: Number(report.exit) & 0xff, orderly: true };
  if (report.tooLarge === true) return { kind: "value-too-large", allowed: valueBytes };
  if (report.value === undefined) return undefined;
  try {
    return { kind: "value", value: decodeValue(report.value, mayGoOn) };
  } catch {
    return { kind: "error", error: DAMAGED };
  }
}

/** What stands for a report that cannot be read: a prelude makes no such report, so the guest has broken its own. */
const DAMAGED: GuestError = {
  name: "SystemError",
  message: "The interpreter ended the run without a report that can be read: its state is damaged",
  traceback: "SystemError: The interpreter ended the run without a report that can be read: its state is damaged\n",
};
