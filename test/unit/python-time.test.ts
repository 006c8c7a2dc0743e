import { afterAll, describe, expect, it } from "vitest";
import { fixedClock } from "../../src/capabilities/clock/fixed-clock.ts";
import { virtualClock } from "../../src/capabilities/clock/virtual-clock.ts";
import { PythonSandbox } from "../support/python-sandbox.ts";

const open: PythonSandbox[] = [];
afterAll(() => {
  for (const sandbox of open) sandbox.close();
});

async function sandboxWith(options: Parameters<typeof PythonSandbox.create>[0]): Promise<PythonSandbox> {
  const sandbox = await PythonSandbox.create(options);
  open.push(sandbox);
  return sandbox;
}

describe("time in Python", () => {
  it("is the sandbox's clock, in UTC", async () => {
    const sandbox = await sandboxWith({ clock: fixedClock(Date.UTC(2024, 1, 29, 12, 30, 15, 250)) });
    expect(
      await sandbox.value(
        "import time, datetime\nround(time.time(), 3), str(datetime.datetime.now()), time.tzname, time.localtime()[:6], time.strftime('%a %j')",
      ),
    ).toEqual([
      Date.UTC(2024, 1, 29, 12, 30, 15, 250) / 1000,
      "2024-02-29 12:30:15.250000",
      ["UTC", "UTC"],
      [2024, 2, 29, 12, 30, 15],
      "Thu 060",
    ]);
  });

  it("converts calendars as C does, far out too", async () => {
    const sandbox = await sandboxWith({ clock: "virtual" });
    const source =
      "import time, calendar\n[tuple(time.gmtime(t)) for t in (0, -1, 951782400, 4107542400, -62135596800, 10**12)], time.mktime((2024, 2, 30, 0, 0, 0, 0, 0, 0)), time.mktime((2024, 14, 1, 25, 61, 61, 0, 0, 0)), time.mktime((1, 1, 1, 0, 0, 0, 0, 0, 0))";
    expect(await sandbox.value(source)).toEqual([
      [
        [1970, 1, 1, 0, 0, 0, 3, 1, 0],
        [1969, 12, 31, 23, 59, 59, 2, 365, 0],
        [2000, 2, 29, 0, 0, 0, 1, 60, 0],
        [2100, 3, 1, 0, 0, 0, 0, 60, 0],
        [1, 1, 1, 0, 0, 0, 0, 1, 0],
        [33658, 9, 27, 1, 46, 40, 4, 270, 0],
      ],
      Date.UTC(2024, 1, 30) / 1000,
      Date.UTC(2024, 13, 1, 25, 61, 61) / 1000,
      -62135596800,
    ]);
  });

  it("jumps when a virtual clock sleeps, at next to no fuel", async () => {
    const sandbox = await sandboxWith({ clock: virtualClock(0) });
    const idle = await sandbox.run("import time\ntime.time()");
    const slept = await sandbox.run("import time\ntime.sleep(86_400)\ntime.time()");
    expect([idle.status === "ok" && idle.value, slept.status === "ok" && slept.value]).toEqual([0, 86_400]);
    expect(slept.usage.fuel).toBeLessThan(idle.usage.fuel + 200_000);
  });

  it.each([["time.sleep(0.05)"], ["import select; select.select([], [], [], 0.05)"]])(
    "blocks on the real clock without burning fuel: %s",
    async (wait) => {
      const sandbox = await sandboxWith({});
      await sandbox.run("import time, select");
      const result = await sandbox.run(`import time\na = time.monotonic()\n${wait}\ntime.monotonic() - a`);
      expect(result.status === "ok" && result.value).toBeGreaterThan(0.04);
      expect(result.usage.fuel).toBeLessThan(20e6);
    },
  );

  it.each([
    ["import time\ntime.sleep(3600)"],
    ["import time\nwhile True: time.sleep(0.01)"],
    ["import time\nwhile True:\n  try: time.sleep(3600)\n  except BaseException: pass"],
    ["import select; select.select([], [], [], 3600)"],
  ])("ends at the deadline: %j", async (source) => {
    const sandbox = await sandboxWith({ limits: { timeoutMs: 100 } });
    const started = performance.now();
    expect(await sandbox.run(source)).toMatchObject({ status: "limit", limit: "time", sandbox: "reset" });
    expect(performance.now() - started).toBeLessThan(3_000);
    expect(await sandbox.value("1")).toBe(1);
  });

  it("never sleeps on a clock that stands still", async () => {
    const sandbox = await sandboxWith({ clock: fixedClock(0) });
    expect(await sandbox.value("import time\ntime.sleep(10)\ntime.time()")).toBe(0);
  });

  it.each<[string, string, unknown]>([
    ["a lock", "import threading\nl = threading.Lock(); l.acquire()\nl.acquire(timeout=2)", false],
    ["an event", "import threading\nthreading.Event().wait(2)", false],
    ["a condition", "import threading\nc = threading.Condition()\nwith c: r = c.wait(2)\nr", false],
    ["a queue", "import queue\ntry: queue.Queue().get(timeout=2)\nexcept queue.Empty: r = 'empty'\nr", "empty"],
  ])("passes while a program waits for %s that nobody can give it", async (_name, source, value) => {
    const sandbox = await sandboxWith({ clock: virtualClock(0) });
    const result = await sandbox.run(`import time\nstarted = time.monotonic()\n${source}`);
    expect([result.status === "ok" && result.value, await sandbox.value("time.monotonic() - started")]).toEqual([
      value,
      2,
    ]);
    expect(result.usage.fuel).toBeLessThan(50e6);
  });

  it.each([
    ["import threading\nl = threading.Lock(); l.acquire()\nl.acquire()"],
    ["import threading\nthreading.Event().wait()"],
    ["import queue\nqueue.Queue().get()"],
    ["import threading\nc = threading.Condition()\nwith c: c.wait()"],
  ])("does not pass while a program waits for ever: %j", async (source) => {
    const sandbox = await sandboxWith({});
    const result = await sandbox.run(source);
    expect(result).toMatchObject({
      status: "error",
      error: { name: "DeadlockError", message: "This wait can never end: there are no other threads in a sandbox" },
      sandbox: "kept",
    });
    expect(await sandbox.value("1")).toBe(1);
  });
});
