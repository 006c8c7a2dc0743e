import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fixedClock } from "../../src/capabilities/clock/fixed-clock.ts";
import { seededRandom } from "../../src/capabilities/random/seeded-random.ts";
import { memoryDirectory } from "../../src/capabilities/files/memory/memory-directory.ts";
import { PythonSandbox } from "../support/python-sandbox.ts";

let sandbox: PythonSandbox;
beforeAll(async () => {
  sandbox = await PythonSandbox.create({ env: { A: "b", Ü: "ß" }, args: ["x", "-y"], stdin: "one\ntwo\nthree" });
});
afterAll(() => sandbox.close());

describe("a Python session", () => {
  it("keeps names, modules and functions between runs", async () => {
    await sandbox.value("import math\ndef area(r): return math.pi * r * r\nstate = []");
    await sandbox.value("state.append(area(1))");
    expect(await sandbox.value("[round(x, 2) for x in state]")).toEqual([3.14]);
  });

  it("forgets them when it is reset", async () => {
    await sandbox.value(
      "import os; kept = 1; os.environ['NEW'] = '1'; os.chdir('/tmp'); open('/tmp/f', 'w').write('x')",
    );
    await sandbox.reset();
    expect(
      await sandbox.value("import os; 'kept' in globals(), os.environ.get('NEW'), os.getcwd(), os.listdir('/tmp')"),
    ).toEqual([false, null, "/", []]);
  });

  it("sees its own environment, arguments and input, and nothing of the host's", async () => {
    expect(await sandbox.value("import os, sys; dict(os.environ), sys.argv")).toEqual([
      { A: "b", Ü: "ß", HOME: "/", TMPDIR: "/tmp" },
      ["main.py", "x", "-y"],
    ]);
    expect(await sandbox.value("import sys; [input(), sys.stdin.readline(), sys.stdin.read()]")).toEqual([
      "one",
      "two\n",
      "three",
    ]);
    // Each run has its own input.
    expect(await sandbox.value("input()")).toBe("one");
    expect(await sandbox.failure("import sys; sys.stdin.read(); input()")).toBe("EOFError: EOF when reading a line");
  });

  it("captures output, in order, flushed at the end", async () => {
    const result = await sandbox.run("import sys\nprint('a')\nprint('err', file=sys.stderr)\nprint('b', end='')");
    expect([result.stdout, result.stderr]).toEqual(["a\nb", "err\n"]);
  });

  it("streams lines as they are printed", async () => {
    const chunks: string[] = [];
    const streaming = await PythonSandbox.create({
      onOutput: (chunk) => void chunks.push(`${chunk.stream}:${chunk.text}`),
      limits: { timeoutMs: 300 },
    });
    await streaming.run(
      "print('first')\nimport sys; print('e', file=sys.stderr)\nprint('second', flush=True)\nwhile True: pass",
    );
    expect(chunks).toEqual(["stdout:first\n", "stderr:e\n", "stdout:second\n"]);
    streaming.close();
  });

  it("bounds output and goes on", async () => {
    const small = await PythonSandbox.create({ limits: { outputBytes: 1000 } });
    const result = await small.run("print('x' * 5000)\n7");
    expect(result.stdout).toBe("x".repeat(1000));
    expect(result.truncated.stdout).toBe(4001);
    small.close();
  });

  it("runs functions of earlier runs with the right lines in tracebacks", async () => {
    await sandbox.run("def broken():\n  return 1 / 0", { filename: "first.py" });
    const result = await sandbox.run("broken()", { filename: "second.py" });
    expect(result).toMatchObject({
      status: "error",
      error: {
        line: 1,
        traceback: expect.stringMatching(
          /second\.py", line 1[^]*first\.py", line 2, in broken\n {4}return 1 \/ 0/,
        ) as string,
      },
    });
  });

  it("is __main__, with the script's directory on the path", async () => {
    const files = memoryDirectory({
      files: { "mod.py": "VALUE = 3", "pkg/__init__.py": "", "pkg/part.py": "from mod import VALUE as V" },
    });
    const other = await PythonSandbox.create({ files: { "/app": files } });
    const result = await other.run("import mod, pkg.part\n__name__, __file__, mod.VALUE, pkg.part.V", {
      filename: "/app/main.py",
    });
    expect(result).toMatchObject({ status: "ok", value: ["__main__", "/app/main.py", 3, 3] });
    other.close();
  });

  it("imports a module that it has just written, on a clock that stands still", async () => {
    const still = await PythonSandbox.create({ files: { "/app": memoryDirectory() }, clock: fixedClock(0) });
    expect(
      await still.value(
        "import sys; sys.path.append('/app')\ntry:\n  import later\nexcept ImportError: pass\nopen('/app/later.py', 'w').write('X = 1')\nimport later; later.X",
      ),
    ).toBe(1);
    still.close();
  });

  it("repeats to the unit of fuel and the byte of memory with fixed clock and random", async () => {
    const source =
      "import random, os, time, uuid\n[random.random(), os.urandom(4), time.time(), str(uuid.uuid4()), hash('a'), id(random) % 97, {*'abc'}]";
    const runs: unknown[] = [];
    for (let round = 0; round < 3; round++) {
      const twin = await PythonSandbox.create({ clock: fixedClock(1e12), random: seededRandom(7) });
      const result = await twin.run(source);
      runs.push([result.status === "ok" && result.value, result.usage.fuel, result.usage.memoryBytes]);
      twin.close();
    }
    expect(runs[1]).toEqual(runs[0]);
    expect(runs[2]).toEqual(runs[0]);
  });

  it("has its own randomness in every sandbox", async () => {
    const seen = new Set<unknown>();
    for (let round = 0; round < 3; round++) {
      const twin = await PythonSandbox.create();
      seen.add(await twin.value("import random; random.random()"));
      await twin.reset();
      seen.add(await twin.value("import random; random.random()"));
      twin.close();
    }
    expect(seen.size).toBe(6);
  });

  it("raises MemoryError at its cap and lives on", async () => {
    const small = await PythonSandbox.create({ limits: { memoryBytes: 64 * 2 ** 20 } });
    expect(await small.value("try:\n  x = bytearray(10**9)\nexcept MemoryError as e:\n  r = 'refused'\nr")).toBe(
      "refused",
    );
    const result = await small.run("x = []\nwhile True: x.append(bytearray(10**6))");
    expect(result).toMatchObject({ status: "limit", limit: "memory" });
    expect(result.usage.memoryBytes).toBeLessThanOrEqual(64 * 2 ** 20);
    await small.reset();
    expect(await small.value("1")).toBe(1);
    small.close();
  });

  it("goes on after it has grown and was put back", async () => {
    for (let round = 0; round < 3; round++) {
      expect(await sandbox.value("len(bytes(120 * 10**6))")).toBe(120e6);
      await sandbox.reset();
      expect(await sandbox.value("1")).toBe(1);
    }
  });

  it("can be closed at any time", async () => {
    const other = await PythonSandbox.create();
    await other.value("len(bytes(120 * 10**6))");
    await other.reset();
    other.close();
    await new Promise((resolve) => setTimeout(resolve, 50));
    await expect(other.run("1")).rejects.toMatchObject({ code: "closed" });
  });
});
