// What was recorded can be run again without any of its powers, and comes to the same: value, output, fuel, reports.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { hostDirectory, memoryDirectory, replay, Sandbox, tool, ToolError } from "../../src/node.ts";
import type { Clock, RunOptions, RunResult, SandboxOptions } from "../../src/node.ts";
import { useHttpFixture } from "../support/http-fixture.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const fixture = useHttpFixture();
let folder = "";

beforeEach(() => {
  folder = temporaryDirectory();
  mkdirSync(path.join(folder, "data", "deep"), { recursive: true });
  writeFileSync(path.join(folder, "data", "a.txt"), "alpha, wörld\n");
  writeFileSync(path.join(folder, "data", "deep", "b.bin"), new Uint8Array([0, 255, 128, 7]));
});

/** A result without what may differ: how long it took, how far memory grew before, and the recording itself. */
function comparable(result: RunResult): unknown {
  const { recording: _recording, usage, ...rest } = result;
  const { wallMs: _wallMs, memoryBytes: _memoryBytes, ...counted } = usage;
  // Of what a tool threw only the message is recorded.
  const calls = rest.calls.map((call) => (call.error instanceof Error ? { ...call, error: call.error.message } : call));
  return { ...rest, calls, usage: counted };
}

async function record(
  options: SandboxOptions,
  ...runs: readonly (readonly [source: string, options?: RunOptions])[]
): Promise<readonly RunResult[]> {
  const sandbox = await Sandbox.create({ record: true, ...options });
  const results: RunResult[] = [];
  for (const [source, given] of runs) results.push(await sandbox.run(source, given));
  sandbox.close();
  return results;
}

/** Replays what the last result recorded and wants every run to be what it was. */
async function sameAgain(results: readonly RunResult[]): Promise<void> {
  const { recording } = results.at(-1) ?? {};
  if (recording === undefined) throw new Error("There is no recording");
  expect((await replay(recording)).map(comparable)).toEqual(results.map(comparable));
}

const SOURCES = {
  javascript: {
    everything: `
      await (async () => { const fs = (await import("node:fs")).default;
      const seen = [Math.random(), crypto.randomUUID(), Date.now(), performance.now()];
      seen.push(fs.readFileSync("/data/a.txt", "utf8"), fs.readFileSync("/data/deep/b.bin"), fs.readdirSync("/data").sort());
      seen.push(fs.statSync("/data/a.txt").mtimeMs, fs.statSync("/").mtimeMs, fs.existsSync("/data/none"));
      fs.writeFileSync("/work/x.txt", "x".repeat(1000));
      fs.renameSync("/work/x.txt", "/work/y.txt");
      seen.push(fs.readFileSync("/work/y.txt", "utf8").length, fs.readFileSync("/dev/stdin", "utf8"));
      try { fs.writeFileSync("/data/no", ""); } catch (error) { seen.push(error.code); }
      const late = Promise.all([3, 1, 2].map(async (n) => { const v = await tools.later({ n }); seen.push(["came", v]); return v; }));
      setTimeout(() => seen.push(["timer", Date.now()]), 5);
      seen.push(tools.now.sync({ question: "\\ud800?" }), await late);
      try { await tools.fails({}); } catch (error) { seen.push(error.message); }
      await new Promise((resolve) => setTimeout(resolve, 15));
      console.log("done", Date.now());
      globalThis.kept = (globalThis.kept ?? 0) + 1;
      return JSON.stringify([seen, globalThis.kept]); })();`,
    kept: "globalThis.kept * 100 + Math.floor(Math.random() * 10)",
    spin: `console.log("in"); let n = 0; globalThis.kept = 7; for (;;) { n += Date.now() % 3; if (n % 1000 === 0) console.log(n); }`,
    waitForever: `console.log("waiting"); await new Promise((resolve) => setTimeout(resolve, 3_600_000));`,
    callForever: `console.log("calling"); await tools.never({});`,
    abort: `console.log("before"); tools.abort.sync({}); let n = 0; for (;;) n++;`,
    fuel: `for (let n = 0; ; n++) if (n % 1000 === 0) console.log(n, Date.now());`,
    throws: `console.log(Date.now()); throw new RangeError("own")`,
    after: `typeof globalThis.kept`,
  },
  python: {
    everything: `
import os, random, sys, time, uuid, asyncio
seen = [random.random(), str(uuid.uuid4()), time.time(), time.monotonic_ns(), os.urandom(3).hex()]
seen += [open("/data/a.txt").read(), open("/data/deep/b.bin", "rb").read().hex(), sorted(os.listdir("/data"))]
seen += [os.stat("/data/a.txt").st_mtime_ns, os.stat("/").st_mtime_ns, os.path.exists("/data/none")]
with open("/work/x.txt", "w") as file:
    file.write("x" * 1000)
os.rename("/work/x.txt", "/work/y.txt")
seen += [len(open("/work/y.txt").read()), sys.stdin.read()]
try:
    open("/data/no", "w")
except OSError as error:
    seen.append(error.errno)
async def later(n):
    seen.append(("came", await tools.later(n=n)))
async def timer():
    await asyncio.sleep(0.005)
    seen.append(("timer", time.time()))
async with asyncio.TaskGroup() as group:
    for job in (later(3), later(1), later(2), timer()):
        group.create_task(job)
seen.append(tools.now(question="?"))
try:
    await tools.fails()
except Exception as error:
    seen.append(str(error))
time.sleep(0.015)
print("done", time.time())
kept = globals().get("kept", 0) + 1
repr((seen, kept))`,
    kept: "import random\nkept * 100 + random.randrange(10)",
    spin: `import time\nprint("in", flush=True)\nkept = 7\nn = 0\nwhile True:\n    n += int(time.time() * 1000) % 3\n    if n % 1000 == 0: print(n)`,
    waitForever: `import asyncio\nprint("waiting")\nawait asyncio.sleep(3600)`,
    callForever: `print("calling")\nawait tools.never()`,
    abort: `print("before")\ntools.abort()\nwhile True: pass`,
    fuel: `import time\nn = 0\nwhile True:\n    n += 1\n    if n % 1000 == 0: print(n, time.time())`,
    throws: `import time\nprint(time.time())\nraise RuntimeError("own")`,
    after: `str("kept" in globals())`,
  },
};

