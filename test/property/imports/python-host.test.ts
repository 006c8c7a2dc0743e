import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fixedClock } from "../../../src/capabilities/clock/fixed-clock.ts";
import { DenialLog } from "../../../src/capabilities/denials/denial-log.ts";
import { createEnvironment } from "../../../src/capabilities/environment/create-environment.ts";
import { inputSource } from "../../../src/capabilities/environment/input-source.ts";
import { memoryDirectory } from "../../../src/capabilities/files/memory/memory-directory.ts";
import { createFileView } from "../../../src/capabilities/files/view/create-file-view.ts";
import { createOutputSink } from "../../../src/capabilities/output/output-sink.ts";
import { seededRandom } from "../../../src/capabilities/random/seeded-random.ts";
import { createFuelGauge } from "../../../src/engine/instance/fuel-gauge.ts";
import { HostChannel } from "../../../src/guests/python/host/host-channel.ts";
import { PythonHost } from "../../../src/guests/python/host/python-host.ts";
import { importTreatment, pythonImports } from "../../../src/guests/python/host/python-imports.ts";

const interpreter = new WebAssembly.Module(readFileSync("node_modules/pyodide/pyodide.asm.wasm"));
const functions = WebAssembly.Module.imports(interpreter).filter(({ kind }) => kind === "function");
const PAGES = 4;

/** A host over plain memory without an interpreter: what a guest with corrupted memory could make of its imports. */
function fuzzedHost(): {
  readonly host: PythonHost;
  readonly imports: Record<string, Record<string, (...values: unknown[]) => unknown>>;
  readonly memory: WebAssembly.Memory;
} {
  const memory = new WebAssembly.Memory({ initial: PAGES, maximum: 16 });
  const gauge = createFuelGauge({ now: () => 0 });
  gauge.arm({ fuel: Number.POSITIVE_INFINITY });
  const clock = fixedClock(0);
  const tools = { names: ["t"], call: () => ({ state: "value", json: "1" }) as const };
  const host = new PythonHost({
    gauge,
    channel: new HostChannel(tools, 1_000_000),
    stdlib: new Uint8Array(1000),
    memoryBytes: 16 * 65_536,
    deadlockError: 8,
    capabilities: {
      clock,
      tools,
      denials: new DenialLog(),
      random: seededRandom(1),
      files: createFileView({ mounts: new Map([["/work", memoryDirectory({ maxBytes: 100_000 })]]), now: () => 0 }),
      environment: createEnvironment({}),
      output: createOutputSink({ maxBytes: 10_000 }),
      input: inputSource("input"),
    },
  });
  let next = 4096;
  host.attach({
    exports: {
      memory,
      __indirect_function_table: new WebAssembly.Table({ initial: 0, element: "anyfunc" }),
      PyObject_CallNoArgs: () => 0,
      Py_DecRef: () => undefined,
      PyErr_Clear: () => undefined,
      Py_AddPendingCall: () => 0,
      PyErr_SetNone: () => undefined,
      emscripten_builtin_memalign: () => (next += 4096),
      emscripten_builtin_free: () => undefined,
      __dl_seterr: () => undefined,
    },
    trampoline: { index: 0, raiseIndex: 1, signal: () => undefined, setCaller: () => undefined },
  });
  const imports = pythonImports(interpreter, host, () => 1) as unknown as ReturnType<typeof fuzzedHost>["imports"];
  return { host, imports, memory };
}

const address = fc.oneof(
  fc.integer({ min: 0, max: PAGES * 65_536 }),
  fc.integer({ min: PAGES * 65_536 - 64, max: PAGES * 65_536 + 8 }),
  fc.integer(),
  fc.constantFrom(0, -1, 1, 3, 100, -100),
);
const I64_PARAMETERS: ReadonlyMap<string, readonly number[]> = new Map([
  ["clock_time_get", [1]],
  ["_munmap_js", [5]],
  ["_msync_js", [5]],
  ["_mmap_js", [4]],
  ["__syscall_ftruncate64", [1]],
  ["fd_seek", [1]],
  ["_localtime_js", [0]],
  ["_gmtime_js", [0]],
  ["__syscall_fadvise64", [1, 2]],
  ["__syscall_fallocate", [2, 3]],
  ["fd_pread", [3]],
  ["fd_pwrite", [3]],
  ["__syscall_truncate64", [1]],
]);

