// A state is the same wherever its guest was: what one execution writes, another one reads.
import { describe, expect, test } from "vitest";
import { loadImage, memoryDirectory, prepare, Sandbox, tool } from "../../src/index.ts";
import type { Execution, SandboxOptions } from "../../src/index.ts";
import { kept } from "../support/kept-sandboxes.ts";

const key = new Uint8Array(32).fill(9);
const suspend = { suspend: "on-tool" } as const;
const program =
  'const a = await tools.ask({ n: 1 }); (await import("node:fs")).writeFileSync("/work/a.txt", String(a)); const b = await tools.ask({ n: 2 }); a + b + base';

function options(execution: Execution): SandboxOptions {
  return {
    language: "javascript",
    execution,
    clock: "virtual",
    random: { seed: 3 },
    limits: { toolCalls: 2 },
    files: { "/work": memoryDirectory() },
    tools: { ask: tool({ run: () => "never" }) },
  };
}

describe.each(["worker", "process"] as const)("between the calling thread and a %s", (elsewhere) => {
  test("a suspended run goes to and fro, with the fuel of one that stays", async () => {
    const image = await prepare("javascript", { setup: "globalThis.base = 100" });
    const fuel: number[][] = [];
    for (const tiers of [
      ["inline", "inline", "inline"],
      ["inline", elsewhere, "inline"],
      [elsewhere, "inline", elsewhere],
    ] as const) {
      let sandbox = await kept(Sandbox.create({ ...options(tiers[0]), image }));
      const used = [(await sandbox.run(program, suspend)).usage.fuel];
      for (const [step, tier] of [tiers[1], tiers[2]].entries()) {
        const bytes = await sandbox.snapshot({ key });
        sandbox.close();
        sandbox = await kept(Sandbox.restore(bytes, { ...options(tier), image, identical: true, key }));
        await expect(sandbox.run("1")).rejects.toMatchObject({ code: "busy" });
        expect(sandbox.pending).toStrictEqual([{ id: step, tool: "ask", arguments: { n: step + 1 } }]);
        const result = await sandbox.resume([{ id: step, result: 20 + step }]);
        used.push(result.usage.fuel);
        expect(result.usage.toolCalls).toBe(Math.min(2, step + 2));
        if (step === 1) expect(result).toMatchObject({ status: "ok", value: 141 });
      }
      expect(await sandbox.files.readText("/work/a.txt")).toBe("20");
      fuel.push(used);
    }
    expect(fuel[1]).toStrictEqual(fuel[0]);
    expect(fuel[2]).toStrictEqual(fuel[0]);
  });

  test("a snapshot is refused for the same reasons, and its key stays with the host", async () => {
    const sandbox = await kept(Sandbox.create(options(elsewhere)));
    await sandbox.run("globalThis.kept = 7");
    const plain = await sandbox.snapshot();
    const signed = await sandbox.snapshot({ key });
    expect(signed.length).toBe(plain.length + 32);
    const other = options(elsewhere);
    await expect(Sandbox.restore(signed, other)).rejects.toMatchObject({ code: "snapshot-signature" });
    await expect(Sandbox.restore(plain, { ...other, key })).rejects.toMatchObject({ code: "snapshot-signature" });
    await expect(Sandbox.restore(signed, { ...other, key: key.map((byte) => byte ^ 1) })).rejects.toMatchObject({
      code: "snapshot-signature",
    });
    const damaged = plain.slice();
    damaged[damaged.length - 9] = (damaged[damaged.length - 9] ?? 0) ^ 1;
    await expect(Sandbox.restore(damaged, other)).rejects.toMatchObject({ code: "invalid-snapshot" });
    await expect(Sandbox.restore("bytes" as unknown as Uint8Array, other)).rejects.toThrow(TypeError);
    const wider: SandboxOptions = { ...other, env: { MORE: "1" } };
    await expect(Sandbox.restore(plain, wider)).rejects.toMatchObject({ code: "foreign-snapshot" });
    const accepted = await kept(Sandbox.restore(plain, { ...wider, acceptPolicyChange: true }));
    expect(await accepted.run("kept")).toMatchObject({ status: "ok", value: 7 });
  });
});

test("an image from bytes starts sandboxes everywhere", async () => {
  const image = await prepare("python", { setup: "import csv\ntable = list(range(10))" });
  const loaded = await loadImage(await image.bytes());
  for (const execution of ["inline", "worker"] as const) {
    const sandbox = await kept(Sandbox.create({ image: loaded, execution }));
    expect(await sandbox.run("len(table) + len(csv.__name__)")).toMatchObject({ status: "ok", value: 13 });
    await sandbox.run("table.append(1)");
    await sandbox.reset();
    expect(await sandbox.run("len(table)")).toMatchObject({ status: "ok", value: 10 });
  }
});
