// Everything that a component and its host keep between two calls goes along with a copy of it.
import { beforeAll, describe, expect, test } from "vitest";
import { component, memoryDirectory, Sandbox } from "../../src/index.ts";
import type { Execution, SandboxOptions } from "../../src/index.ts";
import { keeperComponent } from "../support/components/keeper.ts";
import { kept } from "../support/kept-sandboxes.ts";

let bytes: Uint8Array<ArrayBuffer>;

beforeAll(async () => {
  bytes = await keeperComponent();
});

function options(more: Partial<SandboxOptions> = {}): SandboxOptions {
  const files = { "/work": memoryDirectory({ files: { "a.txt": "abc" } }) };
  return { guest: component(bytes), files, clock: "virtual", ...more };
}

async function value(sandbox: Sandbox, name: string, ...args: unknown[]): Promise<unknown> {
  const result = await sandbox.call(name, ...args);
  if (result.status !== "ok") throw new Error(JSON.stringify(result));
  return result.value;
}

/** A fork, and what a snapshot comes to. */
async function copiesOf(
  sandbox: Sandbox,
  more: Partial<SandboxOptions> = {},
  executions: readonly Execution[] = ["inline"],
): Promise<Sandbox[]> {
  const snapshot = await sandbox.snapshot();
  const copies = [await kept(sandbox.fork())];
  for (const execution of executions)
    copies.push(await kept(Sandbox.restore(snapshot, options({ ...more, execution }))));
  return copies;
}

describe("a copy of a component", () => {
  test("has its memory, globals and tables, and goes its own way", async () => {
    const sandbox = await kept(Sandbox.create(options()));
    const untouched = await kept(sandbox.fork());
    expect(await value(untouched, "bump")).toBe(1);
    await value(sandbox, "bump");
    await value(sandbox, "set-entry", 0);
    await value(sandbox, "set-entry", 2);
    for (const copy of await copiesOf(sandbox, {}, ["inline", "worker"])) {
      expect(await value(copy, "bump")).toBe(2);
      expect([await value(copy, "call-entry", 0), await value(copy, "call-entry", 2)]).toStrictEqual([2, 2]);
      const again = await kept(Sandbox.restore(await copy.snapshot({ whole: true }), options()));
      expect(await value(again, "bump")).toBe(3);
      await copy.reset();
      expect([await value(copy, "bump"), await value(copy, "call-entry", 0)]).toStrictEqual([1, 1]);
    }
    expect(await value(sandbox, "bump")).toBe(2);
  });

  test("reads on where its stream stood, whether or not the descriptor is still open", async () => {
    const sandbox = await kept(Sandbox.create(options()));
    expect(await value(sandbox, "open")).toBe(0);
    expect(await value(sandbox, "next")).toBe(97);
    const before = await copiesOf(sandbox);
    await value(sandbox, "drop-file");
    for (const copy of [...before, ...(await copiesOf(sandbox)), sandbox]) {
      expect([await value(copy, "next"), await value(copy, "next"), await value(copy, "next")]).toStrictEqual([
        98, 99, 0,
      ]);
    }
    await value(before[0] ?? sandbox, "drop-file");
    const snapshot = await before[1]?.snapshot();
    const gone = await kept(
      Sandbox.restore(snapshot ?? new Uint8Array(0), {
        guest: component(bytes),
        clock: "virtual",
        acceptPolicyChange: true,
      }),
    );
    expect(await value(gone, "next")).toBe(0);
  });

  test("writes to the output of its own runs, waits on its own clock, keeps its headers", async () => {
    const sandbox = await kept(Sandbox.create(options()));
    await value(sandbox, "say");
    await value(sandbox, "timer", 5_000);
    await value(sandbox, "header");
    for (const copy of await copiesOf(sandbox)) {
      expect((await copy.call("say")).stdout).toBe("said");
      expect([await value(copy, "has-header"), await value(copy, "ready")]).toStrictEqual([true, false]);
      await value(copy, "block");
      expect(await value(copy, "ready")).toBe(true);
    }
    expect(await value(sandbox, "ready")).toBe(false);
  });

  test("draws random numbers of its own, unless told to stay identical", async () => {
    const sandbox = await kept(Sandbox.create(options({ random: { seed: 5 } })));
    await value(sandbox, "random");
    const identical = await kept(sandbox.fork({ identical: true }));
    const copies = [await kept(sandbox.fork()), ...(await copiesOf(sandbox, { random: { seed: 5 } }))];
    const drawn = await Promise.all(copies.map((copy) => value(copy, "random")));
    const own = await value(sandbox, "random");
    expect(await value(identical, "random")).toBe(own);
    expect(new Set([...drawn, own]).size).toBe(4);
  });

  test("is of the same component only", async () => {
    const snapshot = await (await kept(Sandbox.create(options()))).snapshot();
    const other = component(bytes.slice(0, bytes.length));
    await expect(Sandbox.restore(snapshot, options({ guest: other }))).resolves.toBeInstanceOf(Sandbox);
    const changed = Uint8Array.from(bytes);
    changed.set(new TextEncoder().encode("said"), Buffer.from(changed).indexOf("x-kept"));
    await expect(Sandbox.restore(snapshot, options({ guest: component(changed) }))).rejects.toMatchObject({
      code: "foreign-snapshot",
    });
  });
});
