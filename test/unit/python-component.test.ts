// CPython as a component, in the guest of components like any other.
import { readFileSync } from "node:fs";
import path from "node:path";
import { componentEmbed, componentNew } from "@bytecodealliance/jco";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { pythonComponentGuest } from "../../runtimes/python/component/python-component-guest.ts";
import { readComponent } from "../../src/engine/component/read-component.ts";
import { componentTypes } from "../../src/guests/component/component-types.ts";
import { importTreatment } from "../../src/guests/python/host/python-imports.ts";
import { reportImports, isSealed } from "../../src/guests/served-imports.ts";
import { STACK_LIMIT } from "../../src/guests/module/prepare-module.ts";
import { component, memoryDirectory, Sandbox, tool } from "../../src/index.ts";
import type { RunResult } from "../../src/index.ts";
import { pythonComponentBytes } from "../support/python-component.ts";
import { PythonSandbox } from "../support/python-sandbox.ts";

/** One for all: a component is metered anew for other limits. */
const MEMORY_BYTES = 128 * 2 ** 20;

let bytes: Uint8Array<ArrayBuffer>;
let sandbox: Sandbox;
beforeAll(async () => {
  bytes = await pythonComponentBytes();
  sandbox = await Sandbox.create({
    guest: component(bytes),
    limits: { fuel: 3e9, timeoutMs: 60_000, memoryBytes: MEMORY_BYTES },
    files: {
      "/data": memoryDirectory({ mode: "read-only", files: { "a.json": '{"total":7}' } }),
      "/work": memoryDirectory(),
    },
    tools: { add: tool({ run: ({ a, b }) => Number(a) + Number(b) }), later: tool({ run: async () => 1 }) },
    env: { COLOUR: "green" },
    stdin: "one\ntwo\n",
    // On a real clock a component that sleeps would hold the host's thread, and is stopped.
    clock: { kind: "virtual", start: Date.UTC(2026, 0, 1) },
  });
});
afterAll(() => {
  sandbox.close();
});

async function run(source: string, args: readonly string[] = []): Promise<RunResult> {
  return await sandbox.call("wardian:python/program#run", {
    source,
    filename: "main.py",
    args,
    path: [],
    valueBytes: 100_000,
  });
}

/** The text of the value, or what the run came to instead. */
async function value(source: string, args: readonly string[] = []): Promise<unknown> {
  const result = await run(source, args);
  if (result.status !== "ok") return result;
  const { tag, val } = result.value as { readonly tag: string; readonly val?: unknown };
  return tag === "value" ? JSON.parse(String(val)) : result.value;
}

describe("the component", () => {
  test("is of the world in wit/python.wit", async () => {
    const wit = readFileSync(path.resolve(import.meta.dirname, "../../wit/python.wit"), "utf8");
    const ours = await declarations(bytes);
    expect([...ours.keys()]).toHaveLength(19);
    expect(ours).toEqual(await declarations(await dummyOf(wit)));
    expect(ours).not.toEqual(await declarations(await dummyOf(wit.replace("value-bytes: u32", "value-bytes: u64"))));
  });

  test("asks for nothing that a sandbox does not serve", () => {
    expect(isSealed(reportImports(bytes))).toBe(true);
    expect(reportImports(bytes).imports.map(({ module }) => module)).toContain("wardian:host/tools@0.1.0");
  });

  test("answers each import that the direct host seals with `unreachable`, which no exception handler catches", () => {
    const [seal] = readComponent(bytes).modules.map((item) => new WebAssembly.Module(item.bytes.slice()));
    if (seal === undefined) throw new Error("The component has no modules");
    const { exports } = new WebAssembly.Instance(seal);
    const functions = Object.entries(exports).filter(([, item]) => typeof item === "function");
    expect(functions.length).toBeGreaterThan(130);
    for (const [name, sealed] of functions) {
      expect(importTreatment("env", name.replace(/^env\./, "")), name).toBe("sealed");
      expect(sealed as () => void, name).toThrow(WebAssembly.RuntimeError);
    }
  });
});

