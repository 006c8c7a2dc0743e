import type { FuelGauge } from "../../engine/instance/fuel-gauge.ts";
import { GuestMemory } from "../../wasi/preview1/guest-memory.ts";
import type { Reply } from "./host-interface.ts";
import type { ComponentImports } from "#runtimes/javascript";

/** The allocator's `cabi_realloc`. */
export type Realloc = (old: number, oldBytes: number, align: number, bytes: number) => number;

const TAG = { text: 0, bytes: 1, nothing: 2 } as const;

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

  function outside(): void {
    fuel.stop({ kind: "trap", message: "a call of the guest's names memory that it does not have" });
  }

  /** `reply` at `result`: its tag, and where its bytes are. */
  function lower(reply: Reply, result: number): void {
    if (reply.tag === "nothing") {
      if (!guest.setU8(result, TAG.nothing)) outside();
      return;
    }
    const { val } = reply;
    const address = realloc(0, 0, 1, val.length);
    const written =
      guest.write(address, val) &&
      guest.setU8(result, TAG[reply.tag]) &&
      guest.setU32(result + 4, address) &&
      guest.setU32(result + 8, val.length);
    if (!written) outside();
  }

  return {
    "call-tool": (name: number, nameBytes: number, text: number, textBytes: number, result: number) => {
      const [called, json] = [guest.view(name, nameBytes), guest.view(text, textBytes)];
      if (called === undefined || json === undefined) outside();
      else lower(host.callTool(called, json), result);
    },
    file: (op: number, text: number, textBytes: number, data: number, dataBytes: number, result: number) => {
      const [json, bytes] = [guest.view(text, textBytes), guest.view(data, dataBytes)];
      if (json === undefined || bytes === undefined) outside();
      // A copy: what is written may be kept by whoever it is written to.
      else lower(host.file(op >>> 0, json, bytes.slice()), result);
    },
    "monotonic-clock": () => BigInt.asUintN(64, monotonicClock.now()),
    "wall-clock": (result: number) => {
      const { seconds, nanoseconds } = wallClock.now();
      if (!guest.setI64(result, seconds) || !guest.setU32(result + 8, nanoseconds)) outside();
    },
  };
}
