import type { FileResult } from "../../../capabilities/files/file-system.ts";
import type { ToolCalls } from "../../../capabilities/tools/tool-calls.ts";
import type { FuelGauge } from "../../../engine/instance/fuel-gauge.ts";
import { replyText } from "../../reply-text.ts";

/** The path of the file through which a guest talks with its host. */
export const HOST_FILE_PATH = "/dev/wardian";

/** What the guest said of its run: the last of each kind counts, an error before an exit before a value. */
export interface HostFileReport {
  readonly value?: string;
  readonly error?: string;
  readonly exit?: string;
  readonly tooLarge?: true;
}

/** Longest lines of each kind. What is longer is forged, and would cost the host time to parse. */
const MAX_TOOL_CALL = 4.5 * 2 ** 20;
const MAX_ERROR = 2 ** 19;
const MAX_EXIT = 16;

/** Fuel for a byte that is kept, decoded and parsed. */
const UNITS_PER_BYTE = 4;

const NEWLINE = 0x0a;
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();

/** What a host file is made over. */
export interface HostFileParts {
  readonly tools: ToolCalls;
  readonly fuel: FuelGauge;
  /** How long the encoded value of a run may be, in bytes. */
  readonly valueBytes: number;
}

/**
 * A file that is the whole of a language's binding: the guest writes one line and, for a call, reads one line back. Any
 * language that has files can speak it.
 *
 * | the guest writes              | and reads                                                                      |
 * | ----------------------------- | ------------------------------------------------------------------------------ |
 * | `tool NAME ARGUMENTS`         | the result, or `e` and `["error name", "message"]`                             |
 * | `value VALUE`                 | nothing: the run's value, by the grammar of `value-codec.ts`                   |
 * | `error {name, message, …}`    | nothing: the error that ended the run                                          |
 * | `exit CODE`                   | nothing: the run ended as a process does                                       |
 *
 * Arguments, results and values are JSON on one line. What a guest reads first in a run is what its host put there: the
 * source and what else belongs to the run. All that comes is hostile; a line that is none of these is an I/O error.
 */
export class HostFile {
  readonly #parts: HostFileParts;
  #line: Uint8Array[] = [];
  #lineBytes = 0;
  #inbox: Uint8Array = new Uint8Array(0);
  #report: HostFileReport = {};

  constructor(parts: HostFileParts) {
    this.#parts = parts;
  }

  /** Puts a line for the guest to read next, and forgets what it has said so far. */
  send(text: string): void {
    this.clear();
    this.#inbox = encoder.encode(`${text}\n`);
  }

  takeReport(): HostFileReport {
    const report = this.#report;
    this.clear();
    return report;
  }

  /** How long the encoded value of a run may be, in bytes. */
  get valueBytes(): number {
    return this.#parts.valueBytes;
  }

  /** For a driver that speaks for its guest: all that there is to be read. */
  receive(): string {
    const text = decoder.decode(this.#inbox);
    this.#inbox = new Uint8Array(0);
    return text;
  }

  /** The same for a line to be answered; "" if it is refused. */
  exchange(line: string): string {
    return typeof this.write(encoder.encode(`${line}\n`)) === "number" ? this.receive() : "";
  }

  /** The same for a report; a value that is too long is told as such. */
  tell(report: HostFileReport): void {
    const long = report.value !== undefined && encoder.encode(report.value).length > this.#parts.valueBytes;
    this.#report = { ...this.#report, ...(long ? { tooLarge: true } : report) };
  }

  clear(): void {
    this.#line = [];
    this.#lineBytes = 0;
    this.#inbox = new Uint8Array(0);
    this.#report = {};
  }

  /** What is left of the last answer. All openings of the file are one: what is written to one is answered on any. */
  read(into: Uint8Array): number {
    const part = this.#inbox.subarray(0, into.length);
    into.set(part);
    this.#inbox = this.#inbox.subarray(part.length);
    return part.length;
  }

  /** Takes a part of a line, or several lines; EIO for a line that is too long, or is none. */
  write(from: Uint8Array): FileResult<number> {
    this.#parts.fuel.charge(from.length * UNITS_PER_BYTE);
    for (let rest = from; rest.length > 0;) {
      const end = rest.indexOf(NEWLINE);
      const part = end < 0 ? rest : rest.subarray(0, end);
      this.#lineBytes += part.length;
      // What is over the longest line is not kept; the line is judged when it ends.
      if (this.#lineBytes <= this.#longest()) this.#line.push(part.slice());
      if (end < 0) break;
      if (!this.#takeLine()) return "EIO";
      rest = rest.subarray(end + 1);
    }
    return from.length;
  }

  #longest(): number {
    return Math.max(MAX_TOOL_CALL, this.#parts.valueBytes + "value ".length);
  }

  #takeLine(): boolean {
    const kept = this.#lineBytes <= this.#longest();
    const text = decoder.decode(joined(this.#line));
    const bytes = this.#lineBytes;
    this.#line = [];
    this.#lineBytes = 0;
    const space = text.indexOf(" ");
    const verb = space < 0 ? text : text.slice(0, space);
    const rest = space < 0 ? "" : text.slice(space + 1);
    switch (verb) {
      case "tool":
        return kept && bytes <= MAX_TOOL_CALL && this.#call(rest);
      case "value":
        if (kept && bytes - "value ".length <= this.#parts.valueBytes) this.#report = { ...this.#report, value: rest };
        else this.#report = { ...this.#report, tooLarge: true };
        return true;
      case "error":
        if (bytes > MAX_ERROR) return false;
        this.#report = { ...this.#report, error: rest };
        return true;
      case "exit":
        if (bytes > MAX_EXIT) return false;
        this.#report = { ...this.#report, exit: rest };
        return true;
      default:
        return false;
    }
  }

  #call(rest: string): boolean {
    const space = rest.indexOf(" ");
    if (space <= 0) return false;
    const reply = this.#parts.tools.call(rest.slice(0, space), rest.slice(space + 1), true);
    const text =
      reply.state === "pending"
        ? // The guest is on the stack, and so is whoever could answer.
          replyText({ state: "error", name: "ToolError", message: ASYNCHRONOUS })
        : replyText(reply);
    this.#inbox = encoder.encode(`${text}\n`);
    this.#parts.fuel.charge(this.#inbox.length * UNITS_PER_BYTE);
    return true;
  }
}

const ASYNCHRONOUS = "the tool is asynchronous, and this language can only wait for one that answers at once";

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first;
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
