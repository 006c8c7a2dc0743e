import { readCalendarTime, writeCalendarTime } from "../../python/host/calendar-time.ts";
import type { ImportCall, LiveInterpreter } from "../interpreter/interpreter.ts";
import { LongJump } from "../interpreter/link-interpreter.ts";

/** What else Emscripten's C library takes from its host: memory, clocks, the end of the process. The zone is UTC. */
export const processCalls: ReadonlyMap<string, ImportCall> = new Map<string, ImportCall>([
  ["env.abort", ({ host }) => host.fuel.stop({ kind: "trap", message: "the interpreter called abort" })],
  ["env.exit", ({ host }, code: number) => host.fuel.stop({ kind: "exit", code })],
  // system(NULL) asks whether there is a shell.
  ["env.system", (_live, command: number) => (command === 0 ? 0 : -1)],
  ["env.emscripten_resize_heap", (live, requested: number) => growTo(live, requested >>> 0)],
  ["env.emscripten_get_heap_max", () => MAX_HEAP],
  ["env.emscripten_date_now", ({ host }) => host.powers.clock.now()],
  ["env.emscripten_get_now", ({ host }) => host.powers.clock.monotonic()],
  ["env._emscripten_get_now_is_monotonic", () => 1],
  ["env._gmtime_js", (live, seconds: bigint, result: number) => calendar(live, seconds, result)],
  ["env._localtime_js", (live, seconds: bigint, result: number) => calendar(live, seconds, result)],
  ["env._mktime_js", (live, address: number) => normalise(live, address)],
  ["env._tzset_js", ({ memory }, ...addresses: number[]) => setZone(memory, addresses)],
  // There are no mappings: SQLite then reads instead.
  ["env._mmap_js", () => -NO_MEMORY],
  ["env._munmap_js", () => 0],
  ["env.invoke_vii", (live, index: number, a: number, b: number) => invoke(live, index, a, b)],
  [
    "env._emscripten_throw_longjmp",
    () => {
      throw new LongJump();
    },
  ],
]);

const MAX_HEAP = 0x7fff_0000;
const NO_MEMORY = 48;
/** Reckoning with days and months takes a few microseconds. */
const CALENDAR_UNITS = 30_000;
const UTC: Uint8Array = new TextEncoder().encode("UTC\0");

function growTo({ host, memory }: LiveInterpreter, wanted: number): number {
  host.fuel.charge(Math.max(0, wanted - memory.size) / 16);
  // The module's maximum is the limit. An eighth more, so that a growing guest does not ask at every page.
  return memory.growTo(Math.ceil(wanted * 1.125)) || memory.growTo(wanted) ? 1 : 0;
}

function calendar({ host, memory }: LiveInterpreter, seconds: bigint, result: number): void {
  host.fuel.charge(CALENDAR_UNITS);
  writeCalendarTime(memory, result, seconds);
}

function normalise({ host, memory }: LiveInterpreter, address: number): bigint {
  host.fuel.charge(CALENDAR_UNITS);
  const seconds = readCalendarTime(memory, address);
  if (seconds === undefined) return -1n;
  writeCalendarTime(memory, address, seconds);
  return seconds;
}

function setZone(memory: LiveInterpreter["memory"], [zone = 0, daylight = 0, ...names]: readonly number[]): void {
  memory.setU32(zone, 0);
  memory.setU32(daylight, 0);
  for (const name of names) memory.write(name, UTC);
}

/**
 * Calls a C function that may end in `longjmp`, as Emscripten's own glue does: a jump comes here as an exception, the
 * stacks are put back, and `setThrew` tells the caller to look where it was to go.
 */
function invoke(live: LiveInterpreter, index: number, ...values: readonly number[]): void {
  const target = live.table?.get(index >>> 0) as ((...values: readonly number[]) => void) | null | undefined;
  const stack = live.function("stackSave")();
  const depth = live.depth?.value;
  try {
    // A null entry is a trap, as it is in the guest's own calls.
    if (typeof target !== "function") throw new WebAssembly.RuntimeError("table index is out of bounds");
    target(...values);
  } catch (cause) {
    if (!(cause instanceof LongJump)) throw cause;
    if (live.depth !== undefined && depth !== undefined) live.depth.value = depth;
    live.function("stackRestore")(stack);
    live.function("setThrew")(1, 0);
  }
}
