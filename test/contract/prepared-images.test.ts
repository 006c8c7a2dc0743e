import { describe, expect, test } from "vitest";
import { loadImage, memoryDirectory, prepare, Sandbox, WardianError } from "../../src/index.ts";
import type { Language, PrepareOptions } from "../../src/index.ts";
import { everythingUnderTest, executionUnderTest, sampleOf } from "../support/execution.ts";
import { putTogether, takeApart } from "../support/snapshot-parts.ts";
import { kept, valueOf as value } from "../support/kept-sandboxes.ts";

interface Programs {
  readonly setup: string;
  readonly use: string;
  readonly read: (path: string) => string;
  readonly write: string;
  readonly random: string;
  readonly wrong: string;
}

const execution = executionUnderTest();

const languages: readonly [Language, Programs][] = [
  [
    "javascript",
    {
      setup:
        'const fs = await import("node:fs"); fs.writeFileSync("/data/made.txt", "made"); fs.writeFileSync("/tmp/t.txt", "tmp"); globalThis.table = Array.from({ length: 1000 }, (_, n) => n * n); Math.random();',
      use: "table[30]",
      read: (path) => `(await import("node:fs")).readFileSync(${JSON.stringify(path)}, "utf8")`,
      write: 'table[30] = 1; (await import("node:fs")).writeFileSync("/data/made.txt", "changed")',
      random: "Math.random()",
      wrong: "throw new RangeError('not today')",
    },
  ],
  [
    "python",
    {
      setup:
        'import csv, random\ntable = [n * n for n in range(1000)]\nrandom.random()\nwith open("/data/made.txt", "w") as f: f.write("made")\nwith open("/tmp/t.txt", "w") as f: f.write("tmp")',
      use: "table[30]",
      read: (path) => `open(${JSON.stringify(path)}).read()`,
      write: 'table[30] = 1\nwith open("/data/made.txt", "w") as f: _ = f.write("changed")',
      random: "random.random()",
      wrong: "raise RangeError('not today')",
    },
  ],
];