describe("a program", () => {
  beforeEach(async () => {
    await sandbox.reset();
  });

  test("runs, prints and has a value, and what it leaves is there in the next run", async () => {
    expect(await run('print("hello")\nx = [1, {"a": 2.5}, "fern"]\nx')).toMatchObject({
      status: "ok",
      value: { tag: "value", val: '[1,{"o":["a",2.5]},"fern"]' },
      stdout: "hello\n",
    });
    expect(await value("len(x)")).toBe(3);
  });

  test("gets its arguments, environment and standard input", async () => {
    expect(
      await value("import os, sys\n[sys.argv, os.environ['COLOUR'], input(), sys.stdin.read()]", ["a b", '"\\\n']),
    ).toEqual([["main.py", "a b", '"\\\n'], "green", "one", "two\n"]);
  });

  test("reads and changes files", async () => {
    expect(await value("import json; json.load(open('/data/a.json'))['total']")).toBe(7);
    const source = `
import os, shutil, sqlite3
os.makedirs("/work/d/e")
os.chdir("/work/d")
open("f", "w").write("fern" * 1000)
os.rename("f", "e/g")
os.symlink("e/g", "l")
db = sqlite3.connect("/work/x.db")
db.execute("create table t (a)")
db.execute("insert into t values (42)")
db.commit()
shutil.copyfile("l", "../copy")
[os.getcwd(), sorted(os.listdir("/work")), os.readlink("l"), len(open("l").read()), os.path.samefile("l", "e/g"),
 os.path.samefile("l", "/work/copy"), os.stat("../copy").st_size, sqlite3.connect("/work/x.db").execute("select a from t").fetchone()[0]]`;
    expect(await value(source)).toEqual(["/work/d", ["copy", "d", "x.db"], "e/g", 4000, true, false, 4000, 42]);
    expect(await value("os.chdir('/'); shutil.rmtree('/work/d'); sorted(os.listdir('/work'))")).toEqual([
      "copy",
      "x.db",
    ]);
  });

  test("gets the errors of files as Python's own", async () => {
    const source = `
import os
def why(act):
    try:
        return repr(act())
    except OSError as error:
        return type(error).__name__ + " " + os.strerror(error.errno)
[why(lambda: open("/data/none")), why(lambda: open("/data/a.json", "w")), why(lambda: os.mkdir("/data")),
 why(lambda: os.rmdir("/data/a.json")), why(lambda: open("/data")), why(lambda: os.read(77, 1)),
 why(lambda: open("/lib/python314.zip", "w")), why(lambda: os.lseek(0, 0, 0)), why(lambda: os.chdir("/data/a.json"))]`;
    expect(await value(source)).toEqual([
      "FileNotFoundError No such file or directory",
      "OSError Read-only file system",
      "FileExistsError File exists",
      "NotADirectoryError Not a directory",
      "IsADirectoryError Is a directory",
      "OSError Bad file descriptor",
      "OSError Read-only file system",
      "OSError Invalid seek",
      "NotADirectoryError Not a directory",
    ]);
  });

  test("raises, exits and imports as it does elsewhere", async () => {
    const failed = (await value("def f():\n    1 / 0\nf()")) as { readonly tag: string; readonly val: string };
    expect(failed.tag).toBe("error");
    expect(JSON.parse(failed.val)).toMatchObject({ name: "ZeroDivisionError", line: 2 });
    expect(await value("import sys; sys.exit(3)")).toEqual({ tag: "exit", val: 3 });
    expect(await value("import decimal, zlib, statistics; statistics.mean([1, 2, 6])")).toBe(3);
  });

  test("calls tools that answer at once, and is told that others cannot be waited for", async () => {
    expect(await value("tools.add(a=1, b=2)")).toBe(3);
    expect(await value("await tools.add(a=3, b=4)")).toBe(7);
    expect(JSON.stringify(await value("tools.later()"))).toContain("components need synchronous tools");
  });

  test("shows rich results", async () => {
    const result = await run("from wardian import display\ndisplay('<b>fern</b>', 'text/html')");
    expect(result.displays).toEqual([{ mime: "text/html", data: "<b>fern</b>" }]);
  });

  test("knows the time and the calendar, and sleeps on the clock", async () => {
    expect(
      await value(
        "import time, datetime\nbefore = time.monotonic()\ntime.sleep(0.05)\n" +
          "[list(time.gmtime(951782400))[:6], list(time.gmtime(-1))[:6], time.monotonic() - before > 0.02, datetime.datetime.now().year > 2000]",
      ),
    ).toEqual([[2000, 2, 29, 0, 0, 0], [1969, 12, 31, 23, 59, 59], true, true]);
  });

  test("is stopped by its limits, and the next one starts afresh", async () => {
    expect(await run("x = 1\nwhile True: pass")).toMatchObject({ status: "limit", limit: "fuel", sandbox: "reset" });
    expect(await value("'x' in globals()")).toBe(false);
    expect(JSON.stringify(await value("x = bytearray(10**9)"))).toContain("MemoryError");
    expect(await value("def f(n): return f(n + 1)\ntry:\n    f(0)\nexcept RecursionError:\n    x = 5\nx")).toBe(5);
  });

  test("finds no shell, no socket and no JavaScript; attempts are noted", async () => {
    const source = `
import os, socket
os.system("ls")
for act in (lambda: socket.socket(), lambda: socket.getaddrinfo("example.com", 80)):
    try:
        act()
    except OSError:
        pass
from wardian import http
try:
    await http.get("http://example.com/x")
except http.HttpError as error:
    print(error)`;
    const result = await run(source);
    expect(result.denials.map(({ what, where }) => `${what} ${where}`)).toEqual([
      "process.spawn ls",
      "network.socket inet",
      "network.resolve example.com",
      "network.GET http://example.com/x",
    ]);
    expect(result.stdout).toBe("This sandbox has no network\n");
    expect(JSON.stringify(await value("import js"))).toContain("ModuleNotFoundError");
    // Stands in for what the bridge wants to import first; then it asks for JavaScript.
    const bridge = await run(
      "import sys, types\nclass Fake(types.ModuleType):\n  def __getattr__(self, name):\n    if name.startswith('__'): raise AttributeError(name)\n    return Fake(name)\n" +
        "for name in ('_pyodide', '_pyodide._core_docs'): sys.modules[name] = Fake(name)\ndel sys.modules['_pyodide_core']\ntry:\n  import _pyodide_core\nexcept BaseException: pass",
    );
    expect(bridge).toMatchObject({ status: "error", error: { name: "Trap" }, sandbox: "reset" });
  });
});

