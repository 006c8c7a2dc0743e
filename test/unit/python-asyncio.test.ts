import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tool } from "../../src/capabilities/tools/tool.ts";
import { PythonSandbox } from "../support/python-sandbox.ts";

let sandbox: PythonSandbox;
beforeAll(async () => {
  sandbox = await PythonSandbox.create({
    clock: "virtual",
    tools: {
      add: tool({ run: ({ a, b }: { a: number; b: number }) => a + b }),
      later: tool({
        run: async (input: { x: unknown; ms?: number }) => {
          await new Promise((resolve) => setTimeout(resolve, input.ms ?? 1));
          return input.x;
        },
      }),
      never: tool({ run: async () => new Promise<never>(() => undefined) }),
      broken: tool({ run: async () => Promise.reject(new TypeError("secret")) }),
    },
  });
});
afterAll(() => sandbox.close());

describe("asyncio in a Python run", () => {
  it.each<[string, string, unknown]>([
    ["top-level await", "async def f():\n  return 3\nawait f()", 3],
    [
      "sleep on a virtual clock",
      "import asyncio, time\na = time.monotonic()\nawait asyncio.sleep(3600)\nround(time.monotonic() - a)",
      3600,
    ],
    ["gather", "import asyncio\nawait asyncio.gather(*(asyncio.sleep(i, i) for i in (3, 1, 2)))", [3, 1, 2]],
    ["wait_for in time", "import asyncio\nawait asyncio.wait_for(asyncio.sleep(1, 'x'), 2)", "x"],
    [
      "a task group",
      "import asyncio\nasync with asyncio.TaskGroup() as g:\n  a, b = g.create_task(asyncio.sleep(2, 1)), g.create_task(asyncio.sleep(1, 2))\na.result(), b.result()",
      [1, 2],
    ],
    [
      "a queue",
      "import asyncio\nq = asyncio.Queue(1)\nasync def feed():\n  for i in range(3): await q.put(i)\nt = asyncio.create_task(feed())\n[await q.get() for _ in range(3)]",
      [0, 1, 2],
    ],
    [
      "events, locks, conditions",
      "import asyncio\ne = asyncio.Event(); asyncio.get_running_loop().call_later(5, e.set)\nasync with asyncio.Lock(): await e.wait()\ne.is_set()",
      true,
    ],
    [
      "an asynchronous comprehension",
      "import asyncio\nasync def g():\n  for i in range(3):\n    await asyncio.sleep(1)\n    yield i\n[x async for x in g()]",
      [0, 1, 2],
    ],
    [
      "as_completed",
      "import asyncio\n[await c for c in asyncio.as_completed([asyncio.sleep(2, 'b'), asyncio.sleep(1, 'a')])]",
      ["a", "b"],
    ],
    [
      "asyncio.run in a program",
      "import asyncio\nasync def main():\n  await asyncio.sleep(10)\n  return 5\nif __name__ == '__main__':\n  r = asyncio.run(main())\nr",
      5,
    ],
    [
      "asyncio.run in a function",
      "import asyncio\nasync def main():\n  return await asyncio.gather(asyncio.sleep(1, 1), asyncio.sleep(2, 2))\ndef f(): return asyncio.run(main())\nf()",
      [1, 2],
    ],
    [
      "a Runner",
      "import asyncio\nwith asyncio.Runner() as runner:\n  r = [runner.run(asyncio.sleep(1, x)) for x in (1, 2)]\nr",
      [1, 2],
    ],
    [
      "a loop of its own",
      "import asyncio\nloop = asyncio.new_event_loop()\nr = loop.run_until_complete(asyncio.sleep(1, 'own'))\nloop.close()\nr",
      "own",
    ],
    [
      "asyncio.timeout",
      "import asyncio\ntry:\n  async with asyncio.timeout(1): await asyncio.sleep(100)\nexcept TimeoutError: r = 'timed out'\nr",
      "timed out",
    ],
    [
      "contextvars",
      "import asyncio, contextvars\nv = contextvars.ContextVar('v', default=0)\nasync def f(n):\n  v.set(n); await asyncio.sleep(1); return v.get()\nawait asyncio.gather(f(1), f(2)), v.get()",
      [[1, 2], 0],
    ],
  ])("has %s", async (_name, source, value) => {
    expect(await sandbox.value(source)).toEqual(value);
  });

  it.each([
    ["import asyncio\nawait asyncio.wait_for(asyncio.sleep(100), 1)", "TimeoutError: "],
    [
      "import asyncio\nawait asyncio.to_thread(print)",
      "RuntimeError: There are no threads in a sandbox: call the function directly instead of in an executor",
    ],
    ["await 5", "TypeError: 'int' object can't be awaited"],
    ["async def f(): raise KeyError('k')\nawait f()", "KeyError: 'k'"],
    ["import asyncio\nasyncio.run(5)", "TypeError: An asyncio.Future, a coroutine or an awaitable is required"],
    [
      "import asyncio\nasyncio.get_event_loop().call_later(5, print)",
      "RuntimeError: There is no current event loop in thread 'MainThread'.",
    ],
  ])("fails as it should: %j", async (source, error) => {
    expect(await sandbox.failure(source)).toBe(error);
  });

  it("says where a program waits for what can never come", async () => {
    const result = await sandbox.run(
      "import asyncio\nasync def stuck():\n  await asyncio.Event().wait()\nawait stuck()",
    );
    expect(result).toMatchObject({
      status: "error",
      error: {
        name: "RuntimeError",
        message: expect.stringContaining("can never happen") as string,
        line: 3,
        traceback: expect.stringMatching(/line 4, in <module>[^]*line 3, in stuck/) as string,
      },
    });
    expect(await sandbox.failure("import asyncio\ndef f(): asyncio.run(asyncio.Event().wait())\nf()")).toContain(
      "can never happen",
    );
  });

  it("runs nothing after the result: tasks are cancelled, may clean up, and are dropped", async () => {
    const result = await sandbox.run(
      "import asyncio\nasync def background():\n  try: await asyncio.sleep(1)\n  finally: print('cleaned up')\n" +
        "async def stubborn():\n  while True:\n    try: await asyncio.sleep(1)\n    except asyncio.CancelledError: print('no')\n" +
        "t = asyncio.create_task(background()); u = asyncio.create_task(stubborn())\nasyncio.get_running_loop().call_later(2, print, 'late')\nawait asyncio.sleep(0)\n'done'",
    );
    expect(result).toMatchObject({
      status: "ok",
      value: "done",
      stdout: expect.stringMatching(/^(cleaned up\nno\n|no\ncleaned up\n)$/) as string,
    });
    const next = await sandbox.run("import asyncio, gc\ndel t, u; gc.collect()\nawait asyncio.sleep(100)\n1");
    expect(next).toMatchObject({ status: "ok", value: 1, stdout: "", stderr: "" });
  });

  it("gives the host back while it waits", async () => {
    const real = await PythonSandbox.create({ clock: "real" });
    let ticks = 0;
    const timer = setInterval(() => ticks++, 5);
    await real.value("import asyncio\nawait asyncio.sleep(0.4)");
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(1);
    real.close();
  });

  it("is stopped by its deadline while it waits", async () => {
    const real = await PythonSandbox.create({ clock: "real", limits: { timeoutMs: 100 } });
    expect(await real.run("import asyncio\nawait asyncio.sleep(100)")).toMatchObject({
      status: "limit",
      limit: "time",
    });
    expect(await real.value("1")).toBe(1);
    real.close();
  });
});

