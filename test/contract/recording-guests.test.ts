// Recordings of everything that is no language on this thread: binaries, sandboxes that begin with an image, workers and processes.
import { beforeAll, describe, expect, test } from "vitest";
import {
  command,
  component,
  loadImage,
  memoryDirectory,
  prepare,
  reactor,
  replay,
  Sandbox,
  tool,
} from "../../src/index.ts";
import type { ReplayOptions, RunResult, SandboxOptions } from "../../src/index.ts";
import { shopComponent } from "../support/components/shop.ts";
import { wat } from "../support/wat.ts";

/** What a replay must come to: all but what differs from machine to machine. */
function essence(result: RunResult | undefined): unknown {
  if (result === undefined) return undefined;
  const { recording: _recording, usage, files: _files, sandbox: _sandbox, ...rest } = result;
  const { wallMs: _wallMs, ...spent } = usage;
  return { ...rest, usage: spent };
}

async function sameAgain(results: readonly RunResult[], options: ReplayOptions = {}): Promise<void> {
  const recording = results.at(-1)?.recording;
  expect(recording).toBeInstanceOf(Uint8Array);
  const again = await replay(recording ?? new Uint8Array(), options);
  expect(again.map(essence)).toEqual(results.map(essence));
}

/** Prints its input, ten random bytes, and a file. */
const PROGRAM = `(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get" (func $time (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 1024) "data/f")
  (func $copy (param $from i32)
    (i32.store (i32.const 0) (i32.const 64)) (i32.store (i32.const 4) (i32.const 100))
    (drop (call $read (local.get $from) (i32.const 0) (i32.const 1) (i32.const 8)))
    (i32.store (i32.const 4) (i32.load (i32.const 8)))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 12))))
  (func (export "_start")
    (call $copy (i32.const 0))
    (drop (call $random (i32.const 200) (i32.const 10)))
    (drop (call $time (i32.const 0) (i64.const 0) (i32.const 210)))
    (i32.store (i32.const 0) (i32.const 200)) (i32.store (i32.const 4) (i32.const 18))
    (drop (call $write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 12)))
    (drop (call $open (i32.const 3) (i32.const 0) (i32.const 1024) (i32.const 6) (i32.const 0)
      (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 300)))
    (call $copy (i32.load (i32.const 300)))))`;

describe("binaries", () => {
  let program: Uint8Array<ArrayBuffer>;
  beforeAll(async () => {
    program = await wat(PROGRAM);
  });

  test("a command is run again from its recording and its binary alone", async () => {
    const sandbox = await Sandbox.create({
      guest: command(program),
      record: true,
      files: { "/data": memoryDirectory({ files: { f: "content" } }) },
    });
    const results = [await sandbox.run({ stdin: "one " }), await sandbox.run({ stdin: "two ", args: ["x"] })];
    sandbox.close();
    expect(results.map(({ stdout }) => stdout)).toEqual(["one content", "two content"]);
    await sameAgain(results, { guest: command(program) });
  });

  test("a recording goes with its own binary only, and says so", async () => {
    const sandbox = await Sandbox.create({ guest: command(program), record: true });
    const { recording = new Uint8Array() } = await sandbox.run();
    sandbox.close();
    await expect(replay(recording)).rejects.toThrow(
      'Cannot replay: the recording is of a command, which it does not hold; give it as "guest"',
    );
    await expect(replay(recording, { guest: reactor(program) })).rejects.toThrow("and guest is a reactor");
    const other = await wat(PROGRAM.replace("data/f", "data/g"));
    await expect(replay(recording, { guest: command(other) })).rejects.toMatchObject({ code: "invalid-recording" });
    const language = await Sandbox.create({ language: "javascript", record: true });
    const ofLanguage = await language.run("1");
    language.close();
    await expect(replay(ofLanguage.recording ?? recording, { guest: command(program) })).rejects.toThrow(
      'the recording is of javascript; leave out "guest"',
    );
  });

  test("a reactor's calls are made again, each with its numbers", async () => {
    const bytes = await wat(`(module
      (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
      (memory (export "memory") 1) (global $sum (mut i64) (i64.const 0))
      (func (export "add") (param i64 f64) (result i64)
        (drop (call $random (i32.const 0) (i32.const 4)))
        (global.set $sum (i64.add (global.get $sum)
          (i64.add (local.get 0) (i64.add (i64.trunc_sat_f64_s (local.get 1)) (i64.load32_u (i32.const 0))))))
        (global.get $sum))
      (func (export "spin") (loop $again (br $again))))`);
    const sandbox = await Sandbox.create({ guest: reactor(bytes), record: true, limits: { fuel: 5e6 } });
    const results = [
      await sandbox.call("add", 2n ** 62n, Number.NEGATIVE_INFINITY),
      await sandbox.call("add", 1n, Number.NaN),
      await sandbox.call("spin"),
      await sandbox.call("add", 7n, -0),
    ];
    sandbox.close();
    expect(results.map(({ status }) => status)).toEqual(["ok", "ok", "limit", "ok"]);
    await sameAgain(results, { guest: reactor(bytes) });
  });

  test("a component's calls too, its tools answering from the recording", async () => {
    const bytes = await shopComponent();
    const sandbox = await Sandbox.create({
      guest: component(bytes),
      record: true,
      tools: {
        "acme:orders/api#get-order": tool({ run: () => ({ id: "a", total: 12.5, tags: ["x"], extra: null }) }),
        greet: tool({ run: ({ name }: Record<string, unknown>) => `Hello, ${String(name)}!` }),
      },
    });
    const results = [
      await sandbox.call("acme:orders/calc#total-of", "a"),
      await sandbox.call("acme:orders/calc#add-up", BigUint64Array.of(1n, 2n ** 40n)),
      await sandbox.call("acme:orders/calc#add-up", [1n, 2n]),
      await sandbox.call("hello"),
      await sandbox.call("fill", 70_000),
    ];
    sandbox.close();
    expect(results.map((result) => result.status === "ok" && result.value)).toEqual([
      12.5,
      1n + 2n ** 40n,
      3n,
      "Hello, world!",
      false,
    ]);
    await sameAgain(results, { guest: component(bytes) });
  });
});