describe("every import of the interpreter", () => {
  it("answers random arguments on corrupted memory with a number or null, in bounded time, and throws nothing", () => {
    const slowest = { name: "", ms: 0 };
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(functions.length - 1), fc.array(address, { minLength: 7, maxLength: 7 })), {
          minLength: 50,
          maxLength: 200,
        }),
        fc.integer(),
        (calls, seed) => {
          const { host, imports, memory } = fuzzedHost();
          const noise = new Uint8Array(memory.buffer);
          seededRandom(seed).fill(noise);
          // Plausible paths and pointers among the noise, so that codecs get past their first checks.
          for (let at = 0; at < 4096; at += 64)
            noise.set(new TextEncoder().encode(at % 128 === 0 ? "/work/f\0" : "../lib/python314.zip\0"), at);
          for (const [index, values] of calls) {
            const target = functions[index];
            if (target === undefined) continue;
            const { module, name } = target;
            const wide = I64_PARAMETERS.get(name) ?? [];
            const call = imports[module]?.[name];
            const started = performance.now();
            const result = call?.(...values.map((value, at) => (wide.includes(at) ? BigInt(value) * 65_537n : value)));
            const ms = performance.now() - started;
            if (ms > slowest.ms) Object.assign(slowest, { name, ms });
            expect(["number", "bigint", "undefined"].includes(typeof result) || result === null).toBe(true);
            if (typeof result === "number") expect(Number.isNaN(result)).toBe(false);
            // A stopped host answers at once and does nothing: start again, so that the others are reached too.
            if (host.gauge.stopping) {
              host.gauge.disarm();
              host.gauge.arm({ fuel: Number.POSITIVE_INFINITY });
            }
            expect(memory.buffer.byteLength).toBeLessThanOrEqual(16 * 65_536);
          }
        },
      ),
      { numRuns: 150, seed: 42, endOnFailure: true },
    );
    expect(slowest.ms, slowest.name).toBeLessThan(1_000);
  });

  it("asks the guest to stop if it is sealed, whatever it is called with, and hands out no reference", () => {
    for (const { module, name } of functions) {
      if (importTreatment(module, name) !== "sealed") continue;
      const { host, imports } = fuzzedHost();
      expect(imports[module]?.[name]?.({ evil: true }, 1, 2)).toBe(null);
      expect([name, host.gauge.stopping]).toEqual([name, true]);
    }
  });

  it("bounds what one call can make the host do", () => {
    const { host, imports, memory } = fuzzedHost();
    const call = (name: string, ...values: unknown[]): unknown =>
      (imports["env"]?.[name] ?? imports["wasi_snapshot_preview1"]?.[name])?.(...values);
    expect(call("__syscall_poll", 0, 31_000_000, 0)).toBe(-28);
    expect(call("__syscall_poll", 0, 1_025, 0)).toBe(-28);
    expect(call("random_get", 0, PAGES * 65_536 + 1)).toBe(21);
    expect(call("_mmap_js", 2 ** 31 - 1, 3, 2, 0, 0n, 8, 16)).toBe(-43);
    expect(call("emscripten_resize_heap", 17 * 65_536)).toBe(0);
    expect([host.memoryRefused, memory.buffer.byteLength]).toEqual([true, PAGES * 65_536]);
    expect(call("emscripten_resize_heap", 5 * 65_536)).toBe(1);
    expect(call("emscripten_resize_heap", -1)).toBe(0);
    expect(call("fd_write", 1, 0, 1_025, 8)).toBe(28);
    const used = host.gauge.used;
    expect(call("random_get", 0, 65_536)).toBe(0);
    expect(host.gauge.used - used).toBeGreaterThan(65_536);
  });

  it("does nothing once a stop was asked for", () => {
    const { host, imports, memory } = fuzzedHost();
    host.gauge.stop({ kind: "unreachable" });
    const before = new Uint8Array(memory.buffer).slice();
    for (const { module, name } of functions) {
      const wide = I64_PARAMETERS.get(name) ?? [];
      imports[module]?.[name]?.(
        ...[8, 8, 8, 8, 8, 8, 8].map((value, at) => (wide.includes(at) ? BigInt(value) : value)),
      );
    }
    expect(new Uint8Array(memory.buffer)).toEqual(before);
  });

  it("makes a defect of the host's a stop, never an exception in the guest", () => {
    const { host, imports } = fuzzedHost();
    Object.defineProperty(host.capabilities.clock, "now", {
      value: () => {
        throw new Error("defect");
      },
    });
    expect(imports["env"]?.["emscripten_date_now"]?.()).toBe(null);
    expect(host.gauge.stopping).toBe(true);
  });
});
