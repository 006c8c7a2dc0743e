// The memory of a closed sandbox goes to the next one: nothing of the first may be in it.
import { afterEach, describe, expect, test } from "vitest";
import { spareMemories } from "../../src/engine/snapshot/spare-memories.ts";
import { canSuspend } from "../../src/engine/instance/suspending-check.ts";
import { Sandbox, tool } from "../../src/index.ts";
import type { Language, SandboxOptions } from "../../src/index.ts";

const CANARY = "canary-of-the-first-tenant";

interface GuestCase {
  readonly language: Language;
  readonly memoryBytes: number;
  readonly keep: (size: number) => string;
  readonly loop: string;
  /** Calls the tool that closes the sandbox, and does not end by itself. */
  readonly end: string;
}

const guests: readonly GuestCase[] = [
  {
    language: "javascript",
    memoryBytes: 48 * 2 ** 20,
    // Also on the engine's stack, in freed blocks and at the end of the memory.
    keep: (size: number) =>
      `globalThis.kept = Array.from({ length: ${size} }, (_, i) => "${CANARY}" + i); void JSON.stringify(kept); kept.length`,
    loop: `globalThis.kept = Array.from({ length: 1000 }, (_, i) => "${CANARY}" + i); for (;;) {}`,
    end: "await tools.end(); for (;;) {}",
  },
  {
    language: "python",
    memoryBytes: 60 * 2 ** 20,
    keep: (size) => `import json\nkept = ["${CANARY}" + str(i) for i in range(${size})]\njson.dumps(kept)\nlen(kept)`,
    loop: `kept = ["${CANARY}" + str(i) for i in range(1000)]\nwhile True: pass`,
    end: "tools.end()\nwhile True: pass",
  },
];

function isBlank(memory: WebAssembly.Memory): boolean {
  return Buffer.from(memory.buffer).equals(Buffer.alloc(memory.buffer.byteLength));
}

/** Takes all memories that lie ready out of their place. */
function takeAll(maximumBytes: number): WebAssembly.Memory[] {
  const taken: WebAssembly.Memory[] = [];
  for (;;) {
    const memory = spareMemories.take({ leastBytes: 0, mostBytes: maximumBytes, maximumBytes });
    if (memory === undefined) return taken;
    taken.push(memory);
  }
}

describe.each(guests)("$language", ({ language, memoryBytes, keep, loop, end }) => {
  const options: SandboxOptions = { language, limits: { memoryBytes, timeoutMs: 10_000 } };

  afterEach(() => takeAll(memoryBytes));

  test.each([10, 100_000])("the memory of a closed sandbox that kept %i secrets is blank", async (size) => {
    takeAll(memoryBytes);
    const first = await Sandbox.create(options);
    expect(await first.run(keep(size))).toMatchObject({ status: "ok", value: size });
    const longest = (await first.run("1")).usage.memoryBytes;
    first.close();
    const [memory, ...others] = takeAll(memoryBytes);
    expect(others).toEqual([]);
    expect(memory?.buffer.byteLength).toBe(longest);
    expect(memory && isBlank(memory)).toBe(true);
  });

  test("the next sandbox has the memory of the last, and finds in it what it would find in a new one", async () => {
    takeAll(memoryBytes);
    const fresh = await Sandbox.create({ ...options, clock: { kind: "fixed", at: 0 }, random: { seed: 1 } });
    const expected = await fresh.run("1 + 1");
    const untouched = await fresh.snapshot({ whole: true });
    const first = await Sandbox.create(options);
    await first.run(keep(2_000));
    first.close();
    expect(spareMemories.heldBytes).toBeGreaterThan(0);
    const held = spareMemories.heldBytes;
    const second = await Sandbox.create({ ...options, clock: { kind: "fixed", at: 0 }, random: { seed: 1 } });
    expect(spareMemories.heldBytes).toBeLessThan(held);
    const result = await second.run("1 + 1");
    expect({ ...result.usage, wallMs: 0 }).toEqual({ ...expected.usage, wallMs: 0 });
    expect(Buffer.from(await second.snapshot({ whole: true })).equals(untouched)).toBe(true);
    fresh.close();
    second.close();
  });

  test.runIf(canSuspend())(
    "the memory of a guest that is suspended in the middle of its work is nobody's",
    async () => {
      takeAll(memoryBytes);
      const sandbox = await Sandbox.create({ ...options, execution: "yielding" });
      const running = sandbox.run(loop);
      await new Promise((resolve) => setTimeout(resolve, 100));
      sandbox.close();
      expect(takeAll(memoryBytes)).toEqual([]);
      expect(await running).toMatchObject({ status: "aborted", sandbox: "closed" });
      expect(takeAll(memoryBytes)).toEqual([]);
    },
  );

  test("the memory of a guest that was stopped in the middle is nobody's", async () => {
    takeAll(memoryBytes);
    const stopped = await Sandbox.create(options);
    const running = stopped.run(loop, { limits: { timeoutMs: 30 } });
    expect(await running).toMatchObject({ status: "limit", limit: "time" });
    stopped.close();
    const closed = await Sandbox.create({ ...options, tools: { end: tool({ run: () => closed.close() }) } });
    await closed.run(end);
    expect(closed.closed).toBe(true);
    for (const memory of takeAll(memoryBytes)) expect(isBlank(memory)).toBe(true);
  });
});
