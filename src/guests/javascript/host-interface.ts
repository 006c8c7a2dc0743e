import type { FuelGauge } from "../../engine/instance/fuel-gauge.ts";
import { JSON_BOUNDS } from "../../capabilities/tools/json/json-bounds.ts";
import { CALL_UNITS, guarded } from "../../wasi/preview2/guarded.ts";
import type { GuestMemory } from "../../wasi/preview1/guest-memory.ts";
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
  /** Before the name of a tool stands "!" if the call blocks. */
  callTool(name: Uint8Array, argumentsJson: Uint8Array): Reply;
  file(operation: number, text: Uint8Array, data: Uint8Array): Reply;
  /**
   * `callTool` with both texts where they are in guest memory: what its reply would hold, as text. Undefined for the reply
   * "nothing", and for texts outside of memory, for which the guest is stopped.
   */
  callToolIn(memory: GuestMemory, name: number, nameBytes: number, json: number, jsonBytes: number): string | undefined;
}

const NOTHING: Reply = { tag: "nothing" };
/** Why a guest ends that names memory it does not have. */
export const OUTSIDE = { kind: "trap", message: "a call of the guest's names memory that it does not have" } as const;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What is longer is over the ledger's limits however it decodes, so the rest need not be looked at. */
const MAX_NAME_BYTES = 1_024;
const MAX_ARGUMENT_BYTES = 3 * (JSON_BOUNDS.characters + 1);

/** As in runtimes/javascript/prelude/native.ts. */
const BLOCKING = "!";

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
  const { tools } = capabilities;

  function answer(name: string, argumentsJson: string): string {
    const reply = name.startsWith(BLOCKING)
      ? tools.call(name.slice(1), argumentsJson, true)
      : tools.call(name, argumentsJson);
    const text = replyText(reply);
    fuel.charge(text.length / BYTES_PER_UNIT);
    return text;
  }

  /** The name of the last call: most programs call one tool many times, and comparing is cheaper than decoding. */
  let lastName = "";

  function nameIn(memory: GuestMemory, address: number, bytes: number): string | undefined {
    if (bytes === lastName.length && memory.hasAscii(address, lastName)) return lastName;
    const name = memory.text(address, bytes);
    if (name !== undefined && name.length === bytes) lastName = name;
    return name;
  }

  return {
    callTool: guarded(fuel, NOTHING, (name: Uint8Array, argumentsJson: Uint8Array) => {
      if (!fuel.charge((name.length + argumentsJson.length) / BYTES_PER_UNIT)) return NOTHING;
      const text = answer(
        decoder.decode(name.subarray(0, MAX_NAME_BYTES)),
        decoder.decode(argumentsJson.subarray(0, MAX_ARGUMENT_BYTES)),
      );
      return { tag: "text", val: encoder.encode(text) };
    }),
    // As `guarded` does, without its list of arguments.
    callToolIn(memory, name, nameBytes, json, jsonBytes) {
      if (fuel.stopping || !fuel.charge(CALL_UNITS)) return undefined;
      try {
        if (!memory.has(name, nameBytes >>> 0) || !memory.has(json, jsonBytes >>> 0)) {
          fuel.stop(OUTSIDE);
          return undefined;
        }
        if (!fuel.charge(((nameBytes >>> 0) + (jsonBytes >>> 0)) / BYTES_PER_UNIT)) return undefined;
        const called = nameIn(memory, name, Math.min(nameBytes >>> 0, MAX_NAME_BYTES));
        const argumentsJson = memory.text(json, Math.min(jsonBytes >>> 0, MAX_ARGUMENT_BYTES));
        return called === undefined || argumentsJson === undefined ? undefined : answer(called, argumentsJson);
      } catch (cause) {
        fuel.stop({ kind: "host-error", cause });
        return undefined;
      }
    },
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
