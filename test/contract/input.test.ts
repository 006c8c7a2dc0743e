// Standard input that comes as a stream: read to its end before the guest begins, bounded in bytes and time.
import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { Sandbox } from "../../src/index.ts";
import type { InputStream, SandboxOptions } from "../../src/index.ts";

const READ = {
  javascript: `(await import("node:fs")).default.readFileSync("/dev/stdin", "utf8")`,
  python: `import sys\nsys.stdin.read()`,
} as const;

async function* pieces(...all: (string | Uint8Array)[]): AsyncGenerator<string | Uint8Array> {
  for (const piece of all) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    yield piece;
  }
}

/** Gives its piece and then nothing for ever; tells whether it was given up. */
function stalled(): InputStream & { readonly returned: boolean } {
  let returned = false;
  let first = true;
  return {
    get returned() {
      return returned;
    },
    [Symbol.asyncIterator]: () => ({
      next: () =>
        first ? ((first = false), Promise.resolve({ value: "a", done: false })) : new Promise(() => undefined),
      return: () => {
        returned = true;
        return Promise.reject(new Error("not your business"));
      },
    }),
  };
}

describe.each(["javascript", "python"] as const)("%s", (language) => {
  const create = async (options: Partial<SandboxOptions> = {}): Promise<Sandbox> =>
    await Sandbox.create({ language, ...options, limits: { timeoutMs: 20_000, ...options.limits } });

  test("gets the text and bytes of a stream as one, characters that were cut in two as well", async () => {
    const sandbox = await create({ stdin: pieces("own ", "stream") });
    const leaf = new TextEncoder().encode("🪴");
    const run = async (stdin?: InputStream): Promise<unknown> => {
      const result = await sandbox.run(READ[language], stdin === undefined ? {} : { stdin });
      return result.status === "ok" ? result.value : result;
    };
    expect(await run(pieces("a", leaf.subarray(0, 2), leaf.subarray(2), "", "b"))).toBe("a🪴b");
    expect(await run(Readable.from([Buffer.from("of "), Buffer.from("node")]))).toBe("of node");
    expect(await run(new Response("of the web").body as unknown as InputStream)).toBe("of the web");
    // The sandbox's own can be read once.
    expect([await run(), await run()]).toEqual(["own stream", ""]);
    sandbox.close();
  });

  test("is not entered if the input does not come in time, and the stream is given up", async () => {
    const sandbox = await create();
    const stdin = stalled();
    const result = await sandbox.run(READ[language], { stdin, limits: { timeoutMs: 40 } });
    expect(result).toMatchObject({ status: "aborted", reason: "Standard input did not end within 40 ms", stdout: "" });
    expect(stdin.returned).toBe(true);
    expect(await sandbox.run("1 + 1")).toMatchObject({ status: "ok", value: 2 });
    sandbox.close();
  });

  test("is not entered if the caller gives up first", async () => {
    const sandbox = await create();
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error("enough")), 20);
    expect(await sandbox.run(READ[language], { stdin: stalled(), signal: stop.signal })).toMatchObject({
      status: "aborted",
      reason: "enough",
    });
    sandbox.close();
  });
});

test("what goes wrong with the stream is the caller's, and the sandbox is as it was", async () => {
  const sandbox = await Sandbox.create({ language: "javascript", limits: { inputBytes: 10 } });
  await sandbox.run("globalThis.kept = 1");
  const broken = async function* (): AsyncGenerator<string> {
    yield await Promise.resolve("a");
    throw new Error("pipe broke");
  };
  await expect(sandbox.run("1", { stdin: broken() })).rejects.toThrow("pipe broke");
  await expect(sandbox.run("1", { stdin: pieces("12345", "678901") })).rejects.toThrow(
    new RangeError(
      "Cannot read the input: it is longer than 10 bytes; limits.inputBytes allows more, a file is better",
    ),
  );
  await expect(sandbox.run("1", { stdin: pieces(5 as unknown as string) })).rejects.toThrow(
    new TypeError("Cannot read the input: a piece of the stream must be a string or a Uint8Array"),
  );
  expect(() => sandbox.runSync("1", { stdin: pieces("a") })).toThrow(
    "Cannot run: stdin is an async iterable, which runSync cannot wait for; use run()",
  );
  await expect(sandbox.run("1", { stdin: 5 as unknown as string })).rejects.toThrow(
    "Cannot run: stdin must be a string, a Uint8Array, an async iterable of them or an InputSource, not 5",
  );
  expect(await sandbox.run("globalThis.kept")).toMatchObject({ status: "ok", value: 1 });
  sandbox.close();
});

test("no other run begins while one waits for its input; closing gives it up", async () => {
  const sandbox = await Sandbox.create({ language: "javascript" });
  const stdin = stalled();
  const waiting = sandbox.run("1", { stdin });
  await expect(sandbox.run("2")).rejects.toThrow("Cannot run: a run waits for its input; await it first");
  expect(() => sandbox.runSync("2")).toThrow("a run waits for its input");
  sandbox.close();
  await expect(waiting).rejects.toThrow("Cannot run: the sandbox is closed");
  expect(stdin.returned).toBe(true);
});

test("a stream is not read for a run that cannot begin", async () => {
  const sandbox = await Sandbox.create({ language: "javascript" });
  const running = sandbox.run("await new Promise((resolve) => setTimeout(resolve, 30))");
  const stream = pieces("kept for later");
  await expect(sandbox.run("1", { stdin: stream })).rejects.toThrow("a run is in progress");
  await running;
  expect(await sandbox.run(READ.javascript, { stdin: stream })).toMatchObject({ value: "kept for later" });
  sandbox.close();
});
