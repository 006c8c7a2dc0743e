import type { ByteReader } from "../../internal/byte-reader.ts";
import type { ByteWriter } from "../../internal/byte-writer.ts";
import type { HttpBodyReply, HttpCalls } from "../network/http-calls.ts";
import { EVENT } from "./events.ts";
import { noteCall, replayHostWork } from "./host-work.ts";
import type { Charge, HostWork } from "./host-work.ts";
import { fingerprint, readBytes, readText, writeBytes, writeText } from "./payload.ts";
import type { TapeReader } from "./tape-reader.ts";
import type { TapeWriter } from "./tape-writer.ts";
import { readReply, writeReply } from "./tools-tape.ts";

/** `http` with every request and what came of it noted. */
export function recordHttp(http: HttpCalls, tape: TapeWriter, work: HostWork): HttpCalls {
  return {
    start: (requestJson, body, blocking) => {
      // Before: the body may be handed over for good.
      const print = fingerprint(requestJson, body, blocking);
      const reply = http.start(requestJson, body, blocking);
      noteCall(tape, EVENT.httpStart, work, print, (out) => writeReply(out, reply));
      return reply;
    },
    read: (id, maxBytes) => {
      const reply = http.read(id, maxBytes);
      noteCall(tape, EVENT.httpRead, work, fingerprint(id, maxBytes), (out) => writeBodyReply(out, reply));
      return reply;
    },
    cancel: (id) => {
      http.cancel(id);
      noteCall(tape, EVENT.httpCancel, work, fingerprint(id));
    },
  };
}

/** A network without a wire: every request gets what it got in the recorded run. */
export function replayHttp(tape: () => TapeReader | undefined, charge: Charge): HttpCalls {
  function take<T>(
    kind: typeof EVENT.httpStart | typeof EVENT.httpRead | typeof EVENT.httpCancel,
    print: () => number,
    what: string,
    read: (payload: ByteReader) => T,
  ): T | undefined {
    const reader = tape();
    return reader?.take(
      kind,
      (payload) => {
        if (payload.u32() !== print()) reader.diverge(what, "has another one");
        replayHostWork(payload, charge);
        return read(payload);
      },
      what,
    );
  }
  return {
    start: (requestJson, body, blocking) =>
      take(
        EVENT.httpStart,
        () => fingerprint(requestJson, body, blocking),
        `the request ${requestJson.slice(0, 200)}`,
        readReply,
      ) ?? NO_RUN,
    read: (id, maxBytes) =>
      take(
        EVENT.httpRead,
        () => fingerprint(id, maxBytes),
        `a piece of response ${id}`,
        (payload) => readBodyReply(payload, maxBytes),
      ) ?? NO_RUN,
    cancel: (id) =>
      take(
        EVENT.httpCancel,
        () => fingerprint(id),
        `the end of request ${id}`,
        () => undefined,
      ),
  };
}

const NO_RUN = { state: "error", name: "NetworkError", message: "No run is in progress" } as const;

const BYTES = 0;
const END = 1;
const PENDING = 2;
const ERROR = 3;

function writeBodyReply(out: ByteWriter, reply: HttpBodyReply): void {
  switch (reply.state) {
    case "bytes":
      out.byte(BYTES);
      writeBytes(out, reply.bytes);
      break;
    case "end":
      out.byte(END);
      break;
    case "pending":
      out.byte(PENDING);
      out.u64(reply.id);
      break;
    case "error":
      out.byte(ERROR);
      writeText(out, reply.name);
      writeText(out, reply.message);
      break;
  }
}

function readBodyReply(payload: ByteReader, maxBytes: number): HttpBodyReply {
  switch (payload.byte()) {
    case BYTES: {
      const bytes = readBytes(payload).slice();
      if (bytes.length > maxBytes) payload.fail("more of a response than was asked for");
      return { state: "bytes", bytes };
    }
    case END:
      return { state: "end" };
    case PENDING:
      return { state: "pending", id: payload.u64() };
    case ERROR:
      return { state: "error", name: readText(payload), message: readText(payload) };
    default:
      return payload.fail("a reply of an unknown form");
  }
}
