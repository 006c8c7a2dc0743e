import { createFuelGauge } from "../../src/engine/instance/fuel-gauge.ts";
import type { FileSystem } from "../../src/capabilities/files/file-system.ts";
import { createFileView } from "../../src/capabilities/files/view/create-file-view.ts";
import { fixedClock } from "../../src/capabilities/clock/fixed-clock.ts";
import { seededRandom } from "../../src/capabilities/random/seeded-random.ts";
import { HostChannel } from "../../src/guests/python/host/host-channel.ts";
import { PythonHost } from "../../src/guests/python/host/python-host.ts";
import { pythonImports } from "../../src/guests/python/host/python-imports.ts";
import type { PythonExports } from "../../src/guests/python/python-exports.ts";
import { linkTrampoline } from "../../src/guests/python/trampoline.ts";

/** An interpreter that was booted from nothing, with fixed clock and random: the same bytes every time. */
export interface BootedPython {
  readonly exports: WebAssembly.Exports & BootExports;
  readonly trampolineIndex: number;
  /** Runs Python source in `__main__`; `message` is what the channel has for it. Returns what it reported as a value. */
  run(source: string, message?: string): string;
}

export interface BootOptions {
  readonly module: WebAssembly.Module;
  readonly fuelExport: string;
  readonly stackExport: string;
  readonly stackLimit: number;
  readonly trampoline: WebAssembly.Module;
  readonly stdlib: Uint8Array;
  readonly mounts?: ReadonlyMap<string, FileSystem>;
}

/** What only the boot calls or reads, beside what every run needs. */
export const BOOT_EXPORTS: readonly string[] = [
  "__wasm_call_ctors",
  "__main_argc_argv",
  "emscripten_stack_get_base",
  "emscripten_stack_set_limits",
  "PyRun_SimpleString",
  "malloc",
  "free",
  "_PyRuntime",
  "_PyEM_EMSCRIPTEN_TRAMPOLINE_OFFSET",
  "Py_EMSCRIPTEN_SIGNAL_HANDLING",
  "_Py_emscripten_signal_clock",
  "_Py_emscripten_signal_in_memory",
];

interface BootExports extends PythonExports {
  readonly __wasm_call_ctors: () => void;
  readonly __main_argc_argv: (count: number, values: number) => number;
  readonly emscripten_stack_get_base: () => number;
  readonly emscripten_stack_set_limits: (base: number, end: number) => void;
  readonly PyRun_SimpleString: (source: number) => number;
  readonly malloc: (size: number) => number;
  readonly free: (address: number) => void;
  readonly _PyRuntime: WebAssembly.Global;
  readonly _PyEM_EMSCRIPTEN_TRAMPOLINE_OFFSET: WebAssembly.Global;
  readonly Py_EMSCRIPTEN_SIGNAL_HANDLING: WebAssembly.Global;
  readonly _Py_emscripten_signal_clock: WebAssembly.Global;
  readonly _Py_emscripten_signal_in_memory: WebAssembly.Global;
}

/** 2025-01-01T00:00:00Z. */
const BOOT_TIME_MS = 1_735_689_600_000;
const MEMORY_BYTES = 512 * 2 ** 20;
const MESSAGE_BYTES = 64 * 2 ** 20;
/** CPython's C stack: RecursionError, which leaves the last 24 KiB, has to come before the limit on the depth of calls. */
const C_STACK_BYTES = 98_304;

export function bootPython(options: BootOptions): BootedPython {
  const gauge = createFuelGauge({ now: () => performance.now() });
  const clock = fixedClock(BOOT_TIME_MS);
  const files = createFileView({ mounts: options.mounts ?? new Map(), now: () => clock.now() });
  const tools = {
    names: [],
    call: () => ({ state: "error", name: "ToolError", message: "There are no tools" }) as const,
  };
  const channel = new HostChannel(tools, MESSAGE_BYTES);
  const output: string[] = [];
  const host = new PythonHost({
    gauge,
    channel,
    stdlib: options.stdlib,
    memoryBytes: MEMORY_BYTES,
    deadlockError: 0,
    capabilities: {
      files,
      clock,
      random: seededRandom("wardian"),
      environment: { env: new Map(), args: [] },
      output: { write: (_stream, bytes) => void output.push(new TextDecoder().decode(bytes.slice())) },
      input: { read: () => 0 },
      tools,
      denials: { note: () => undefined },
    },
  });
  gauge.arm({ fuel: Number.POSITIVE_INFINITY });
  const cell = gauge.cell();
  const { exports: raw } = new WebAssembly.Instance(
    options.module,
    pythonImports(options.module, host, cell.exhausted),
  );
  const exports = raw as BootedPython["exports"];
  const global = raw[options.stackExport] as WebAssembly.Global<"i32">;
  cell.attach(raw[options.fuelExport] as WebAssembly.Global<"i32">, { global, limit: options.stackLimit });
  const trampoline = linkTrampoline(options.trampoline, exports);
  host.attach({ exports, trampoline });

  const enter = (what: string, call: () => number | void): void => {
    const end = gauge.enter(call);
    if (end.kind === "stopped" || (typeof end.value === "number" && end.value !== 0)) {
      throw new Error(`Cannot boot Python: ${what} ended with ${JSON.stringify(end)}\n${output.join("")}`);
    }
  };
  enter("constructors", () => exports.__wasm_call_ctors());
  setWord(
    host,
    Number(exports._PyRuntime.value) + word(host, exports._PyEM_EMSCRIPTEN_TRAMPOLINE_OFFSET),
    trampoline.index,
  );
  setWord(host, Number(exports.Py_EMSCRIPTEN_SIGNAL_HANDLING.value), 1);
  enter("stack limits", () => {
    const base = exports.emscripten_stack_get_base();
    exports.emscripten_stack_set_limits(base, base - C_STACK_BYTES);
  });
  enter("main", () => {
    const name = exports.malloc(16);
    host.memory.write(name + 8, new TextEncoder().encode("python\0"));
    setWord(host, name, name + 8);
    return exports.__main_argc_argv(1, name);
  });

  return {
    exports,
    trampolineIndex: trampoline.index,
    run(source, message = "") {
      const text = new TextEncoder().encode(`${source}\0`);
      channel.send(message);
      enter("a script", () => {
        const address = exports.malloc(text.length);
        host.memory.write(address, text);
        const result = exports.PyRun_SimpleString(address);
        // No trace of the script may stay in the image.
        host.memory.clear(address, text.length);
        exports.free(address);
        return result;
      });
      const report = channel.takeReport();
      return report?.kind === "value" ? report.text : "";
    },
  };
}

function word(host: PythonHost, address: WebAssembly.Global): number {
  return host.memory.u32(Number(address.value)) ?? 0;
}

function setWord(host: PythonHost, address: number, value: number): void {
  if (!host.memory.setU32(address, value)) throw new Error("Cannot boot Python: an address lies outside memory");
}