test("a sandbox that began with an image is run again with the image, also with one that was loaded", async () => {
  const made = await prepare("python", {
    setup: "import random\ntable = [n * n for n in range(100)]\nopen('/tmp/kept', 'w').write('kept')",
  });
  const sandbox = await Sandbox.create({ image: made, record: true });
  const results = [
    await sandbox.run("table[7], open('/tmp/kept').read(), random.random()"),
    await sandbox.run("table.append(1); len(table)"),
  ];
  sandbox.close();
  expect(results.map(({ status }) => status)).toEqual(["ok", "ok"]);
  await sameAgain(results, { image: made });
  await sameAgain(results, { image: await loadImage(await made.bytes()) });
  const recording = results[0]?.recording ?? new Uint8Array();
  await expect(replay(recording)).rejects.toThrow('began with an image; give it as "image"');
  const other = await prepare("python", { setup: "table = []" });
  await expect(replay(recording, { image: other })).rejects.toMatchObject({ code: "invalid-recording" });
});

describe.each(["worker", "process"] as const)("%s", (execution) => {
  const tools = {
    find: tool({ run: async ({ key }: Record<string, unknown>) => await Promise.resolve(`value of ${String(key)}`) }),
    once: tool({ run: () => 1, maxCalls: 1 }),
  };
  const create = async (options: Partial<SandboxOptions> = {}): Promise<Sandbox> =>
    await Sandbox.create({
      language: "python",
      execution,
      record: true,
      tools,
      ...options,
      limits: { fuel: 1e12, timeoutMs: 60_000 },
    });

  test("time, chance, files, tools and input are the same again on the caller's own thread", async () => {
    const sandbox = await create({ files: { "/data": memoryDirectory({ files: { f: "content" } }) } });
    const results = [
      await sandbox.run(
        "import random, time, sys\nx = open('/data/f').read()\n(x, random.random(), time.time(), await tools.find(key='a'), sys.stdin.read())",
        { stdin: "typed" },
      ),
      await sandbox.run("tools.once(); tools.once()"),
      await sandbox.run("while True: pass", { limits: { fuel: 2e7 } }),
      await sandbox.run("x = 2; x"),
    ];
    sandbox.close();
    expect(results.map(({ status }) => status)).toEqual(["ok", "limit", "limit", "ok"]);
    expect(results[0]?.calls).toHaveLength(1);
    await sameAgain(results);
  });

  test("what ended a run from outside ends it again: the deadline and the caller", async () => {
    const sandbox = await create();
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error("enough")), 150);
    const results = [
      await sandbox.run("n = 0\nwhile True: n += 1", {
        signal: stop.signal,
        limits: { fuel: 1e12, timeoutMs: 60_000 },
      }),
      await sandbox.run("n = 0\nwhile True: n += 1", { limits: { timeoutMs: 100 } }),
      await sandbox.run("await tools.find(key=1)"),
    ];
    expect(results.map(({ status }) => status)).toEqual(["aborted", "limit", "ok"]);
    await sameAgain(results);
    await sandbox.reset();
    await sameAgain([await sandbox.run("1 + 1")]);
    sandbox.close();
  });
});
