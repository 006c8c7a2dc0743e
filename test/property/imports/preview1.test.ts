import fc from "fast-check";
import { expect, test } from "vitest";
import { virtualClock } from "../../../src/capabilities/clock/virtual-clock.ts";
import { inputSource } from "../../../src/capabilities/environment/input-source.ts";
import { memoryDirectory } from "../../../src/capabilities/files/memory/memory-directory.ts";
import { createFileView } from "../../../src/capabilities/files/view/create-file-view.ts";
import { createOutputSink } from "../../../src/capabilities/output/output-sink.ts";
import { seededRandom } from "../../../src/capabilities/random/seeded-random.ts";
import { createFuelGauge } from "../../../src/engine/instance/fuel-gauge.ts";
import { Preview1Host } from "../../../src/wasi/preview1/host/preview1-host.ts";
import { preview1Imports } from "../../../src/wasi/preview1/preview1-imports.ts";
import { preview1Signature } from "../../../src/wasi/preview1/signatures.ts";
import { callAll, corrupt, hostileCalls, newTally, report } from "./hostile-calls.ts";
import type { ImportedFunction, Target } from "./hostile-calls.ts";

const MAXIMUM_PAGES = 16;

/** The imports of a program of WASI preview 1 over real powers, with files, streams and preopened directories. */
function program(): Target & { readonly host: Preview1Host } {
  const gauge = createFuelGauge({ now: () => performance.now() });
  const clock = virtualClock();
  const files = createFileView({
    mounts: new Map([
      ["/work", memoryDirectory({ files: { f: "text", "d/g": "more" }, maxBytes: 100_000, maxEntries: 50 })],
      ["/ro", memoryDirectory({ files: { x: "read" }, mode: "read-only" })],
    ]),
    charge: (units) => gauge.charge(units),
    now: () => clock.now(),
  });
  const host = new Preview1Host(gauge, {
    files,
    clock,
    random: seededRandom(1),
    output: createOutputSink({ maxBytes: 10_000 }),
    input: inputSource("input"),
  });
  const memory = new WebAssembly.Memory({ initial: 4, maximum: MAXIMUM_PAGES });
  gauge.arm({ fuel: Number.POSITIVE_INFINITY });
  host.begin({ args: ["program", "argument"], env: new Map([["NAME", "value"]]), preopens: ["/", "/work", "/ro"] });
  gauge.disarm();
  host.attach(memory);
  const functions = Object.entries(preview1Imports(host)).map(([name, call]): ImportedFunction => ({
    name,
    parameters:
      /^\((.*?)\)/u
        .exec(preview1Signature(name) ?? "")?.[1]
        ?.split(", ")
        .filter((type) => type !== "") ?? [],
    result: name === "proc_exit" ? undefined : "i32",
    call: call as () => unknown,
  }));
  return { functions, memory, gauge, maximumBytes: MAXIMUM_PAGES * 65_536, host };
}

test("every function of WASI preview 1 answers hostile calls on corrupted memory, or ends the guest", () => {
  const tally = newTally();
  let functions = 0;
  fc.assert(
    fc.property(hostileCalls, fc.integer(), (calls, seed) => {
      const target = program();
      functions = target.functions.length;
      corrupt(target.memory, seed);
      callAll(target, calls, tally);
      target.host.end();
    }),
    { numRuns: 600, seed: 7, endOnFailure: true },
  );
  report("WASI preview 1", functions, tally);
  expect(functions).toBe(46);
  expect(tally.calls).toBeGreaterThan(20_000);
}, 120_000);

test("once a stop was asked for, no function of preview 1 touches the guest's memory", () => {
  const { functions, memory, gauge } = program();
  corrupt(memory, 3);
  const before = new Uint8Array(memory.buffer).slice();
  gauge.arm({ fuel: 1e9 });
  gauge.stop({ kind: "unreachable" });
  for (const { parameters, call } of functions)
    (call as (...values: unknown[]) => unknown)(...parameters.map((type) => (type === "i64" ? 8n : 8)));
  expect(new Uint8Array(memory.buffer)).toEqual(before);
});
