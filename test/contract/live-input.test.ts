// Standard input that comes while the guest runs, where its thread can sleep: each piece is asked for when the one before is used.
import { describe, expect, test } from "vitest";
import { command, Sandbox } from "../../src/index.ts";
import type { InputStream, SandboxOptions } from "../../src/index.ts";
import { wat } from "../support/wat.ts";

const ECHO = `import sys
for line in sys.stdin:
    print("got " + line.strip(), flush=True)
"end"`;

/** Says a line, and the next one only when the guest has answered the last. */
function conversation(lines: readonly string[]) {
  const answers: string[] = [];
  let answered: () => void = () => undefined;
  let given = 0;
  async function* pieces(): AsyncGenerator<string> {
    for (const line of lines) {
      given += 1;
      yield `${line}\n`;
      if (answers.length < given) await new Promise<void>((resolve) => (answered = resolve));
    }
  }
  return {
    stdin: pieces(),
    answers,
    onOutput: ({ text }: { readonly text: string }): void => {
      answers.push(text);
      answered();
    },
  };
}

describe.each(["worker", "process"] as const)("%s", (execution) => {
  const create = async (options: Partial<SandboxOptions> = {}): Promise<Sandbox> =>
    await Sandbox.create({
      language: "python",
      execution,
      ...options,
      limits: { timeoutMs: 60_000, ...options.limits },
    });

  test("a guest and its host take turns", async () => {
    const { stdin, answers, onOutput } = conversation(["one", "two", "three"]);
    const sandbox = await create({ onOutput, stdin });
    const result = await sandbox.run(ECHO);
    expect(result).toMatchObject({ status: "ok", value: "end", stdout: "got one\ngot two\ngot three\n" });
    expect(answers.join("")).toBe(result.stdout);
    // The sandbox's own stream goes to one run.
    expect(await sandbox.run("import sys\nsys.stdin.read()")).toMatchObject({ status: "ok", value: "" });
    sandbox.close();
  });

  test("what is not asked for is not read, and the stream is told", async () => {
    let [read, returned] = [0, false];
    async function* endless(): AsyncGenerator<string> {
      try {
        for (;;) yield `${(read += 1)}\n`;
      } finally {
        returned = true;
      }
    }
    const sandbox = await create();
    expect(await sandbox.run("input() + input()", { stdin: endless() })).toMatchObject({ status: "ok", value: "12" });
    expect([read < 20_000, returned]).toEqual([true, true]);
    sandbox.close();
  });

  test("a guest that waits for more is ended by its deadline and by its caller", async () => {
    const silent: InputStream = { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }) };
    const sandbox = await create();
    expect(await sandbox.run("input()", { stdin: silent, limits: { timeoutMs: 300 } })).toMatchObject({
      status: "limit",
      limit: "time",
    });
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error("enough")), 100);
    expect(await sandbox.run("input()", { stdin: silent, signal: stop.signal })).toMatchObject({
      status: "aborted",
      reason: "enough",
    });
    expect(await sandbox.run("1 + 1")).toMatchObject({ status: "ok", value: 2 });
    sandbox.close();
  });

  test("what goes wrong with the stream is the caller's", async () => {
    const sandbox = await create({ limits: { inputBytes: 10 } });
    const broken = async function* (): AsyncGenerator<string> {
      yield await Promise.resolve("a\n");
      throw new Error("pipe broke");
    };
    await expect(sandbox.run(ECHO, { stdin: broken() })).rejects.toThrow("pipe broke");
    const long = async function* (): AsyncGenerator<string> {
      for (;;) yield await Promise.resolve("12345\n");
    };
    await expect(sandbox.run(ECHO, { stdin: long() })).rejects.toThrow("it is longer than 10 bytes");
    const wrong = async function* (): AsyncGenerator<string> {
      yield await Promise.resolve(5 as unknown as string);
    };
    await expect(sandbox.run(ECHO, { stdin: wrong() })).rejects.toThrow("must be a string or a Uint8Array");
    expect(await sandbox.run("1 + 1")).toMatchObject({ status: "ok", value: 2 });
    sandbox.close();
  });
});

test("a command reads what there is, a character that was cut in two as well", async () => {
  const bytes = await wat(`(module
    (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "_start")
      (loop $more
        (i32.store (i32.const 0) (i32.const 64)) (i32.store (i32.const 4) (i32.const 5))
        (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
        (i32.store (i32.const 4) (i32.load (i32.const 8)))
        (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 12)))
        (br_if $more (i32.load (i32.const 8))))))`);
  const leaf = new TextEncoder().encode("🪴");
  async function* pieces(): AsyncGenerator<string | Uint8Array> {
    for (const piece of ["abcdefg", leaf.subarray(0, 2), "", leaf.subarray(2)]) yield await Promise.resolve(piece);
  }
  const sandbox = await Sandbox.create({ guest: command(bytes), execution: "worker" });
  expect(await sandbox.run({ stdin: pieces() })).toMatchObject({ status: "ok", stdout: "abcdefg🪴" });
  sandbox.close();
});
