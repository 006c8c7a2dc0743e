import { createRequire } from "node:module";
import path from "node:path";
import { inChild } from "../harness/child.ts";
import type { Figure, Measure } from "../harness/report.ts";
import { median } from "../harness/statistics.ts";
import type { HostileOutcome } from "./child.ts";
import { HOSTILE_MODULES } from "./hostile-modules.ts";

const script = path.join(import.meta.dirname, "child.js");
const require = createRequire(import.meta.url);

const HOSTILE_BYTES = 10e6;
const SMOKE_BYTES = 100e3;

/** Time and memory of the meter itself, on bytes made to hurt it and on the interpreters. */
export const measure: Measure = async ({ smoke }) => {
  const outcomes: { readonly name: string; readonly outcome: HostileOutcome }[] = [];
  // A process each costs more than the rewrite when the modules are small: the smoke test takes a few of them.
  const names = [...HOSTILE_MODULES.keys()].filter((_, index) => !smoke || index % 8 === 0);
  for (const name of names) {
    const outcome = await inChild<HostileOutcome>(script, [
      "hostile",
      name,
      String(smoke ? SMOKE_BYTES : HOSTILE_BYTES),
    ]);
    outcomes.push({ name, outcome });
  }
  const control = await inChild<HostileOutcome>(script, [
    "hostile",
    "control",
    String(smoke ? SMOKE_BYTES : HOSTILE_BYTES),
  ]);
  const slowest = outcomes.reduce((a, b) => (b.outcome.ms > a.outcome.ms ? b : a));
  const largest = outcomes.reduce((a, b) => (b.outcome.peakBytes > a.outcome.peakBytes ? b : a));
  const broken = outcomes.filter(
    ({ outcome }) => outcome.outcome.startsWith("thrown") || (outcome.validBefore && !outcome.validAfter),
  );
  return {
    topic: "rewrite",
    figures: [
      {
        name: `rewriting 10 MB of hostile input, slowest of ${outcomes.length} shapes`,
        value: slowest.outcome.ms / 1e3,
        unit: "s",
        bound: 5,
        rounds: outcomes.map(({ outcome }) => outcome.ms / 1e3),
        note: `slowest: ${slowest.name}; ${outcomes.map(({ name, outcome }) => `${name} ${Math.round(outcome.ms)} ms`).join(", ")}`,
      },
      {
        name: "rewriting 10 MB of hostile input, largest resident memory",
        value: largest.outcome.peakBytes / 1e9,
        unit: "GB",
        bound: 1,
        rounds: outcomes.map(({ outcome }) => outcome.peakBytes / 1e9),
        note: `largest: ${largest.name}; ${outcomes.map(({ name, outcome }) => `${name} ${Math.round(outcome.peakBytes / 1e6)} MB`).join(", ")}`,
      },
      {
        name: "hostile modules that broke the meter or came out invalid",
        value: broken.length,
        unit: "modules",
        bound: 0,
        note: broken.map(({ name, outcome }) => `${name}: ${outcome.outcome}`).join("; "),
      },
      {
        name: "control: 10 MB with nothing to rewrite",
        value: control.ms / 1e3,
        unit: "s",
        note: `${control.outcome}; resident ${Math.round(control.peakBytes / 1e6)} MB: what Node and the bytes themselves take`,
      },
      ...(await npmFigures("QuickJS", "@jitl/quickjs-wasmfile-release-sync/wasm", smoke ? 1 : 15)),
      ...(smoke ? [] : await npmFigures("CPython", "pyodide/pyodide.asm.wasm", 5)),
    ],
    details: outcomes,
  };
};

async function npmFigures(name: string, file: string, rounds: number): Promise<Figure[]> {
  const result = await inChild<{
    readonly bytes: number;
    readonly outputBytes: number;
    readonly cpuMs: readonly number[];
  }>(script, ["npm", require.resolve(file), String(rounds)]);
  const megabytes = result.bytes / 1e6;
  const [first = 0, ...later] = result.cpuMs;
  return [
    { name: `${name}: rewriting, first in a process, CPU time per MB`, value: first / megabytes, unit: "ms" },
    ...(later.length === 0
      ? []
      : [
          {
            name: `${name}: rewriting, later, CPU time per MB`,
            value: median(later) / megabytes,
            unit: "ms",
            rounds: later,
          },
        ]),
    { name: `${name}: size metered / as given`, value: result.outputBytes / result.bytes, unit: "×" },
  ];
}
