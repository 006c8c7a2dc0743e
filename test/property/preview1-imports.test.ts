// Every function of preview 1, called with anything on any memory: an errno, and nothing else.
import { expect, test } from "vitest";
import { fixedClock, memoryDirectory, seededRandom } from "../../src/index.ts";
import { createEnvironment } from "../../src/capabilities/environment/create-environment.ts";
import { createFileView } from "../../src/capabilities/files/view/create-file-view.ts";
import { createOutputSink } from "../../src/capabilities/output/output-sink.ts";
import { createFuelGauge } from "../../src/engine/index.ts";
import { Preview1Host } from "../../src/wasi/preview1/host/preview1-host.ts";
import { preview1Imports } from "../../src/wasi/preview1/preview1-imports.ts";
import { preview1Signature } from "../../src/wasi/preview1/signatures.ts";

const ROUNDS = 400;
const EDGES = [0, 1, 2, 3, 4, 5, 8, 16, 255, 256, 65_535, 65_536, -1, -2, -8, 0x7fff_ffff, -0x8000_0000];

/** A small generator, so that a failure can be repeated: mulberry32. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return (value ^ (value >>> 14)) >>> 0;
  };
}

test("every import answers an errno for hostile arguments, and touches nothing else", () => {
  const fuel = createFuelGauge({ now: () => 0 });
  const clock = fixedClock(0);
  const mount = memoryDirectory({ files: { "a.txt": "alpha" }, maxBytes: 1e6, maxEntries: 500 });
  const files = createFileView({
    mounts: new Map([["/w", mount]]),
    charge: (units) => fuel.charge(units),
    now: () => clock.now(),
  });
  const host = new Preview1Host(fuel, {
    files,
    clock,
    random: seededRandom(1),
    output: createOutputSink({ maxBytes: 1_000 }),
    input: { read: () => 0 },
  });
  const imports = preview1Imports(host) as Record<string, (...values: unknown[]) => unknown>;
  const environment = createEnvironment({ env: { A: "b" }, args: ["c"] });
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 2 });
  const bytes = new Uint8Array(memory.buffer);
  const names = Object.keys(imports);
  expect(names).toHaveLength(46);
  let calls = 0;
  for (let seed = 1; seed <= ROUNDS; seed++) {
    const next = generator(seed);
    for (let at = 0; at < bytes.length; at += 4)
      new DataView(memory.buffer).setUint32(at, seed % 3 === 0 ? next() & 0xfff : next(), true);
    bytes.set(new TextEncoder().encode("w/a.txt"), 64);
    fuel.arm({ fuel: Number.POSITIVE_INFINITY });
    host.begin({ ...environment, preopens: ["/", "/w"] });
    host.attach(memory);
    for (const name of names) {
      const [parameters = ""] = (preview1Signature(name) ?? "").slice(1).split(")");
      const values =
        parameters === ""
          ? []
          : parameters.split(", ").map((type) => {
              const small = EDGES[next() % EDGES.length] ?? 0;
              const number = next() % 3 === 0 ? next() | 0 : small;
              return type === "i64" ? BigInt(number) * (next() % 2 === 0 ? 1n : 0x1_0000_0001n) : number;
            });
      const answer = imports[name]?.(...values);
      calls += 1;
      expect(
        typeof answer === "number" && answer >= 0 && answer <= 76,
        `${name}(${values.join(", ")}) answered ${String(answer)}`,
      ).toBe(true);
      expect(memory.buffer.byteLength).toBe(65_536);
      if (fuel.stopping) fuel.arm({ fuel: Number.POSITIVE_INFINITY });
    }
    host.end();
    expect(files.openFiles).toBe(0);
    fuel.disarm();
  }
  expect(calls).toBe(ROUNDS * 46);
});
