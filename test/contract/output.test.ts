// Live output: one call at a time, the guest keeps step with a slow consumer, and a deadline holds for that too.
import { describe, expect, test } from "vitest";
import { Sandbox } from "../../src/index.ts";
import type { OutputChunk, SandboxOptions } from "../../src/index.ts";

const sleep = async (ms: number): Promise<void> => await new Promise((resolve) => setTimeout(resolve, ms));

const SOURCES = {
  javascript: {
    chatter: `for (let n = 0; n < 5; n++) { console.log("a" + n); console.error("b" + n); await new Promise((r) => setTimeout(r, 1)); }`,
    burst: `for (let n = 0; n < 4; n++) console.log("line " + n);`,
    bytes: `console.log("\\u00fc")`,
    forever: `for (;;) { console.log("x"); await new Promise((r) => setTimeout(r, 1)); }`,
  },
  python: {
    chatter: `import asyncio, sys\nfor n in range(5):\n    print(f"a{n}", flush=True)\n    print(f"b{n}", file=sys.stderr, flush=True)\n    await asyncio.sleep(0.01)`,
    burst: `for n in range(4): print("line", n, flush=True)`,
    bytes: `import sys\nsys.stdout.buffer.write(b"\\xff\\x00\\xfe")\nNone`,
    forever: `import asyncio\nwhile True:\n    print("x", flush=True)\n    await asyncio.sleep(0.01)`,
  },
} as const;

describe.each(["javascript", "python"] as const)("%s", (language) => {
  const sources = SOURCES[language];
  const create = async (options: Partial<SandboxOptions>): Promise<Sandbox> =>
    await Sandbox.create({ language, ...options, limits: { timeoutMs: 20_000, ...options.limits } });

  test("a slow consumer is never called twice at once, and a guest that waits goes on only when it is done", async () => {
    let open = 0;
    let most = 0;
    const seen: string[] = [];
    const sandbox = await create({
      onOutput: async ({ stream, text }: OutputChunk) => {
        most = Math.max(most, ++open);
        await sleep(4);
        seen.push(`${stream}:${text}`);
        open--;
      },
    });
    const result = await sandbox.run(sources.chatter);
    sandbox.close();
    expect(result.status).toBe("ok");
    // Without waiting for the consumer the five rounds would have come in larger pieces.
    expect([most, open, seen]).toEqual([
      1,
      0,
      Array.from({ length: 5 }, (_, n) => [`stdout:a${n}\n`, `stderr:b${n}\n`]).flat(),
    ]);
  });

  test("what comes while it is busy comes in one piece behind, and the run ends when all of it has been taken", async () => {
    const seen: string[] = [];
    const sandbox = await create({
      onOutput: async ({ text }: OutputChunk) => {
        await sleep(5);
        seen.push(text);
      },
    });
    const result = await sandbox.run(sources.burst);
    sandbox.close();
    expect(result.stdout).toBe("line 0\nline 1\nline 2\nline 3\n");
    expect(seen).toEqual(["line 0\n", "line 1\nline 2\nline 3\n"]);
  });

  test("a consumer that never comes back does not hold a run past its deadline, and gets the rest all the same", async () => {
    const seen: string[] = [];
    const sandbox = await create({
      onOutput: async ({ text }: OutputChunk) => {
        seen.push(text);
        await new Promise(() => undefined);
      },
    });
    const limits = { timeoutMs: 600 };
    expect(await sandbox.run(sources.burst, { limits })).toMatchObject({ status: "ok" });
    expect(seen.join("")).toBe("line 0\nline 1\nline 2\nline 3\n");
    expect(await sandbox.run(sources.forever, { limits })).toMatchObject({
      status: "limit",
      limit: "time",
      stdout: "x\n",
    });
    sandbox.close();
  });

  test("a consumer that rejects fails the run, once, and not the next one", async () => {
    let calls = 0;
    const sandbox = await create({
      onOutput: async () => {
        calls++;
        await sleep(2);
        if (calls === 1) throw new Error("disk full");
      },
    });
    await expect(sandbox.run(sources.chatter)).rejects.toThrow("disk full");
    expect(calls).toBe(1);
    expect(await sandbox.run(sources.burst)).toMatchObject({ status: "ok" });
    sandbox.close();
  });

  test("a promise holds up nothing in runSync", async () => {
    const seen: string[] = [];
    const sandbox = await create({
      onOutput: async ({ text }: OutputChunk) => {
        seen.push(text);
        await sleep(1);
      },
    });
    const result = sandbox.runSync(sources.burst);
    expect([result.status, seen.join("")]).toEqual(["ok", result.stdout]);
    sandbox.close();
  });

  test("bytes are there on request, as they were written", async () => {
    const sandbox = await create({ output: "bytes" });
    const result = await sandbox.run(sources.bytes);
    sandbox.close();
    expect([result.status, result.stdoutBytes, result.stderrBytes]).toEqual([
      "ok",
      language === "python" ? new Uint8Array([0xff, 0, 0xfe]) : new TextEncoder().encode("ü\n"),
      new Uint8Array(0),
    ]);
    const text = await create({});
    expect("stdoutBytes" in (await text.run(sources.bytes))).toBe(false);
    text.close();
  });
});

test("output in turns on both streams stays in bounds while a consumer is slow", async () => {
  const pieces: OutputChunk[] = [];
  let release = (): void => undefined;
  const sandbox = await Sandbox.create({
    language: "python",
    limits: { timeoutMs: 20_000 },
    onOutput: (chunk) => {
      pieces.push(chunk);
      return pieces.length === 1 ? new Promise<void>((resolve) => (release = resolve)) : undefined;
    },
  });
  const result = sandbox.run(
    `import os, asyncio\nos.write(1, b"first")\nfor n in range(20000): os.write(1 + n % 2, b"ab"[n % 2:n % 2 + 1])\nawait asyncio.sleep(0)`,
  );
  await sleep(1);
  release();
  const { stdout, stderr } = await result;
  sandbox.close();
  const joined = (stream: string): string =>
    pieces.flatMap((piece) => (piece.stream === stream ? [piece.text] : [])).join("");
  expect([joined("stdout"), joined("stderr")]).toEqual([stdout, stderr]);
  expect([stdout.length, stderr.length]).toEqual([10_005, 10_000]);
  expect(pieces.length).toBeLessThan(1_100);
});

test("a guest on another thread has its output taken before its run ends", async () => {
  const seen: string[] = [];
  const sandbox = await Sandbox.create({
    language: "javascript",
    execution: "worker",
    limits: { timeoutMs: 20_000 },
    onOutput: async ({ text }) => {
      await sleep(5);
      seen.push(text);
    },
  });
  const result = await sandbox.run(SOURCES.javascript.burst);
  expect([seen.join(""), seen[0]]).toEqual([result.stdout, "line 0\n"]);
  const rejecting = await Sandbox.create({
    language: "javascript",
    execution: "worker",
    onOutput: async () => await Promise.reject(new Error("disk full")),
  });
  await expect(rejecting.run(SOURCES.javascript.burst)).rejects.toThrow("disk full");
  sandbox.close();
  rejecting.close();
});

test("a wrong output option is refused by name", async () => {
  await expect(Sandbox.create({ language: "javascript", output: "json" as "text" })).rejects.toThrow(
    'Cannot create a sandbox: output is "json", and must be "text" or "bytes"; to be called with it, give onOutput',
  );
});
