// A snapshot may come from anyone. Thousands of damaged ones, half of them with every length and checksum right so that the
// decoders behind are reached, may only do one of two things: be refused with a typed error, or give a sandbox that is as
// sealed and as limited as any other.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { memoryDirectory, Sandbox, tool } from "../../src/index.ts";
import type { SandboxOptions } from "../../src/index.ts";
import { mutate, mutations, restored } from "../support/snapshot-mutations.ts";
import { putTogether, takeApart } from "../support/snapshot-parts.ts";

/** Mutations of a JavaScript snapshot; `WARDIAN_MUTATIONS` asks for more. */
const COUNT = Number(process.env["WARDIAN_MUTATIONS"] ?? 10_000);
/** Of a Python one, whose restore takes twenty times as long. */
const PYTHON_COUNT = Math.ceil(COUNT / 20);

function optionsFor(language: "javascript" | "python"): SandboxOptions {
  return {
    language,
    limits: { fuel: 3e7, timeoutMs: 2_000 },
    files: { "/work": memoryDirectory({ maxBytes: 100_000, maxEntries: 50 }) },
    tools: { ask: tool({ run: () => "never" }) },
    clock: "virtual",
    random: { seed: 1 },
  };
}

/** One that has something of everything: files, open files, a timer, a pending call, a suspended run. */
async function sample(language: "javascript" | "python"): Promise<Uint8Array> {
  const sandbox = await Sandbox.create(optionsFor(language));
  const source =
    language === "python"
      ? 'import os, asyncio\nf = open("/work/a.txt", "w+"); f.write("text"); f.flush(); os.makedirs("/work/d/e")\nos.symlink("a.txt", "/work/link")\nr, w = os.pipe(); os.write(w, b"pipe")\nasyncio.create_task(asyncio.sleep(1))\nawait tools.ask(q=1)'
      : 'const fs = await import("node:fs"); fs.writeFileSync("/work/a.txt", "text"); fs.mkdirSync("/work/d/e", { recursive: true }); fs.symlinkSync("a.txt", "/work/link"); setTimeout(() => {}, 1000); globalThis.big = new Uint8Array(100000).fill(7); await tools.ask({ q: 1 })';
  const result = await sandbox.run(source, { suspend: "on-tool" });
  expect(result.status).toBe("suspended");
  const bytes = await sandbox.snapshot();
  sandbox.close();
  return bytes;
}

describe.each([
  ["javascript", COUNT],
  ["python", PYTHON_COUNT],
] as const)("a damaged %s snapshot", (language, count) => {
  test(
    `is refused or gives a sealed sandbox, in ${count} cases`,
    async () => {
      const original = await sample(language);
      const sections = takeApart(original);
      const whole = await restored(putTogether(sections), optionsFor(language));
      expect(whole?.pending).toHaveLength(1);
      whole?.close();
      let accepted = 0;
      await fc.assert(
        fc.asyncProperty(mutations, async (mutation) => {
          const bytes = mutate(original, sections, mutation);
          const options = optionsFor(language);
          const sandbox = await restored(bytes, options);
          const { "/work": work } = options.files as { readonly "/work": ReturnType<typeof memoryDirectory> };
          if (sandbox === undefined) {
            // Nothing half restored: the caller's directory is as it was given.
            expect(work.paths()).toStrictEqual([]);
            return;
          }
          accepted += 1;
          expect(work.usedBytes).toBeLessThanOrEqual(100_000);
          const ended = await sandbox.resume((sandbox.pending ?? []).map(({ id }) => ({ id, result: 1 })));
          expect(["ok", "error", "limit", "suspended"]).toContain(ended.status);
          expect(ended.usage.memoryBytes).toBeLessThanOrEqual(sandbox.limits.memoryBytes);
          await sandbox.reset();
          expect(await sandbox.run("6 * 7")).toMatchObject({ status: "ok", value: 42 });
          sandbox.close();
        }),
        { numRuns: count, endOnFailure: true },
      );
      // Otherwise the decoders behind the checksums were never reached.
      expect(accepted).toBeGreaterThan(count / 200);
      expect(accepted).toBeLessThan(count);
    },
    20 * 60_000,
  );
});
