import type { DenialSink } from "../../../capabilities/denials/denial-log.ts";
import type { HttpCalls } from "../../../capabilities/network/http-calls.ts";
import type { DisplaySink } from "../../../capabilities/output.ts";
import type { ToolCalls, ToolReply } from "../../../capabilities/tools/tool-calls.ts";
import { MAX_NOTE, takeNote } from "../../noted-denials.ts";
import { noteRequest } from "../../noted-request.ts";
import { replyText } from "../../reply-text.ts";
import { showDisplay } from "../../show-display.ts";

/**
 * The descriptor through which the prelude and its host talk. It is no member of the descriptor table:
 * a guest can read and write it (and so confuse its own session) but neither close nor duplicate it.
 */
export const CHANNEL_FD = 100;

/** What the guest said last, by the first byte of its message. */
export type ChannelReport =
  | { readonly kind: "value"; readonly text: string }
  | { readonly kind: "error"; readonly text: string }
  | { readonly kind: "exit"; readonly text: string }
  | { readonly kind: "too-large" }
  | { readonly kind: "waiting"; readonly text: string };

const reports: ReadonlyMap<number, ChannelReport["kind"]> = new Map([
  [0x56, "value"],
  [0x45, "error"],
  [0x58, "exit"],
  [0x4c, "too-large"],
  [0x57, "waiting"],
]);

/** "T": a tool call, name and JSON arguments with a NUL between them. "S": the same for one that blocks. */
const TOOL_CALL = 0x54;
const BLOCKING_TOOL_CALL = 0x53;

/** "H": a request: "b"locking or "a"waited, JSON, NUL, body. "B": the next piece of a body, by number. "C": a request is given up. */
const HTTP_START = 0x48;
const HTTP_READ = 0x42;
const HTTP_CANCEL = 0x43;
const BLOCKING = 0x62;

/** "D": something to show: "t"ext or "b"ytes, its media type, NUL, and itself. */
const DISPLAY = 0x44;
const TEXT = 0x74;
/** "N": something was refused inside the guest: a letter and what was asked for. */
const NOTE = 0x4e;

/** Longest messages of each kind but the value's: what the prelude can make of its own bounds. More is forged, and costs the host time to parse. */
const MAX_ERROR = 2 ** 19;
const MAX_NUMBERS = 200;
const MAX_TOOL_CALL = 4.5 * 2 ** 20;
const MAX_HTTP_START = 64 * 2 ** 20;
const MAX_DISPLAY = 64 * 2 ** 20 + 512;
/** One byte less than the guest reads at once: the first says what follows. */
const BODY_PIECE = 65_535;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Messages of one session, both ways. All of what comes from the guest is hostile until parsed. */
export class HostChannel {
  readonly #tools: ToolCalls;
  readonly #valueBytes: number;
  readonly #http: HttpCalls | undefined;
  readonly #displays: DisplaySink | undefined;
  readonly #denials: DenialSink;
  #inbox: Uint8Array = new Uint8Array(0);
  #report: ChannelReport | undefined;
  readonly #pending = new Set<number>();

  constructor(
    tools: ToolCalls,
    valueBytes: number,
    http?: HttpCalls,
    denials: DenialSink = NOBODY,
    displays?: DisplaySink,
  ) {
    this.#displays = displays;
    this.#denials = denials;
    this.#http = http;
    this.#tools = tools;
    this.#valueBytes = valueBytes;
  }