describe("tools in Python", () => {
  it.each<[string, string, unknown]>([
    ["a synchronous one at once", "tools.add(a=1, b=2)", 3],
    ["a synchronous one that is awaited", "await tools.add(a=1, b=2)", 3],
    ["one dict as arguments", "tools.add({'a': 1}, b=2)", 3],
    ["by name", "tools['add'](a=1, b=2)", 3],
    ["from the module", "from wardian import tools as t\nt.add(a=1, b=2)", 3],
    [
      "an asynchronous one",
      "await tools.later(x={'deep': [1, None, 'é\\ud800']})",
      Object.assign(Object.create(null) as object, { deep: [1, null, "é\ud800"] }),
    ],
    ["through a function", "def call(): return tools.later(x=1)\nr = await call()\nr", 1],
    [
      "in an asynchronous function",
      "async def f(): return await tools.later(x=1) + await tools.add(a=1, b=1)\nawait f()",
      3,
    ],
    [
      "many at a time",
      "import asyncio\nawait asyncio.gather(*(tools.later(x=i, ms=10 - i) for i in range(5)))",
      [0, 1, 2, 3, 4],
    ],
    [
      "as tasks",
      "import asyncio\nasync with asyncio.TaskGroup() as g:\n  t = g.create_task(tools.later(x=9))\nt.result()",
      9,
    ],
    ["within a time limit", "import asyncio\nawait asyncio.wait_for(tools.later(x=4), 60)", 4],
    [
      "in asyncio.run",
      "import asyncio\nasync def main():\n  return await tools.later(x='r')\nasyncio.run(main())",
      "r",
    ],
    [
      "that answers before it is awaited",
      "import asyncio\nt = tools.later(x=5)\nawait tools.later(x=0, ms=30)\nawait t",
      5,
    ],
    [
      "their names",
      "sorted(tools), dir(tools), len(tools), repr(tools.add)",
      [["add", "broken", "later", "never"], ["add", "broken", "later", "never"], 4, "<tool add>"],
    ],
  ])("calls %s", async (_name, source, value) => {
    expect(await sandbox.value(source)).toEqual(value);
  });

  it.each([
    ["tools.later(x=1)['a']", "write `await tools.later(...)`"],
    ["len(tools.later(x=1))", "write `await tools.later(...)`"],
    ["str(tools.later(x=1))", "write `await tools.later(...)`"],
    ["tools.later(x=1) + 1", "write `await tools.later(...)`"],
    ["for _ in tools.later(x=1): pass", "write `await tools.later(...)`"],
    ["tools.later(x=1).items()", "write `await tools.later(...)`"],
    ["tools.later(x=1)", "write `await tools.later(...)`"],
    ["t = tools.later(x=1)\nawait t\nawait t", "RuntimeError: This call of tool 'later' was awaited before"],
    [
      "import asyncio\nasync def f(): return await tools.later(x=1)\ndef g(): return asyncio.run(f())\ng()",
      "this event loop blocks the host",
    ],
    ["tools.nope()", "AttributeError: There is no tool 'nope'; available: add, broken, later, never"],
    ["tools.add(1, 2)", "TypeError: add() takes keyword arguments, or one dict"],
    ["tools.add(a=object())", "TypeError: Object of type object is not JSON serializable"],
    ["tools.add(a='x' * 10**7)", "ValueError: Cannot call tool 'add': its arguments are longer than"],
    ["await tools.broken()", 'ToolError: Tool "broken" failed'],
    ["import asyncio\nawait asyncio.wait_for(tools.later(x=1, ms=10_000), -1)", "TimeoutError: "],
  ])("fails clearly: %j", async (source, error) => {
    expect(await sandbox.failure(source)).toContain(error);
  });

  it("hides the host's own errors and lets a program catch them", async () => {
    expect(
      await sandbox.value(
        "import wardian\ntry:\n  await tools.broken()\nexcept wardian.ToolError as e:\n  r = str(e)\nr",
      ),
    ).not.toContain("secret");
  });

  it("does not mix up calls of two runs", async () => {
    expect(await sandbox.value("pending = tools.later(x='old', ms=20)\n1")).toBe(1);
    expect(await sandbox.value("await tools.later(x='new', ms=40)")).toBe("new");
  });

  it("does not wait for calls that the last run left behind", async () => {
    expect(await sandbox.value("forgotten = tools.never()\n1")).toBe(1);
    // A virtual clock jumps only when no tool is at work.
    expect(await sandbox.value("import asyncio\nawait asyncio.sleep(3)\n2")).toBe(2);
  });

  it("is stopped while a tool works for ever", async () => {
    const impatient = await PythonSandbox.create({
      limits: { timeoutMs: 100 },
      tools: { never: tool({ run: async () => new Promise<never>(() => undefined) }) },
    });
    expect(await impatient.run("await tools.never()")).toMatchObject({ status: "limit", limit: "time" });
    expect(await impatient.value("1")).toBe(1);
    impatient.close();
  });
});
