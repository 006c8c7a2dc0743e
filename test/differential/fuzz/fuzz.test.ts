import { parse } from "@bytecodealliance/jco";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { head, isList, parseLists } from "../../conformance/wast/s-expression.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";
import { generateModule } from "./generate-module.ts";
import type { Profile } from "./generate-module.ts";
import { mutateModule } from "./mutate-module.ts";
import { runFolder } from "./run-folder.ts";
import { runMetered, runPlain } from "./run-module.ts";
import { Seeded } from "./seeded.ts";

/**
 * Modules that nobody wrote: made by binaryen's fuzzer, and mutants of them and of the official testsuite's. Metered,
 * each must do what it does as given: the same results, traps, calls of imports, memory and globals.
 *
 * `WARDIAN_FUZZ_MODULES`: how many (default 8, the reach is 2,000). `WARDIAN_FUZZ_SEED`: where to begin.
 * `WARDIAN_NODES`: executables of other versions, 22.18 or later, separated by colons.
 * `WARDIAN_TESTSUITE`: a checkout of the WebAssembly testsuite; without it, mutants are made of the generated modules.
 */
const COUNT = Number(process.env["WARDIAN_FUZZ_MODULES"] ?? 8);
const SEED = Number(process.env["WARDIAN_FUZZ_SEED"] ?? 20_261_122);
const suite = process.env["WARDIAN_TESTSUITE"];

/** One of each four is of the generator, in turns with few and with all features where the engine has them. */
const generated = Math.ceil(COUNT / 4);
const MODERN = WebAssembly.validate(
  // (module (type (struct))): garbage collection stands for Wasm 3.0.
  Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 3, 1, 0x5f, 0]),
);
const profileOf = (index: number): Profile => (MODERN && index % 2 === 1 ? "modern" : "classic");

const sum = { generated: 0, mutants: 0, compared: 0, stopped: 0, stack: 0, invalid: 0, differences: 0 };
afterAll(() => console.log(`fuzz: ${JSON.stringify(sum)}`));

/** What is wrong with the metered module; nothing if all is well. */
function differencesOf(bytes: Uint8Array<ArrayBuffer>): readonly string[] {
  const optimized = runMetered(bytes, "optimized");
  if (optimized.problems.length > 0) return optimized.problems.map((problem) => `verifier: ${problem}`);
  if (optimized.ended !== "whole") {
    // As given it might run for ever.
    sum[optimized.ended]++;
    return [];
  }
  const plain = runPlain(bytes);
  const exact = runMetered(bytes, "exact");
  if (plain.ended !== "whole" || exact.ended !== "whole") {
    sum.stack++;
    return [];
  }
  sum.compared++;
  const found: string[] = [];
  for (const [mode, metered] of [
    ["optimized", optimized],
    ["exact", exact],
  ] as const) {
    const first = plain.events.findIndex((event, index) => event !== metered.events[index]);
    if (first >= 0) found.push(`${mode}: ${String(metered.events[first])} instead of ${String(plain.events[first])}`);
    if (metered.events.length > plain.events.length) found.push(`${mode}: more events than as given`);
    if (metered.state !== plain.state) found.push(`${mode}: other memory or globals`);
  }
  // A frame that a trap ends takes its debt with it, at most the slack: nothing that a guest could go on with.
  const trapped = plain.events.some((event) => /: trap|Error: |exception|-catch\(/u.test(event));
  if (!trapped && optimized.fuel < exact.fuel)
    found.push(`fuel: ${String(optimized.fuel)} is below ${String(exact.fuel)}`);
  sum.differences += found.length;
  return found;
}

const made: { readonly bytes: Uint8Array<ArrayBuffer>; readonly profile: Profile }[] = [];

describe("metered modules do what they do as given", () => {
  test("of binaryen's fuzzer", { timeout: 7_200_000 }, () => {
    for (let index = 0; index < generated; index++) {
      const profile = profileOf(index);
      const bytes = generateModule(SEED + index, profile);
      // A feature that this engine's version has in another form.
      if (!WebAssembly.validate(bytes)) {
        sum.invalid++;
        continue;
      }
      sum.generated++;
      made.push({ bytes, profile });
      expect(differencesOf(bytes), `seed ${String(SEED + index)}, ${profile}`).toEqual([]);
    }
    expect(made.length).toBeGreaterThan(0);
  });

  test("that are mutants", { timeout: 7_200_000 }, async () => {
    const originals = [
      ...made.map(({ bytes }) => bytes),
      ...(suite === undefined ? [] : await testsuiteModules(suite)),
    ];
    for (let index = 0; index < COUNT - generated; index++) {
      const seed = SEED + generated + index;
      const random = new Seeded(seed);
      const mutant = mutateModule(originals[random.below(originals.length)] ?? new Uint8Array(), random);
      if (mutant === undefined) {
        sum.invalid++;
        continue;
      }
      sum.mutants++;
      expect(differencesOf(mutant), `seed ${String(seed)}`).toEqual([]);
    }
    expect(sum.compared).toBeGreaterThan(COUNT / 4);
  });
});

describe("fuel and memory are the same on every version of Node", () => {
  const others = (process.env["WARDIAN_NODES"] ?? "").split(":").filter((name) => name !== "");

  test.skipIf(others.length > 0)("is not compared with other versions: WARDIAN_NODES names none", (context) => {
    context.skip();
  });

  test.each(others)("%s", { timeout: 600_000 }, (node) => {
    const folder = temporaryDirectory();
    // Modules that every version takes.
    for (const [index, { bytes, profile }] of made.entries())
      if (profile === "classic") writeFileSync(path.join(folder, `${String(index)}.wasm`), bytes);
    const script = path.join(import.meta.dirname, "run-folder.ts");
    const there = spawnSync(node, [script, folder], { encoding: "utf8", maxBuffer: 2 ** 26, timeout: 500_000 });
    expect(there.status, there.stderr).toBe(0);
    const here = runFolder(folder);
    expect(Object.keys(here).length).toBeGreaterThan(0);
    expect(JSON.parse(there.stdout)).toEqual(here);
  });
});

async function testsuiteModules(folder: string): Promise<readonly Uint8Array<ArrayBuffer>[]> {
  const modules: Uint8Array<ArrayBuffer>[] = [];
  for (const name of readdirSync(folder).filter((file) => file.endsWith(".wast"))) {
    const source = readFileSync(path.join(folder, name), "utf8");
    for (const list of parseLists(source)) {
      if (!isList(list) || head(list) !== "module" || list.items[1] === "binary" || list.items[1] === "quote") continue;
      try {
        const bytes = Uint8Array.from(await parse(source.slice(list.start, list.end)));
        if (WebAssembly.validate(bytes)) modules.push(bytes);
      } catch {
        // Text of a proposal that the parser does not know.
      }
    }
  }
  return modules;
}