const LATER = { 1: 20, 2: 1, 3: 10 } as const;

describe.each(["javascript", "python"] as const)("%s", (language) => {
  const sources = SOURCES[language];
  const aborter = { controller: new AbortController() };
  const options: SandboxOptions = {
    language,
    env: { NAME: "värde" },
    args: ["one"],
    tools: {
      now: tool({ run: ({ question }) => ({ question, answer: Math.random() }) }),
      later: tool({
        run: async ({ n }) => {
          await new Promise((resolve) => setTimeout(resolve, LATER[n as keyof typeof LATER]));
          return { n, at: performance.now() };
        },
      }),
      fails: tool({
        run: () => {
          throw new ToolError("for your eyes");
        },
      }),
      never: tool({ run: () => new Promise(() => undefined) }),
      abort: tool({ run: () => aborter.controller.abort(new Error("enough")) }),
    },
    limits: { timeoutMs: 20_000 },
  };

  function withFiles(): SandboxOptions {
    return {
      ...options,
      stdin: "in\nput\0",
      files: {
        "/data": hostDirectory({ path: path.join(folder, "data") }),
        "/work": memoryDirectory({ maxBytes: 10_000 }),
      },
    };
  }

  test("time, chance, files, tools, input and what is kept from run to run are the same again, without them", async () => {
    const results = await record(
      withFiles(),
      [sources.everything],
      [sources.kept],
      [sources.throws],
      [sources.everything],
    );
    expect(results.map(({ status }) => status)).toEqual(["ok", "ok", "error", "ok"]);
    await sameAgain(results);
  });

  test("what the owner does with the files between runs is no input of its own: the guest's answers are", async () => {
    const write =
      language === "python"
        ? (name: string) => `open("/work/${name}", "w").write("guest"); open("/work/${name}").read()`
        : (name: string) =>
            `(await import("node:fs")).default.writeFileSync("/work/${name}", "guest"); (await import("node:fs")).default.readFileSync("/work/${name}", "utf8")`;
    const read =
      language === "python"
        ? `open("/work/b").read()`
        : `(await import("node:fs")).default.readFileSync("/work/b", "utf8")`;
    const sandbox = await Sandbox.create({ ...withFiles(), record: true });
    await sandbox.files.write("/work/seed", "owner");
    const results = [await sandbox.run(write("a"))];
    await sandbox.files.write("/work/b", "owner's");
    await sandbox.files.remove("/work/a");
    results.push(await sandbox.run(read), await sandbox.run(write("b")));
    sandbox.close();
    expect(results.map((result) => result.status === "ok" && [result.value, result.files.length])).toEqual([
      ["guest", 1],
      ["owner's", 0],
      ["guest", 1],
    ]);
    await sameAgain(results);
  });

  test("files that are gone or changed since do not matter", async () => {
    const own = temporaryDirectory();
    writeFileSync(path.join(own, "f"), "as it was");
    const read =
      language === "python"
        ? `open("/own/f").read()`
        : `(await import("node:fs")).default.readFileSync("/own/f", "utf8")`;
    const results = await record({ ...options, files: { "/own": hostDirectory({ path: own }) } }, [read]);
    rmSync(own, { recursive: true });
    expect(results[0]).toMatchObject({ status: "ok", value: "as it was" });
    await sameAgain(results);
  });

  test.each([
    ["in the middle of a loop", "spin", { limits: { timeoutMs: 120 } }, "limit"],
    ["while it waits for a timer", "waitForever", { limits: { timeoutMs: 60 } }, "limit"],
    ["while it waits for a tool", "callForever", { limits: { timeoutMs: 60 } }, "limit"],
    ["by fuel", "fuel", { limits: { fuel: 30_000_000 } }, "limit"],
  ] as const)(
    "a run that was stopped %s stops at the same unit of fuel, and the next run follows",
    async (_when, name, limits, status) => {
      const results = await record(
        options,
        [sources.kept.replace("kept *", "0 *")],
        [sources[name], limits],
        [sources.after],
      );
      expect(results[1]?.status).toBe(status);
      await sameAgain(results);
    },
  );

  test.each(["while it computes", "while it waits", "before it begins"])(
    "a run that was aborted %s is aborted there",
    async (when) => {
      aborter.controller = new AbortController();
      const { signal } = aborter.controller;
      if (when === "while it waits") setTimeout(() => aborter.controller.abort(new Error("enough")), 40);
      if (when === "before it begins") aborter.controller.abort(new Error("enough"));
      const source = when === "while it computes" ? sources.abort : sources.waitForever;
      const results = await record(options, [source, { signal }], [sources.after]);
      expect(results[0]).toMatchObject({ status: "aborted", reason: "enough" });
      await sameAgain(results);
    },
  );

  test("a sandbox that was closed in the middle of a run says so again", async () => {
    const sandbox = await Sandbox.create({ ...options, record: true });
    setTimeout(() => sandbox.close(), 40);
    const result = await sandbox.run(sources.waitForever);
    expect(result).toMatchObject({ status: "aborted", sandbox: "closed" });
    const [again] = await replay(result.recording as Uint8Array);
    expect(comparable({ ...(again as RunResult), sandbox: "closed" })).toEqual(comparable(result));
  });

  test.each(["frozen", "fixed", "virtual"] as const)("a %s clock is the same again", async (clock) => {
    const source =
      language === "python"
        ? `import time, asyncio\na = time.time()\ntime.sleep(0.01)\nawait asyncio.sleep(0.01)\n[a, time.time(), time.monotonic(), await tools.later(n=1)]`
        : `const a = Date.now(); await new Promise((r) => setTimeout(r, 10)); [a, Date.now(), performance.now(), await tools.later({ n: 1 })]`;
    const results = await record({ ...options, clock }, [source]);
    expect(results[0]?.status).toBe("ok");
    await sameAgain(results);
  });

  test("runSync is recorded as run is", async () => {
    const sandbox = await Sandbox.create({ ...options, record: true });
    const source =
      language === "python"
        ? `import time\ntime.sleep(0.01)\ntime.time()`
        : `setTimeout(() => console.log(Date.now()), 10); Date.now()`;
    const result = sandbox.runSync(source);
    sandbox.close();
    expect(result.status).toBe("ok");
    await sameAgain([result]);
  });

  test("a reset begins a new recording", async () => {
    const sandbox = await Sandbox.create({ ...options, record: true });
    await sandbox.run(sources.kept.replace("kept *", "0 *"));
    await sandbox.reset();
    const result = await sandbox.run(sources.after);
    sandbox.close();
    await sameAgain([result]);
  });

  test("a recording that would be too long is given up until the next reset, and the runs go on", async () => {
    const sandbox = await Sandbox.create({ ...options, record: { maxBytes: 8_000 } });
    const draw =
      language === "python"
        ? (n: number) => `import os\nlen(os.urandom(${n}))`
        : (n: number) => `crypto.getRandomValues(new Uint8Array(${n})).length`;
    const results = [];
    for (const length of [10, 9_000, 10]) results.push(await sandbox.run(draw(length)));
    await sandbox.reset();
    results.push(await sandbox.run(draw(20)));
    sandbox.close();
    expect(results.map((result) => [result.status === "ok" && result.value, result.recording !== undefined])).toEqual([
      [10, true],
      [9_000, false],
      [10, false],
      [20, true],
    ]);
    await sameAgain(results.slice(3));
  });

  test("responses come from the recording, those that are read piece by piece and those that fail too", async () => {
    const source =
      language === "python"
        ? `
import json, urllib.request
from wardian import http
B = "${fixture.origin}"
seen = []
async def get(path):
    r = await http.get(B + path)
    return [r.status, await r.text()]
import asyncio
seen.append(await asyncio.gather(get("/x"), get("/gzip")))
seen.append(urllib.request.urlopen(B + "/x").read().decode())
for url in (B + "/none", "http://denied.example/"):
    try:
        r = await http.get(url)
        seen.append([r.status, len(await r.text())])
    except Exception as error:
        seen.append(str(error))
json.dumps(seen)`
        : `
const seen = [];
const get = async (path) => { const r = await fetch("${fixture.origin}" + path); return [r.status, await r.text()]; };
seen.push(await Promise.all([get("/x"), get("/gzip")]));
for (const url of ["${fixture.origin}/none", "http://denied.example/"])
  try { const r = await fetch(url); seen.push([r.status, (await r.text()).length]); } catch (error) { seen.push(String(error)); }
const stopped = new AbortController();
const late = fetch("${fixture.origin}/x", { signal: stopped.signal }); stopped.abort();
try { await late; } catch (error) { seen.push(error.name); }
JSON.stringify(seen)`;
    const results = await record({ ...options, network: { allow: [{ url: `${fixture.origin}/`, methods: "*" }] } }, [
      source,
    ]);
    expect(results[0]?.status).toBe("ok");
    const hits = await fixture.hits();
    await sameAgain(results);
    expect(await fixture.hits()).toBe(hits);
  });

  test("without the option there is no recording", async () => {
    const sandbox = await Sandbox.create(options);
    expect("recording" in (await sandbox.run(sources.after))).toBe(false);
    sandbox.close();
  });
});

