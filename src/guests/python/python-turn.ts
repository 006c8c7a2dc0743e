import type { GuestError, GuestOutcome, GuestTurn } from "../guest.ts";
import { decodeValue } from "../value-codec.ts";
import type { MayGoOn } from "../value-codec.ts";
import { reportedError, reportedFields } from "../reported-error.ts";
import type { ChannelReport } from "./host/host-channel.ts";

/** Turns what the guest reported into a turn. The report is hostile: what cannot be read becomes an error of the guest's. */
export function turnOf(
  report: ChannelReport | undefined,
  pendingCalls: readonly number[],
  valueBytes: number,
  mayGoOn: MayGoOn,
): GuestTurn {
  if (report === undefined) return done({ kind: "error", error: DAMAGED });
  switch (report.kind) {
    case "value":
      return done(valueOf(report.text, mayGoOn));
    case "error":
      return done({ kind: "error", error: reportedError(report.text, DAMAGED) });
    case "exit":
      return done({ kind: "exit", code: exitCode(report.text) });
    case "too-large":
      return done({ kind: "value-too-large", allowed: valueBytes });
    case "waiting":
      return { state: "waiting", callIds: pendingCalls, wakeAtMs: wakeOf(report.text) };
  }
}

/** The prelude reports in every case: its absence means that the guest has broken the prelude's own state. */
const DAMAGED: GuestError = {
  name: "SystemError",
  message: "The interpreter ended the run without a report: its state is damaged",
  traceback: "SystemError: The interpreter ended the run without a report: its state is damaged\n",
};

function done(outcome: GuestOutcome): GuestTurn {
  return { state: "done", outcome };
}

/** The low byte, as a kernel would keep it; CPython exits with 255 for what is no C long. */
function exitCode(text: string): number {
  const code = Number(text);
  return Number.isSafeInteger(code) && Math.abs(code) < 2 ** 31 ? code & 0xff : 255;
}

function valueOf(text: string, mayGoOn: MayGoOn): GuestOutcome {
  try {
    return { kind: "value", value: decodeValue(text, mayGoOn) };
  } catch {
    return { kind: "error", error: DAMAGED };
  }
}

function wakeOf(text: string): number | undefined {
  const { wake } = reportedFields(text);
  return typeof wake === "number" && Number.isFinite(wake) ? wake : undefined;
}