describe.each(sampleOf(languages))("an image of %s", (language, programs) => {
  const options = (): PrepareOptions => ({
    setup: programs.setup,
    files: { "/data": memoryDirectory({ maxBytes: 1_000, maxEntries: 10 }) },
  });

  test("starts sandboxes that are ready, each for itself, and a reset goes back to it", async () => {
    const image = await prepare(language, options());
    expect(image.language).toBe(language);
    const first = await kept(Sandbox.create({ execution, image }));
    const second = await kept(Sandbox.create({ execution, image, language }));
    expect(await value(first, programs.use)).toBe(900);
    expect(await value(first, programs.read("/data/made.txt"))).toBe("made");
    expect(await value(first, programs.read("/tmp/t.txt"))).toBe("tmp");
    await value(first, programs.write);
    expect(await value(second, programs.use)).toBe(900);
    expect(await value(second, programs.read("/data/made.txt"))).toBe("made");
    expect(await value(first, programs.read("/data/made.txt"))).toBe("changed");
    await first.reset();
    expect(await value(first, programs.use)).toBe(900);
    expect(await value(first, programs.read("/data/made.txt"))).toBe("made");
    const stopped = await first.run(language === "python" ? "while True: pass" : "for (;;) {}", {
      limits: { fuel: 1e7 },
    });
    expect(stopped).toMatchObject({ status: "limit", sandbox: "reset" });
    expect(await value(first, programs.use)).toBe(900);
  });

  test("shares no random numbers and no environment with what starts from it", async () => {
    const image = await prepare(language, { ...options(), env: { NAME: "setup" } });
    const drawn = new Set<unknown>();
    const sandbox = await kept(Sandbox.create({ execution, image, env: { NAME: "run" } }));
    if (language === "python") expect(await value(sandbox, 'import os; os.environ.get("NAME")')).toBe("run");
    for (let count = 0; count < 3; count++) {
      drawn.add(await value(sandbox, programs.random));
      await sandbox.reset();
    }
    drawn.add(await value(await kept(Sandbox.create({ execution, image })), programs.random));
    expect(drawn.size).toBe(4);
  });

  test("goes through bytes, signed if there is a key", async () => {
    const image = await prepare(language, options());
    const key = new Uint8Array(32).fill(3);
    for (const whole of [false, true]) {
      const bytes = await image.bytes({ key, whole });
      const loaded = await loadImage(bytes, { key });
      const sandbox = await kept(Sandbox.create({ execution, image: loaded }));
      expect(await value(sandbox, programs.use)).toBe(900);
      expect(await value(sandbox, programs.read("/data/made.txt"))).toBe("made");
      await expect(loadImage(bytes)).rejects.toMatchObject({ code: "snapshot-signature" });
    }
  });

  test("has snapshots and forks of its sandboxes", async () => {
    const image = await prepare(language, options());
    const sandbox = await kept(Sandbox.create({ execution, image }));
    await value(sandbox, programs.write);
    const fork = await kept(sandbox.fork());
    const restored = await kept(Sandbox.restore(await sandbox.snapshot(), { execution, language, image }));
    for (const copy of [fork, restored]) {
      expect(await value(copy, programs.use)).toBe(1);
      expect(await value(copy, programs.read("/data/made.txt"))).toBe("changed");
      await copy.reset();
      expect(await value(copy, programs.use)).toBe(900);
      expect(await value(copy, programs.read("/data/made.txt"))).toBe("made");
    }
  });

  test("keeps a directory of the caller's in place of its own", async () => {
    const image = await prepare(language, options());
    const files = { "/data": memoryDirectory({ files: { "made.txt": "given" } }) };
    const sandbox = await kept(Sandbox.create({ execution, image, files }));
    expect(await value(sandbox, programs.read("/data/made.txt"))).toBe("given");
  });

  test("is not made of code that fails", async () => {
    await expect(prepare(language, { setup: programs.wrong })).rejects.toMatchObject({ code: "setup-failed" });
    await expect(prepare(language, {} as PrepareOptions)).rejects.toThrow(TypeError);
  });

  test.runIf(everythingUnderTest())("that is damaged is refused, or gives a sealed guest", async () => {
    const sections = takeApart(await (await prepare(language, options())).bytes());
    for (const name of ["KIND", "DATA", "IMAG"]) {
      const original = sections.get(name) ?? new Uint8Array(0);
      for (let round = 0; round < 40; round++) {
        const damaged = original.slice();
        const at = Math.floor((round / 40) * Math.min(damaged.length, 400));
        damaged[at] = (damaged[at] ?? 0) ^ (1 << (round % 8));
        let sandbox: Sandbox | undefined;
        try {
          const image = await loadImage(putTogether(new Map([...sections, [name, damaged]])));
          sandbox = await Sandbox.create({ execution, image, limits: { fuel: 1e8 } });
        } catch (error) {
          expect(error).toBeInstanceOf(WardianError);
          continue;
        }
        const result = await sandbox.run("1");
        expect(["ok", "error", "limit"]).toContain(result.status);
        sandbox.close();
      }
    }
  });
});

test("an image is of one language", async () => {
  const image = await prepare("javascript", { setup: "1" });
  await expect(Sandbox.create({ execution, image, language: "python" })).rejects.toMatchObject({
    code: "invalid-option",
  });
  await expect(Sandbox.create({ execution, image: {} as typeof image })).rejects.toThrow(TypeError);
  const sandbox = await kept(Sandbox.create({ execution, image }));
  await expect(loadImage(await sandbox.snapshot())).rejects.toMatchObject({ code: "invalid-snapshot" });
  await expect(Sandbox.restore(await image.bytes(), { execution, image })).rejects.toMatchObject({
    code: "invalid-snapshot",
  });
});
