// A pool over real sandboxes.
import { readFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { memoryDirectory, Pool, tool } from "../../src/index.ts";
import type { Execution, PoolEvent, PoolOptions, RunResult } from "../../src/index.ts";

const open: Pool[] = [];

afterEach(() => {
  for (const pool of open.splice(0)) pool.close();
});

async function create(options: PoolOptions): Promise<Pool> {
  const pool = await Pool.create(options);
  open.push(pool);
  return pool;
}

const javascript = { language: "javascript" } as const;

function valueOf(result: RunResult): unknown {
  if (result.status !== "ok") throw new Error(`the run ended with ${JSON.stringify(result)}`);
  return result.value;
}

describe.each<Execution>(["inline", "worker"])("a pool, %s", (execution) => {
  test("gives each run a sandbox in which nothing was run", async () => {
    const pool = await create({ size: 2, sandbox: { ...javascript, execution } });
    const source = (n: number): string => `globalThis.seen = (globalThis.seen ?? 0) + 1; [${n}, seen]`;
    const results = await Promise.all(Array.from({ length: 20 }, (_, n) => pool.run(source(n))));
    expect(results.map(valueOf)).toEqual(Array.from({ length: 20 }, (_, n) => [n, 1]));
    await pool.drain();
    expect(pool.stats).toEqual({ size: 2, idle: 0, running: 0, waiting: 0, completed: 20, replaced: 0 });
  });

  test("every end of a run leaves a sandbox that is ready again", async () => {
    const limits = { timeoutMs: 200, fuel: 2e9 };
    const pool = await create({ size: 1, sandbox: { ...javascript, execution, limits } });
    const ends = ["6 * 7", "throw new Error('x')", "for (;;);", "(function f() { f() })()", "6 * 7"];
    const results = await Promise.all(ends.map((source) => pool.run(source)));
    expect(results.map(({ status }) => status)).toEqual(["ok", "error", "limit", "error", "ok"]);
  });

  test("a signal takes a waiting run out at once and ends one that goes on", async () => {
    const events: PoolEvent[] = [];
    const pool = await create({
      size: 1,
      sandbox: { ...javascript, execution },
      onEvent: (event) => events.push(event),
    });
    const [first, second] = [new AbortController(), new AbortController()];
    const running = pool.run("await new Promise((resolve) => setTimeout(resolve, 60_000))", { signal: first.signal });
    const waiting = pool.run("1", { signal: second.signal });
    const last = pool.run("2");
    second.abort(new Error("not wanted"));
    expect(await waiting).toMatchObject({ status: "aborted", reason: "not wanted", usage: { fuel: 0 } });
    first.abort(new Error("enough"));
    expect(await running).toMatchObject({ status: "aborted", reason: "enough" });
    expect(valueOf(await last)).toBe(2);
    expect(await pool.run("1", { signal: AbortSignal.abort(new Error("before")) })).toMatchObject({
      status: "aborted",
      reason: "before",
    });
    expect(events.filter(({ type }) => type === "run-cancelled")).toHaveLength(2);
  });

  test("a tenant at its bound of runs leaves room for others", async () => {
    const pool = await create({
      size: 2,
      sandbox: { ...javascript, execution },
      tenants: { greedy: { concurrency: 1 } },
    });
    const wait = "await new Promise((resolve) => setTimeout(resolve, 60_000))";
    const stop = new AbortController();
    const greedy = [1, 2, 3].map(() => pool.run(wait, { tenant: "greedy", signal: stop.signal }));
    expect(valueOf(await pool.run("1", { tenant: "modest" }))).toBe(1);
    expect(pool.stats).toMatchObject({ running: 1, waiting: 2 });
    stop.abort(new Error("over"));
    expect((await Promise.all(greedy)).map(({ status }) => status)).toEqual(["aborted", "aborted", "aborted"]);
  });

  test("a tenant that has used up its fuel waits until it is paid back", async () => {
    const pool = await create({
      size: 1,
      sandbox: { ...javascript, execution },
      tenants: { default: { fuelPerSecond: 1e9, burstFuel: 1e6 } },
    });
    const started = performance.now();
    const { usage } = await pool.run("for (let i = 0; i < 1e5; i++);");
    expect(valueOf(await pool.run("1"))).toBe(1);
    expect(performance.now() - started).toBeGreaterThan((usage.fuel - 1e6) / 1e6 - 20);
  });
});

test("a queue that is full refuses, one that drains takes nothing more and ends what it has", async () => {
  const pool = await create({ size: 1, maxQueue: 1, sandbox: javascript });
  const runs = [pool.run("1"), pool.run("2")];
  await expect(pool.run("3")).rejects.toMatchObject({ code: "overloaded" });
  const draining = pool.drain();
  await expect(pool.run("4")).rejects.toMatchObject({ code: "closed" });
  expect((await Promise.all(runs)).map(valueOf)).toEqual([1, 2]);
  await draining;
});

test("closing ends what waits and what goes on", async () => {
  const pool = await create({ size: 1, sandbox: javascript });
  const runs = [1, 2].map(() => pool.run("await new Promise((resolve) => setTimeout(resolve, 60_000))"));
  await waitFor(() => pool.stats.running === 1);
  pool.close();
  const early = await create({ size: 1, sandbox: javascript });
  runs.push(early.run("1"));
  early.close();
  for (const run of runs)
    expect(await run).toMatchObject({
      status: "aborted",
      reason: expect.stringMatching(/^The (pool|sandbox) was closed$/),
    });
});

test("the caller's own mistake is the caller's, and the sandbox goes on", async () => {
  const pool = await create({ size: 1, sandbox: javascript });
  await expect(pool.run("1", { limits: { fuel: 1e15 } })).rejects.toThrow(RangeError);
  await expect(pool.run(7 as never)).rejects.toThrow(TypeError);
  expect(valueOf(await pool.run("1"))).toBe(1);
});

test("a callback that throws ends nobody's run", async () => {
  const pool = await create({
    size: 1,
    sandbox: javascript,
    onEvent: () => {
      throw new Error("metrics are down");
    },
  });
  expect(valueOf(await pool.run("1"))).toBe(1);
});

test("sandboxes of one thread have memory directories of their own", async () => {
  const files = { "/data": memoryDirectory({ files: { a: "1" } }) };
  const pool = await create({ size: 2, sandbox: { ...javascript, files, tools: { meet: tool({ run: meeting(2) }) } } });
  const source = (n: number): string => `
    const fs = await import("node:fs");
    fs.appendFileSync("/data/a", "${n}");
    await tools.meet({});
    fs.readFileSync("/data/a", "utf8")`;
  const results = await Promise.all([2, 3].map((n) => pool.run(source(n))));
  expect(results.map(valueOf)).toEqual(["12", "13"]);
});

test("runs on the calling thread leave the event loop its turns", async () => {
  const pool = await create({ size: 1, sandbox: javascript });
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  for (let n = 0; n < 30; n++) await pool.run("for (let i = 0; i < 2e4; i++); 1");
  clearInterval(timer);
  expect(ticks).toBeGreaterThan(5);
});

test("a sandbox is replaced after so many runs", async () => {
  const events: PoolEvent[] = [];
  const pool = await create({
    size: 1,
    maxRunsPerSandbox: 2,
    sandbox: javascript,
    onEvent: (event) => events.push(event),
  });
  for (let n = 0; n < 5; n++) expect(valueOf(await pool.run(`${n}`))).toBe(n);
  await pool.drain();
  expect(events.filter(({ type }) => type === "sandbox-ready")).toHaveLength(3);
});

describe.skipIf(process.platform !== "linux")("guests in processes", () => {
  test("one that is killed loses its own run only, and is replaced", async () => {
    const events: PoolEvent[] = [];
    const before = children();
    const pool = await create({
      size: 2,
      sandbox: { ...javascript, execution: "process" },
      onEvent: (event) => events.push(event),
    });
    const mine = children().filter((pid) => !before.includes(pid));
    expect(mine).toHaveLength(2);
    const wait = (ms: number): string => `await new Promise((resolve) => setTimeout(resolve, ${ms})); 1`;
    const runs = [pool.run(wait(700)), pool.run(wait(700))];
    const started = waitFor(() => pool.stats.running === 2);
    await started;
    process.kill(mine[0] ?? 0, "SIGKILL");
    const results = await Promise.all(runs);
    expect(results.map(({ status }) => status).sort()).toEqual(["error", "ok"]);
    expect(results.find(({ status }) => status === "error")).toMatchObject({
      error: { name: "Crash", message: expect.stringContaining("SIGKILL") },
      sandbox: "closed",
    });
    expect(valueOf(await pool.run("6 * 7"))).toBe(42);
    await waitFor(() => pool.stats.idle === 2);
    expect(pool.stats).toMatchObject({ idle: 2, replaced: 1 });
    // One that dies while it is idle is noticed before it gets a run.
    const now = children().filter((pid) => !before.includes(pid));
    process.kill(now[0] ?? 0, "SIGKILL");
    await waitFor(() => children().filter((pid) => now.includes(pid)).length < 2);
    expect((await Promise.all([1, 2, 3, 4].map((n) => pool.run(`${n}`)))).map(valueOf)).toEqual([1, 2, 3, 4]);
    expect(pool.stats.replaced).toBe(2);
  });

  test("one that does not answer is ended by force behind its deadline", async () => {
    const before = children();
    const pool = await create({
      size: 1,
      sandbox: { ...javascript, execution: "process", limits: { timeoutMs: 100 } },
    });
    const [child] = children().filter((pid) => !before.includes(pid));
    process.kill(child ?? 0, "SIGSTOP");
    expect(await pool.run("1")).toMatchObject({ status: "limit", limit: "time", allowed: 100, sandbox: "closed" });
    // The next one waits in a new process: its deadline is short for a cold one on a busy machine.
    expect(["ok", "limit"]).toContain((await pool.run("1")).status);
    expect(pool.stats.replaced).toBe(1);
  });

  test("one that stops while it is idle does not keep a run: another takes its place", async () => {
    const before = children();
    const reasons: unknown[] = [];
    const pool = await create({
      size: 1,
      checkAfterMs: 0,
      sandbox: { ...javascript, execution: "process" },
      onEvent: (event) => {
        if (event.type === "sandbox-lost") reasons.push(event.reason);
      },
    });
    const [child] = children().filter((pid) => !before.includes(pid));
    process.kill(child ?? 0, "SIGSTOP");
    expect(valueOf(await pool.run("6 * 7"))).toBe(42);
    expect(reasons).toEqual(["it had stopped answering while it was idle"]);
    expect(children()).not.toContain(child);
    expect(pool.stats.replaced).toBe(1);
  });
});

/** A function whose callers wait until there are so many. */
function meeting(guests: number): () => Promise<void> {
  let open: (() => void) | undefined;
  let here = 0;
  const all = new Promise<void>((resolve) => {
    open = resolve;
  });
  return async () => {
    here += 1;
    if (here === guests) open?.();
    await all;
  };
}

function children(): number[] {
  return readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, "utf8")
    .split(" ")
    .filter((pid) => pid !== "")
    .map(Number);
}

async function waitFor(condition: () => boolean): Promise<void> {
  const end = performance.now() + 20_000;
  while (!condition()) {
    if (performance.now() > end) throw new Error("waited for too long");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
