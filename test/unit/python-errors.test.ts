import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { memoryDirectory } from "../../src/capabilities/files/memory/memory-directory.ts";
import { ON_COMPONENT, PythonSandbox, summary } from "../support/python-sandbox.ts";

let sandbox: PythonSandbox;
beforeAll(async () => {
  const helper = "def fail(text):\n    raise ValueError(text)\n";
  sandbox = await PythonSandbox.create({ files: { "/lib2": memoryDirectory({ files: { "helper.py": helper } }) } });
});
afterAll(() => sandbox.close());

async function errorOf(source: string, filename?: string): Promise<unknown> {
  const result = await sandbox.run(source, filename === undefined ? {} : { filename });
  return result.status === "error" ? result.error : summary(result);
}

describe("an uncaught Python exception", () => {
  it("comes with the guest's own lines only", async () => {
    expect(await errorOf("def f():\n    g()\n\ndef g():\n    {}['key']\n\nf()", "report.py")).toEqual({
      name: "KeyError",
      message: "'key'",
      line: 5,
      traceback: [
        "Traceback (most recent call last):",
        '  File "report.py", line 7, in <module>',
        "    f()",
        "    ~^^",
        '  File "report.py", line 2, in f',
        "    g()",
        "    ~^^",
        '  File "report.py", line 5, in g',
        "    {}['key']",
        "    ~~^^^^^^^",
        "KeyError: 'key'",
        "",
      ].join("\n"),
    });
  });

  it("shows lines of imported guest modules and hides the library's", async () => {
    expect(
      await errorOf(
        "import sys; sys.path.append('/lib2')\nimport helper, functools\nfunctools.reduce(lambda a, b: helper.fail('x'), [1, 2])",
      ),
    ).toEqual({
      name: "ValueError",
      message: "x",
      line: 3,
      traceback: expect.stringMatching(
        /^Traceback[^]*main\.py", line 3, in <lambda>[^]*helper\.py", line 2, in fail\n {4}raise ValueError\(text\)\nValueError: x\n$/,
      ) as string,
    });
    expect(await errorOf("import json\njson.loads('{')")).toMatchObject({
      name: "JSONDecodeError",
      line: 2,
      traceback: expect.not.stringMatching(/python314|wardian|frozen/) as string,
    });
  });

  it("keeps causes and contexts", async () => {
    const error = await errorOf("try:\n  1/0\nexcept Exception as e:\n  raise RuntimeError('outer') from e");
    expect(error).toMatchObject({
      name: "RuntimeError",
      traceback: expect.stringMatching(/ZeroDivisionError[^]*direct cause[^]*RuntimeError: outer/) as string,
    });
  });

  it.each([
    ["x = = 3", 1],
    ["x = 1\n\nif x\n  pass", 3],
    ["def f():\n  return 1\n return 2", 3],
    ["x = (1,\n  2", 1],
  ])("of syntax names its line: %j", async (source, line) => {
    const error = await errorOf(source);
    expect(error).toMatchObject({ line, traceback: expect.stringContaining("main.py") as string });
  });

  // A component's `string` cannot hold half a character.
  it.skipIf(ON_COMPONENT)("of a source that is no text is the guest's error", async () => {
    expect(await errorOf("'\ud800'")).toMatchObject({ name: "UnicodeEncodeError" });
    expect(await errorOf("1\0")).toMatchObject({ name: "SyntaxError" });
  });

  it("is described even if it fights back", async () => {
    expect(await errorOf("class E(Exception):\n  def __str__(self): raise KeyError\nraise E")).toMatchObject({
      name: "E",
      message: "<message unavailable: KeyError>",
      line: 3,
    });
    expect(await errorOf("raise ValueError('x' * 10**6)")).toMatchObject({
      name: "ValueError",
      message: expect.stringMatching(/^x{4000}\n\[\.\.\.\]\nx{4000}$/) as string,
    });
    expect(
      await errorOf("e = ValueError(0)\nfor i in range(50):\n  n = ValueError(i); n.__cause__ = e; e = n\nraise e"),
    ).toMatchObject({ name: "ValueError", message: "49" });
    expect(
      await errorOf(
        "class M(type):\n  @property\n  def __name__(cls): raise KeyError\nclass E(Exception, metaclass=M): pass\nraise E",
      ),
    ).toMatchObject({ name: expect.any(String) as string });
  });

  it("of a broken interpreter state is still an outcome", async () => {
    expect(
      await sandbox.value("import builtins; builtins.len = builtins.isinstance = builtins.print = None; 'poisoned'"),
    ).toBe("poisoned");
    expect(await errorOf("1/0")).toMatchObject({ name: "ZeroDivisionError" });
    expect(await sandbox.value("6 * 7")).toBe(42);
    await sandbox.reset();
    expect(await sandbox.value("len('abc')")).toBe(3);
  });

  it("of recursion is a RecursionError with a short traceback", async () => {
    const error = await errorOf("def f(): f()\nf()");
    expect(error).toMatchObject({
      name: "RecursionError",
      line: 1,
      traceback: expect.stringContaining("Previous line repeated") as string,
    });
  });

  it("of groups shows every member", async () => {
    expect(await errorOf("raise ExceptionGroup('g', [ValueError(1), KeyError(2)])")).toMatchObject({
      name: "ExceptionGroup",
      traceback: expect.stringMatching(/ValueError: 1[^]*KeyError: 2/) as string,
    });
  });
});

describe("an exit of the guest's", () => {
  it.each([
    ["import sys; sys.exit(3)", 3, ""],
    ["raise SystemExit(256 + 7)", 7, ""],
    ["raise SystemExit('bye')", 1, "bye\n"],
    ["import os; os._exit(4)", 4, ""],
  ])("%j is no crash", async (source, code, stderr) => {
    const result = await sandbox.run(source);
    expect(result).toMatchObject({
      status: "error",
      error: { name: "SystemExit", message: `The guest exited with code ${code}` },
      stderr,
    });
    expect(await sandbox.value("1")).toBe(1);
  });

  it("with 0 is success", async () => {
    for (const source of ["import sys; sys.exit()", "exit()", "quit(0)"])
      expect(await sandbox.run(source)).toMatchObject({ status: "ok" });
  });
});
