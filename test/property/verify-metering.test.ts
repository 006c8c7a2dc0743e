import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, test } from "vitest";
import { meter } from "../../src/engine/index.ts";
import type { MeteredModule } from "../../src/engine/index.ts";
import { verifyMetering } from "../../src/engine/verify/verify-metering.ts";
import { findMutations, meterCost, mutate } from "./verify-mutations.ts";
import type { Mutation } from "./verify-mutations.ts";

const packages = createRequire(import.meta.url);

/** Real programs of 50 KB to 640 KB. The larger ones are in test/conformance/npm-modules.test.ts. */
function moduleOf(path: string): Uint8Array {
  return readFileSync(packages.resolve("fast-check").replace(/fast-check.*$/, path));
}

const SMALL = "@bytecodealliance/jco/lib/wasi_snapshot_preview1.command.wasm";
const QUICKJS = "quickjs-wasi/quickjs.wasm";

describe.each(["exact", "optimized"] as const)("the %s meter", (mode) => {
  test.each([SMALL, QUICKJS, "@jitl/quickjs-wasmfile-release-sync/dist/emscripten-module.wasm"])(
    "is proved to leave no hole in %s",
    (path) => {
      const metered = meter(moduleOf(path), { mode });
      expect(verifyMetering(metered.bytes, metered)).toMatchObject({ ok: true });
      // With the meter's own costs: no path is charged less than it should be, by a single unit.
      expect(verifyMetering(metered.bytes, metered, { cost: meterCost })).toMatchObject({ ok: true });
    },
  );
});

/** Every n-th of each kind, beginning at a seed. */
function sample(mutations: readonly Mutation[], each: number, seed: number): Mutation[] {
  const chosen: Mutation[] = [];
  for (const kind of new Set(mutations.map((mutation) => mutation.kind))) {
    const same = mutations.filter((mutation) => mutation.kind === kind);
    for (let i = 0; i < Math.min(each, same.length); i++) {
      const mutation = same[(seed + Math.floor((i * same.length) / each)) % same.length];
      if (mutation !== undefined) chosen.push(mutation);
    }
  }
  return chosen;
}

function missed(metered: MeteredModule, mutations: readonly Mutation[]): Mutation[] {
  return mutations.filter((mutation) => {
    const broken = mutate(metered.bytes, mutation);
    // A module that the engine refuses would prove nothing.
    expect(WebAssembly.validate(broken)).toBe(true);
    return verifyMetering(broken, metered, { cost: meterCost }).ok;
  });
}

describe("a meter that was broken in one place", () => {
  test("is noticed, wherever a charge or the checks of a loop are dropped in exact mode", () => {
    const metered = meter(moduleOf(SMALL), { mode: "exact" });
    const mutations = findMutations(metered);
    expect(new Set(mutations.map(({ kind }) => kind))).toStrictEqual(
      new Set(["charge dropped", "charge turned into a grant", "all checks of a loop dropped", "answer ignored"]),
    );
    expect(missed(metered, sample(mutations, 100, 1))).toStrictEqual([]);
  });

  // A charge that is dropped in optimized mode may be covered by what another on its path charges too much.
  test("is noticed, whatever else is dropped in optimized mode", () => {
    const metered = meter(moduleOf(SMALL));
    const mutations = findMutations(metered).filter(({ kind }) => kind !== "charge dropped");
    expect(missed(metered, sample(mutations, 30, 3))).toStrictEqual([]);
  });

  // Some fifty seconds of work: on a busy machine two minutes.
  test("is noticed in a large module too", { timeout: 240_000 }, () => {
    const metered = meter(moduleOf(QUICKJS));
    const mutations = findMutations(metered).filter(({ kind }) => kind !== "charge dropped");
    expect(new Set(mutations.map(({ kind }) => kind)).size).toBe(6);
    expect(missed(metered, sample(mutations, 2, 5))).toStrictEqual([]);
  });
});
