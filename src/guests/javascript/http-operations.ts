import type { DenialSink } from "../../capabilities/denials/denial-log.ts";
import type { HttpCalls } from "../../capabilities/network/http-calls.ts";
import { noteRequest } from "../noted-request.ts";
import type { Reply } from "./host-interface.ts";
import { HTTP_OPERATION } from "./operations.ts";

/** As much of a body as crosses at once. */
const PIECE = 65_536;

const encoder = new TextEncoder();
const NOTHING: Reply = { tag: "nothing" };
const NOT_GRANTED = { state: "error", name: "NetworkDenied", message: "This sandbox has no network" };

/**
 * The host's end of `fetch` (runtimes/javascript/prelude/fetch/http.ts). Answers the bytes of a body, or JSON: a `ToolReply`
 * or the state of a body. Everything that comes in is the guest's to forge.
 */
export function httpOperations(
  http: HttpCalls | undefined,
  denials: DenialSink,
): (operation: number, text: string, data: Uint8Array) => Reply {
  return (operation, text, data) => {
    if (http === undefined) {
      if (operation === HTTP_OPERATION.start) noteRequest(denials, text);
      return json(NOT_GRANTED);
    }
    switch (operation) {
      case HTTP_OPERATION.start:
        // A copy: the request outlives this call, the guest's memory may be written to or grow.
        return json(http.start(text, data.slice(), false));
      case HTTP_OPERATION.read: {
        const reply = http.read(Number(text), PIECE);
        return reply.state === "bytes" ? { tag: "bytes", val: reply.bytes } : json(reply);
      }
      case HTTP_OPERATION.cancel:
        http.cancel(Number(text));
        return NOTHING;
      default:
        return json({ state: "error", name: "TypeError", message: "There is no such operation" });
    }
  };
}

function json(value: unknown): Reply {
  return { tag: "text", val: encoder.encode(JSON.stringify(value)) };
}
