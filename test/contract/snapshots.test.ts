import { describe, expect, test } from "vitest";
import { memoryDirectory, Sandbox } from "../../src/index.ts";
import type { Language, RunResult, SandboxOptions } from "../../src/index.ts";
import { executionUnderTest, sampleOf } from "../support/execution.ts";

/** The same programs in both languages. */
interface Programs {
  readonly remember: string;
  readonly recall: string;
  readonly write: (path: string, text: string) => string;
  readonly read: (path: string) => string;
  readonly random: string;
}

const execution = executionUnderTest();

const languages: readonly [Language, Programs][] = [
  [
    "javascript",
    {
      remember:
        "globalThis.kept = { list: [1, 2, 3], at: new Map([['a', 1]]) }; globalThis.add = (n) => n + kept.list.length;",
      recall: "[add(4), kept.at.get('a')]",
      write: (path, text) =>
        `(await import("node:fs")).writeFileSync(${JSON.stringify(path)}, ${JSON.stringify(text)})`,
      read: (path) => `(await import("node:fs")).readFileSync(${JSON.stringify(path)}, "utf8")`,
      random: "[Math.random(), Math.random()]",
    },
  ],
  [
    "python",
    {
      remember:
        "import json, collections\nkept = {'list': [1, 2, 3], 'at': collections.OrderedDict(a=1)}\ndef add(n):\n    return n + len(kept['list'])",
      recall: "[add(4), kept['at']['a']]",
      write: (path, text) => `_ = open(${JSON.stringify(path)}, "w").write(${JSON.stringify(text)})`,
      read: (path) => `open(${JSON.stringify(path)}).read()`,
      random: "import random\n[random.random(), random.random()]",
    },
  ],
];

async function value(sandbox: Sandbox, source: string): Promise<unknown> {
  const result: RunResult = await sandbox.run(source);
  if (result.status !== "ok") throw new Error(JSON.stringify(result));
  return result.value;
}

describe.each(sampleOf(languages))("%s", (language, programs) => {
  const options = (more: Partial<SandboxOptions> = {}): SandboxOptions => ({
    language,
    execution,
    ...more,
    files: { "/work": memoryDirectory({ files: { "given.txt": "given" } }) },
  });

  test("a fork goes on where its original stands, and neither sees the other from there", async () => {
    const original = await Sandbox.create(options());
    await value(original, programs.remember);
    await value(original, programs.write("/work/a.txt", "before"));
    await value(original, programs.write("/tmp/t.txt", "before"));
    const fork = await original.fork();
    expect(await value(fork, programs.recall)).toStrictEqual([7, 1]);
    expect(await value(fork, programs.read("/work/a.txt"))).toBe("before");
    await value(fork, programs.write("/work/a.txt", "fork"));
    await value(original, programs.write("/tmp/t.txt", "original"));
    expect(await value(original, programs.read("/work/a.txt"))).toBe("before");
    expect(await value(fork, programs.read("/tmp/t.txt"))).toBe("before");
    original.close();
    expect(await value(fork, programs.recall)).toStrictEqual([7, 1]);
    await fork.reset();
    expect((await fork.run(programs.recall)).status).toBe("error");
    expect(await value(fork, programs.read("/work/given.txt"))).toBe("given");
    expect((await fork.run(programs.read("/work/a.txt"))).status).toBe("error");
    fork.close();
  });

  test("a snapshot goes on in another sandbox", async () => {
    const original = await Sandbox.create(options());
    await value(original, programs.remember);
    await value(original, programs.write("/work/a.txt", "kept \ud83d\ude00"));
    const bytes = await original.snapshot();
    original.close();
    const restored = await Sandbox.restore(bytes, options());
    expect(await value(restored, programs.recall)).toStrictEqual([7, 1]);
    expect(await value(restored, programs.read("/work/a.txt"))).toBe("kept \ud83d\ude00");
    const again = await Sandbox.restore(await restored.snapshot({ whole: true }), options());
    expect(await value(again, programs.recall)).toStrictEqual([7, 1]);
    await again.reset();
    expect((await again.run(programs.recall)).status).toBe("error");
    restored.close();
    again.close();
  });

  test("forks draw random numbers of their own, unless told to stay identical", async () => {
    for (const random of ["secure", { seed: 7 }] as const) {
      const original = await Sandbox.create(options({ random }));
      await value(original, programs.random);
      const bytes = await original.snapshot();
      const forks = [
        await original.fork(),
        await original.fork(),
        await Sandbox.restore(bytes, options({ random })),
        await original.fork({ identical: true }),
        await Sandbox.restore(bytes, { ...options({ random }), identical: true }),
      ];
      const drawn = [];
      for (const sandbox of [original, ...forks]) drawn.push(JSON.stringify(await value(sandbox, programs.random)));
      expect(new Set(drawn).size).toBe(4);
      expect(drawn[4]).toBe(drawn[0]);
      expect(drawn[5]).toBe(drawn[0]);
      for (const sandbox of [original, ...forks]) sandbox.close();
    }
  });
});
