import type { FuelGauge } from "../../engine/instance/fuel-gauge.ts";
import { JSON_BOUNDS } from "../../capabilities/tools/json/json-bounds.ts";
import { guarded } from "../../wasi/preview2/guarded.ts";
import type { GuestCapabilities } from "../guest.ts";
import { MAX_NOTE, takeNote } from "../noted-denials.ts";
import { replyText } from "../reply-text.ts";
import { fileOperations } from "./file-operations.ts";
import { httpOperations } from "./http-operations.ts";
import { displayOperations } from "./display-operations.ts";
import { DISPLAY_OPERATION, HTTP_OPERATION, NOTE_OPERATION } from "./operations.ts";

/** `wardian:javascript/host.reply`. */
export type Reply =
  | { readonly tag: "text"; readonly val: Uint8Array }
  | { readonly tag: "bytes"; readonly val: Uint8Array }
  | { readonly tag: "nothing" };

/** `wardian:javascript/host`: what the prelude asks for beyond WASI. */
export interface HostInterface {
  callTool(name: Uint8Array, argumentsJson: Uint8Array): Reply;
  file(operation: number, text: Uint8Array, data: Uint8Array): Reply;
}

const NOTHING: Reply = { tag: "nothing" };
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What is longer is over the ledger's limits however it decodes, so the rest need not be looked at. */
const MAX_NAME_BYTES = 1_024;
const MAX_ARGUMENT_BYTES = 3 * (JSON_BOUNDS.characters + 1);

/** Bytes per unit of fuel for text that the host decodes, parses and makes. */
const BYTES_PER_UNIT = 4;

export function hostInterface(capabilities: GuestCapabilities, fuel: FuelGauge): HostInterface {
  const operateFile = fileOperations(capabilities, fuel);
  const operateHttp = httpOperations(capabilities.http, capabilities.denials);
  const operateDisplay = displayOperations(capabilities.displays);
  const operate = (operation: number): typeof operateFile => {
    if (operation === DISPLAY_OPERATION.text || operation === DISPLAY_OPERATION.bytes) return operateDisplay;
    return operation < HTTP_OPERATION.start ? operateFile : operateHttp;
  };
  return {
    callTool: guarded(fuel, NOTHING, (name: Uint8Array, argumentsJson: Uint8Array) => {
      if (!fuel.charge((name.length + argumentsJson.length) / BYTES_PER_UNIT)) return NOTHING;
      const text = replyText(
        capabilities.tools.call(
          decoder.decode(name.subarray(0, MAX_NAME_BYTES)),
          decoder.decode(argumentsJson.subarray(0, MAX_ARGUMENT_BYTES)),
        ),
      );
      fuel.charge(text.length / BYTES_PER_UNIT);
      return { tag: "text", val: encoder.encode(text) };
    }),
    file: guarded(fuel, NOTHING, (operation: number, text: Uint8Array, data: Uint8Array) => {
      if (!fuel.charge((text.length + data.length) / BYTES_PER_UNIT)) return NOTHING;
      if (operation === NOTE_OPERATION) {
        const note = decoder.decode(text.subarray(0, MAX_NOTE));
        takeNote(capabilities.denials, note.slice(0, 1), note.slice(1));
        return NOTHING;
      }
      return operate(operation)(operation, decoder.decode(text), data);
    }),
  };
}
