import type { HttpBodyReply } from "../../capabilities/network/http-calls.ts";
import type { ToolReply } from "../../capabilities/tools/tool-calls.ts";
import type { FuelGauge } from "../../engine/instance/fuel-gauge.ts";
import { guarded } from "../../wasi/preview2/guarded.ts";
import type { Interfaces } from "../../wasi/preview2/interfaces.ts";
import type { GuestCapabilities } from "../guest.ts";
import { MAX_NOTE, takeNote } from "../noted-denials.ts";
import { noteRequest } from "../noted-request.ts";
import { replyText } from "../reply-text.ts";
import { showDisplay } from "../show-display.ts";

/** The interfaces of `wardian:host` (wit/python.wit), and the capability behind each. */
const HOST_INTERFACES: ReadonlyMap<string, string> = new Map([
  ["wardian:host/tools@0.1.0", "tools"],
  ["wardian:host/http@0.1.0", "network"],
  ["wardian:host/display@0.1.0", "displays"],
  ["wardian:host/denials@0.1.0", "the log of denials"],
]);

/** The capability that serves an interface of ours by its full name; undefined if none does. */
export function hostServes(name: string): string | undefined {
  return HOST_INTERFACES.get(name);
}

/** Copying, decoding and checking a byte. */
const BYTE_UNITS = 4;
/** Longest piece of a body: with the byte before it what an interpreter reads at once. */
const BODY_PIECE = 65_535;
const BODY_BYTES = 0x62;

const NOTHING = new Uint8Array(0);
const NOT_GRANTED: ToolReply = { state: "error", name: "NetworkDenied", message: "This sandbox has no network" };

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * `wardian:host` over the capabilities of one sandbox. `later` takes the number of a call that ends later; without it
 * nobody could wait: asynchronous tools fail and requests block.
 */
export function hostInterfaces(
  capabilities: GuestCapabilities,
  fuel: FuelGauge,
  later?: (number: number) => void,
): Interfaces {
  const { tools, http, denials, displays } = capabilities;

  function text(reply: ToolReply | HttpBodyReply): Uint8Array {
    if (reply.state === "bytes") {
      const bytes = new Uint8Array(reply.bytes.length + 1);
      bytes[0] = BODY_BYTES;
      bytes.set(reply.bytes, 1);
      return bytes;
    }
    if (reply.state === "end") return encoder.encode("n");
    if (reply.state === "pending") {
      if (later === undefined) return encoder.encode(replyText(ASYNCHRONOUS));
      later(reply.id);
    }
    const bytes = encoder.encode(replyText(reply));
    fuel.charge(bytes.length * BYTE_UNITS);
    return bytes;
  }

  function serve<Args extends readonly unknown[]>(
    bytesOf: (...args: Args) => number,
    call: (...args: Args) => ToolReply | HttpBodyReply,
  ): (...args: Args) => Uint8Array {
    return guarded(fuel, NOTHING, (...args: Args) =>
      fuel.charge(bytesOf(...args) * BYTE_UNITS) ? text(call(...args)) : NOTHING,
    );
  }

  return {
    "wardian:host/tools": {
      names: guarded<[], readonly string[]>(fuel, [], () => tools.names),
      call: serve(
        (name: Uint8Array, values: Uint8Array) => name.length + values.length,
        (name, values) => tools.call(decoder.decode(name), decoder.decode(values), later === undefined),
      ),
    },
    "wardian:host/http": {
      start: serve(
        (request: Uint8Array, body: Uint8Array, _blocking: boolean) => request.length + body.length,
        (request, body, blocking) => {
          const json = decoder.decode(request);
          if (http !== undefined) return http.start(json, body, blocking || later === undefined);
          noteRequest(denials, json);
          return NOT_GRANTED;
        },
      ),
      read: serve(
        (_number: bigint) => BODY_PIECE,
        (number) => http?.read(Number(number), BODY_PIECE) ?? NOT_GRANTED,
      ),
      cancel: guarded(fuel, undefined, (number: bigint) => http?.cancel(Number(number))),
    },
    "wardian:host/display": {
      show: guarded(fuel, undefined, (mime: string, data: Uint8Array, isText: boolean) => {
        if (fuel.charge(data.length * BYTE_UNITS)) showDisplay(displays, mime, data, isText);
      }),
    },
    "wardian:host/denials": {
      note: guarded(fuel, undefined, (what: number, where: Uint8Array) => {
        takeNote(denials, String.fromCharCode(what), decoder.decode(where.subarray(0, MAX_NOTE)));
      }),
    },
  };
}

const ASYNCHRONOUS: ToolReply = {
  state: "error",
  name: "ToolError",
  message: "The tool is asynchronous; components need synchronous tools",
};