test("a copy of it goes on where it stood, with its names and its open files", async () => {
  await sandbox.reset();
  await run("x = [1]\nf = open('/work/kept', 'w+')\nf.write('fern')");
  const copy = await sandbox.fork();
  const request = { source: "x.append(2)\nf.seek(0)\n[x, f.read()]", filename: "", args: [], path: [], valueBytes: 99 };
  const result = await copy.call("wardian:python/program#run", request);
  expect(result).toMatchObject({ status: "ok", value: { tag: "value", val: '[[1,2],"fern"]' } });
  copy.close();
  expect(await value("x")).toEqual([1]);
});

// A sample of what WARDIAN_PYTHON=component runs in whole: the suites of the Python guest with the component in its place.
test("in the place of the Python guest it awaits tools and timers, and its values and errors are that guest's", async () => {
  const python = await PythonSandbox.create(
    {
      limits: { memoryBytes: MEMORY_BYTES },
      tools: { later: tool({ run: async ({ n }) => await Promise.resolve(Number(n) * 2) }) },
    },
    pythonComponentGuest(pythonComponentBytes, STACK_LIMIT),
  );
  const source = `
import asyncio
await asyncio.sleep(0.01)
(await asyncio.gather(tools.later(n=1), tools.later(n=2)), {1: b"a"}, 2**70)`;
  expect(await python.value(source)).toEqual([[2, 4], new Map([[1, Uint8Array.of(97)]]), 2n ** 70n]);
  expect(await python.run("def f():\n  raise KeyError('x')\nf()")).toMatchObject({
    status: "error",
    error: { name: "KeyError", message: "'x'", line: 2 },
    sandbox: "kept",
  });
  expect(await python.run("while True: pass", { limits: { fuel: 1e8 } })).toMatchObject({ limit: "fuel" });
  expect(await python.value("'asyncio' in globals()")).toBe(false);
  python.close();
});

/** What jco declares for each interface of a component, without the comments (they name versions and packages). */
async function declarations(component: Uint8Array<ArrayBuffer>): Promise<ReadonlyMap<string, string>> {
  const types = await componentTypes(component);
  return new Map(
    [...types]
      .map(([name, text]): [string, string] => [
        name,
        text.replaceAll(/\/\*[^]*?\*\/|\/\/.*$/gm, "").replaceAll(/\s+/g, " "),
      ])
      .sort(([left], [right]) => (left < right ? -1 : 1)),
  );
}

async function dummyOf(witSource: string): Promise<Uint8Array<ArrayBuffer>> {
  return Uint8Array.from(await componentNew(await componentEmbed({ dummy: true, witSource, world: "guest" }), []));
}