  /** Calls that were started and have not been settled. */
  get pendingCalls(): readonly number[] {
    return [...this.#pending];
  }

  /** Takes over calls that a restored guest waits for. */
  expect(ids: readonly number[]): void {
    for (const id of ids) this.#pending.add(id);
  }

  settle(id: number): boolean {
    return this.#pending.delete(id);
  }

  /** Puts a message for the guest to read next. */
  send(message: string): void {
    this.#inbox = encoder.encode(message);
    this.#report = undefined;
  }

  takeReport(): ChannelReport | undefined {
    const report = this.#report;
    this.#report = undefined;
    this.#inbox = new Uint8Array(0);
    return report;
  }

  /** Forgets everything: calls of an ended run find nobody any more. */
  clear(): void {
    this.#inbox = new Uint8Array(0);
    this.#report = undefined;
    this.#pending.clear();
  }

  read(into: Uint8Array): number {
    const part = this.#inbox.subarray(0, into.length);
    into.set(part);
    this.#inbox = this.#inbox.subarray(part.length);
    return part.length;
  }

  /** Takes one whole message. False if it is too long or of no known kind. */
  write(message: Uint8Array): boolean {
    const opcode = message[0];
    if (opcode === undefined || message.length - 1 > this.#longest(opcode)) return false;
    if (opcode === TOOL_CALL || opcode === BLOCKING_TOOL_CALL) {
      const separator = message.indexOf(0);
      if (separator < 0) return false;
      // Where they stand: copying the two first costs more than decoding them.
      const name = decoder.decode(message.subarray(1, separator));
      const values = decoder.decode(message.subarray(separator + 1));
      this.#answer(this.#tools.call(name, values, opcode === BLOCKING_TOOL_CALL));
      return true;
    }
    if (opcode === HTTP_START || opcode === HTTP_READ || opcode === HTTP_CANCEL)
      return this.#speakHttp(opcode, message.slice(1));
    if (opcode === DISPLAY) {
      const separator = message.indexOf(0);
      if (separator < 2) return false;
      const mime = decoder.decode(message.slice(2, separator));
      showDisplay(this.#displays, mime, message.subarray(separator + 1), message[1] === TEXT);
      return true;
    }
    if (opcode === NOTE)
      return takeNote(this.#denials, String.fromCharCode(message[1] ?? 0), decoder.decode(message.slice(2)));
    const kind = reports.get(opcode);
    if (kind === undefined) return false;
    // `slice` copies: a decoder may not be handed shared or resizable memory.
    this.#report = kind === "too-large" ? { kind } : { kind, text: decoder.decode(message.slice(1)) };
    return true;
  }

  #longest(opcode: number): number {
    if (opcode === TOOL_CALL || opcode === BLOCKING_TOOL_CALL) return MAX_TOOL_CALL;
    if (opcode === HTTP_START) return MAX_HTTP_START;
    if (opcode === DISPLAY) return MAX_DISPLAY;
    if (opcode === NOTE) return MAX_NOTE;
    const kind = reports.get(opcode);
    return kind === "value" ? this.#valueBytes : kind === "error" ? MAX_ERROR : MAX_NUMBERS;
  }

  #answer(reply: ToolReply): void {
    if (reply.state === "pending") this.#pending.add(reply.id);
    this.#inbox = encoder.encode(replyText(reply));
  }

  #speakHttp(opcode: number, message: Uint8Array): boolean {
    const http = this.#http;
    if (http === undefined) {
      const end = message.indexOf(0);
      if (opcode === HTTP_START) noteRequest(this.#denials, decoder.decode(message.subarray(1, Math.max(1, end))));
      this.#answer(NOT_GRANTED);
      return true;
    }
    if (opcode === HTTP_START) {
      const separator = message.indexOf(0);
      if (separator < 1) return false;
      const json = decoder.decode(message.subarray(1, separator));
      this.#answer(http.start(json, message.subarray(separator + 1), message[0] === BLOCKING));
      return true;
    }
    const id = Number(decoder.decode(message));
    if (opcode === HTTP_CANCEL) {
      this.#pending.delete(id);
      http.cancel(id);
      this.#inbox = new Uint8Array(0);
      return true;
    }
    const reply = http.read(id, BODY_PIECE);
    if (reply.state === "bytes") {
      this.#inbox = new Uint8Array(reply.bytes.length + 1);
      this.#inbox[0] = BODY_BYTES;
      this.#inbox.set(reply.bytes, 1);
    } else if (reply.state === "end") this.#inbox = encoder.encode("n");
    else this.#answer(reply);
    return true;
  }
}

const BODY_BYTES = 0x62;
const NOT_GRANTED: ToolReply = { state: "error", name: "NetworkDenied", message: "This sandbox has no network" };
const NOBODY: DenialSink = { note: () => undefined };
