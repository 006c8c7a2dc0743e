import { Bytes, copyOf, release, result } from "./memory";
import { callTool, cancelRequest, note, readBody, show, startRequest } from "./wasi";

/*
 * The prelude talks to its host through a descriptor that is in no table, one whole message a write
 * (runtimes/python/prelude/channel.py). Here messages become calls of `wardian:host`, and reports the end of a turn.
 */

export const CHANNEL_FD: i32 = 100;

const VALUE: i32 = 0x56;
const ERROR: i32 = 0x45;
const EXIT: i32 = 0x58;
const TOO_LARGE: i32 = 0x4c;
const WAITING: i32 = 0x57;
const TOOL_CALL: i32 = 0x54;
const HTTP_START: i32 = 0x48;
const HTTP_READ: i32 = 0x42;
const HTTP_CANCEL: i32 = 0x43;
const DISPLAY: i32 = 0x44;
const NOTE: i32 = 0x4e;

const BLOCKING: i32 = 0x62;
const TEXT: i32 = 0x74;

/** Longest messages but the value's: what the prelude can make of its own bounds. */
const MAX_ERROR: u32 = 524_288;
const MAX_NUMBERS: u32 = 200;
const MAX_TOOL_CALL: u32 = 4_718_592;
const MAX_HTTP_START: u32 = 67_108_864;
const MAX_DISPLAY: u32 = 67_109_376;
const MAX_NOTE: u32 = 1_024;

/** What the program reads next: a block of the heap, and how far it has been read. */
let inbox: usize = 0;
let inboxLength: u32 = 0;
let inboxRead: u32 = 0;

/** The first byte of the report and the rest of it; 0: none was made. */
let reportKind: i32 = 0;
let report: usize = 0;
let reportLength: u32 = 0;
let valueLimit: u32 = 0;

/** Puts a message for the program to read, which becomes the channel's; forgets the last report. */
export function deliver(message: Bytes, valueBytes: u32): void {
  receive(message.address, <u32>message.length);
  release(changetype<usize>(message));
  forgetReport();
  valueLimit = valueBytes;
}

function receive(address: usize, length: u32): void {
  release(inbox);
  inbox = address;
  inboxLength = length;
  inboxRead = 0;
}

export function hear(into: usize, room: u32): u32 {
  const count = min<u32>(room, inboxLength - inboxRead);
  memory.copy(into, inbox + inboxRead, count);
  inboxRead += count;
  return count;
}

/** Takes one whole message. False if it is too long or of no known kind. */
export function say(message: usize, length: u32): bool {
  if (length == 0) return false;
  const kind = <i32>load<u8>(message);
  const rest = message + 1;
  const size = length - 1;
  if (size > longest(kind)) return false;
  switch (kind) {
    case TOOL_CALL: {
      const end = separator(rest, size);
      if (end < 0) return false;
      callTool(rest, end, rest + end + 1, <i32>size - end - 1, result());
      return answered();
    }
    case HTTP_START: {
      const end = separator(rest, size);
      if (end < 1) return false;
      startRequest(rest + 1, end - 1, rest + end + 1, <i32>size - end - 1, load<u8>(rest) == BLOCKING ? 1 : 0, result());
      return answered();
    }
    case HTTP_READ:
      readBody(decimal(rest, size), result());
      return answered();
    case HTTP_CANCEL:
      cancelRequest(decimal(rest, size));
      receive(0, 0);
      return true;
    case DISPLAY: {
      const end = separator(rest, size);
      if (end < 1) return false;
      show(rest + 1, end - 1, rest + end + 1, <i32>size - end - 1, load<u8>(rest) == TEXT ? 1 : 0);
      return true;
    }
    case NOTE:
      if (size == 0) return false;
      note(load<u8>(rest), rest + 1, <i32>size - 1);
      return true;
    case VALUE:
    case ERROR:
    case EXIT:
    case TOO_LARGE:
    case WAITING: {
      forgetReport();
      report = copyOf(rest, size);
      reportKind = kind;
      reportLength = size;
      return true;
    }
    default:
      return false;
  }
}

function longest(kind: i32): u32 {
  switch (kind) {
    case TOOL_CALL:
      return MAX_TOOL_CALL;
    case HTTP_START:
      return MAX_HTTP_START;
    case DISPLAY:
      return MAX_DISPLAY;
    case NOTE:
      return MAX_NOTE;
    case VALUE:
      return valueLimit;
    case ERROR:
      return MAX_ERROR;
    default:
      return MAX_NUMBERS;
  }
}

/** The list that the last import returned is what the program reads next. */
function answered(): bool {
  const length = load<u32>(result(), 4);
  receive(length == 0 ? 0 : load<usize>(result()), length);
  return true;
}

function separator(bytes: usize, length: u32): i32 {
  for (let index: u32 = 0; index < length; index++) if (load<u8>(bytes + index) == 0) return index;
  return -1;
}

/** A number of up to fifteen digits; what is none is 0. */
export function decimal(text: usize, length: u32): i64 {
  if (length > 15) return 0;
  let value: i64 = 0;
  for (let index: u32 = 0; index < length; index++) {
    const digit = <i32>load<u8>(text + index) - 0x30;
    if (<u32>digit > 9) return 0;
    value = value * 10 + digit;
  }
  return value;
}

function forgetReport(): void {
  release(report);
  report = 0;
  reportLength = 0;
  reportKind = 0;
}

// Cases of `turn`.
const CASE_VALUE: i32 = 0;
const CASE_ERROR: i32 = 1;
const CASE_EXIT: i32 = 2;
const CASE_TOO_LARGE: i32 = 3;
const CASE_WAITING: i32 = 4;
const CASE_LOST: i32 = 5;

/** Writes the report as a `turn`; its text stays the channel's until the next one. */
export function writeTurn(into: usize): void {
  store<usize>(into, report, 4);
  store<u32>(into, reportLength, 8);
  switch (reportKind) {
    case VALUE:
      store<u8>(into, CASE_VALUE);
      break;
    case ERROR:
      store<u8>(into, CASE_ERROR);
      break;
    case EXIT:
      store<u8>(into, CASE_EXIT);
      store<u8>(into, <u8>decimal(report, reportLength), 4);
      break;
    case TOO_LARGE:
      store<u8>(into, CASE_TOO_LARGE);
      break;
    case WAITING:
      store<u8>(into, CASE_WAITING);
      break;
    default:
      store<u8>(into, CASE_LOST);
  }
}