test("a blocking sleep that the deadline ends, and a soft interrupt, come at the same place", async () => {
  const sleepy = await record({ language: "python" }, [
    `import time\nprint("in")\nfor n in range(100):\n    print(n, flush=True)\n    time.sleep(0.02)`,
    { limits: { timeoutMs: 110 } },
  ]);
  expect(sleepy[0]).toMatchObject({ status: "limit", limit: "time" });
  await sameAgain(sleepy);
  const soft = await record({ language: "python" }, [
    `n = 0\ntry:\n    while True: n += 1\nexcept KeyboardInterrupt:\n    print("interrupted at", n)\nn`,
    { limits: { timeoutMs: 400 }, graceMs: 250 },
  ]);
  expect(soft[0]).toMatchObject({ status: "ok", stdout: expect.stringMatching(/^interrupted at \d+\n$/) as string });
  await sameAgain(soft);
});

test("a sleep that takes longer than the deadline stops the guest behind it, and nowhere else", async () => {
  const late: Clock = {
    kind: "custom",
    now: () => Date.now(),
    monotonic: () => performance.now(),
    sleep: () => Promise.resolve(),
    sleepSync: (ms) => {
      const end = performance.now() + ms + 3;
      while (performance.now() < end);
    },
  };
  const results = await record({ language: "python", clock: late }, [
    `import time\nprint("before", flush=True)\ntime.sleep(30)\nprint("behind", flush=True)`,
    { limits: { timeoutMs: 300 } },
  ]);
  expect(results[0]).toMatchObject({ status: "limit", limit: "time", stdout: "before\n" });
  await sameAgain(results);
});

test("TypeScript and modules are replayed from the recording alone", async () => {
  const results = await record({ language: "typescript" }, [
    `import { double } from "helper"; export default double(Date.now() as number);`,
    { filename: "main.mts", modules: { helper: "export const double = (n: number): number => n * 2;" } },
  ]);
  expect(results[0]?.status).toBe("ok");
  await sameAgain(results);
});

test.each([
  [{ record: "yes" }, 'record must be a boolean or { maxBytes }, not "yes"'],
  [{ record: { maxBytes: 0 } }, "record.maxBytes is 0, and must be an integer from 1 to 1073741824"],
  [{ record: true, execution: "yielding" }, 'a guest of execution "yielding" cannot be recorded; use "inline"'],
  [{ record: { file: "x" } }, "record.file is not an option; the option is maxBytes"],
])("a wrong option is refused by name: %j", async (options, message) => {
  await expect(Sandbox.create({ language: "javascript", ...options } as SandboxOptions)).rejects.toThrow(message);
});
