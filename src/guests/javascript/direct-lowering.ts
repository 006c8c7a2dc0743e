import type { FuelGauge } from "../../engine/instance/fuel-gauge.ts";
import { GuestMemory } from "../../wasi/preview1/guest-memory.ts";
import { OUTSIDE } from "./host-interface.ts";
import type { Reply } from "./host-interface.ts";
import type { ComponentImports } from "#runtimes/javascript";

/** The allocator's `cabi_realloc`. */
export type Realloc = (old: number, oldBytes: number, align: number, bytes: number) => number;

const TAG = { text: 0, bytes: 1, nothing: 2 } as const;

const encoder = new TextEncoder();
/** Texts up to this length are encoded in a buffer that is used again. */
const SHORT_TEXT = 1_365;
const scratch = new Uint8Array(3 * SHORT_TEXT);

/**
 * The imports that guests call most, lowered by hand as the canonical ABI has them (pointers and lengths in, a variant at
 * the result's address). The glue makes a task, a subtask and five closures for each such call: 5 µs, more than the tool.
 * Nothing here throws but what `realloc` does when it traps, which ends the guest.
 */
export function directImports(
  memory: WebAssembly.Memory,
  imports: ComponentImports,
  fuel: Pick<FuelGauge, "stop">,
  realloc: Realloc,
): Record<string, (...values: never[]) => unknown> {
  const guest = new GuestMemory(memory);
  const host = imports["wardian:javascript/host"];
  const wallClock = imports["wasi:clocks/wall-clock"];
  const monotonicClock = imports["wasi:clocks/monotonic-clock"];
  const random = imports["wasi:random/random"];

  function outside(): void {
    fuel.stop(OUTSIDE);
  }

  /** `reply` at `result`: its tag, and where its bytes are. */
  function lower(reply: Reply, result: number): void {
    if (reply.tag === "nothing") lowerNothing(result);
    else lowerBytes(TAG[reply.tag], reply.val, result);
  }

  function lowerNothing(result: number): void {
    if (!guest.setU8(result, TAG.nothing)) outside();
  }

  function lowerBytes(tag: number, bytes: Uint8Array, result: number): void {
    const address = realloc(0, 0, 1, bytes.length);
    const written =
      guest.write(address, bytes) &&
      guest.setU8(result, tag) &&
      guest.setU32(result + 4, address) &&
      guest.setU32(result + 8, bytes.length);
    if (!written) outside();
  }

  /** Text becomes three bytes a character at most. What the buffer holds is copied before anything else can be put there. */
  function encoded(text: string): Uint8Array {
    if (text.length > SHORT_TEXT) return encoder.encode(text);
    return scratch.subarray(0, encoder.encodeInto(text, scratch).written);
  }

  return {
    "call-tool": (name: number, nameBytes: number, json: number, jsonBytes: number, result: number) => {
      const text = host.callToolIn(guest, name, nameBytes, json, jsonBytes);
      if (text === undefined) lowerNothing(result);
      else lowerBytes(TAG.text, encoded(text), result);
    },
    file: (op: number, text: number, textBytes: number, data: number, dataBytes: number, result: number) => {
      const [json, bytes] = [guest.view(text, textBytes), guest.view(data, dataBytes)];
      if (json === undefined || bytes === undefined) outside();
      // A copy: what is written may be kept by whoever it is written to.
      else lower(host.file(op >>> 0, json, bytes.slice()), result);
    },
    "monotonic-clock": () => BigInt.asUintN(64, monotonicClock.now()),
    "random-u64": () => BigInt.asUintN(64, random.getRandomU64()),
    "wall-clock": (result: number) => {
      const { seconds, nanoseconds } = wallClock.now();
      if (!guest.setI64(result, seconds) || !guest.setU32(result + 8, nanoseconds)) outside();
    },
  };
}
