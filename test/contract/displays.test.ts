// What a guest shows beside its output: bounded by the same limit, never more than text, bytes and a media type.
import { describe, expect, test } from "vitest";
import { Sandbox } from "../../src/index.ts";
import type { RunResult, SandboxOptions } from "../../src/index.ts";

async function run(options: SandboxOptions, source: string): Promise<RunResult> {
  const sandbox = await Sandbox.create({ ...options, limits: { timeoutMs: 20_000, ...options.limits } });
  const result = await sandbox.run(source);
  sandbox.close();
  return result;
}

describe.each([
  [
    "javascript" as const,
    {
      all: `
display("plain");
display("<b>h\\u00fc\\0\\n</b>", "text/html; charset=utf-8");
display(new Uint8Array([0, 255]).subarray(1), "image/png");
display(new Uint8Array([7]).buffer);
display({ a: [1, "\\ud83e\\udeb4"] });`,
      wrong: `
const seen = [];
for (const args of [["x", "html"], ["x", "text/html\\nmore"], ["x", "a/" + "b".repeat(300)], [undefined], [() => 1], [10n]])
  try { display(...args); seen.push("shown"); } catch (error) { seen.push(error.name); }
seen.join();`,
      failures: "TypeError,TypeError,TypeError,TypeError,TypeError,TypeError",
      flood: `for (let n = 0; n < 3000; n++) display("0123456789"); console.log("x".repeat(100));`,
      tampered: `JSON.stringify = String.prototype.slice = RegExp.prototype.exec = () => { throw 1; }; globalThis.display({ a: 1 }, "a/b");`,
      again: `display("second")`,
    },
  ],
  [
    "python" as const,
    {
      all: `
import wardian
display("plain")
wardian.display("<b>hü\\0\\n</b>", "text/html; charset=utf-8")
display(memoryview(b"\\x00\\xff")[1:], mime="image/png")
display(b"\\x07")
class Rich:
    def _repr_html_(self): return None
    def _repr_json_(self): return {"a": [1, "🪴"]}
display(Rich())`,
      wrong: `
seen = []
class Bad:
    def _repr_html_(self): raise KeyError("own")
for args in (("x", "html"), ("x", "text/html\\nmore"), ("x", "a/" + "b" * 300), ("x", 5), (Bad(),), ()):
    try:
        display(*args)
        seen.append("shown")
    except Exception as error:
        seen.append(type(error).__name__)
",".join(seen)`,
      failures: "ValueError,ValueError,ValueError,ValueError,KeyError,TypeError",
      flood: `for n in range(3000): display("0123456789")\nprint("x" * 100)`,
      tampered: `import builtins, json, re\nbuiltins.isinstance = builtins.len = builtins.repr = None\njson.dumps = None\ndisplay({"a": 1}, "a/b")`,
      again: `display("second")`,
    },
  ],
])("%s", (language, { all, wrong, failures, flood, tampered, again }) => {
  test("text, bytes and anything richer come in their order, as they are", async () => {
    const result = await run({ language }, all);
    expect([result.status, result.stdout, result.displays]).toEqual([
      "ok",
      "",
      [
        { mime: "text/plain", data: "plain" },
        { mime: "text/html; charset=utf-8", data: "<b>hü\0\n</b>" },
        { mime: "image/png", data: new Uint8Array([255]) },
        { mime: "application/octet-stream", data: new Uint8Array([7]) },
        {
          mime: "application/json",
          data: expect.stringMatching(/^\{"a":\s?\[1,\s?"(?:🪴|\\ud83e\\udeb4)"\]\}$/) as string,
        },
      ],
    ]);
  });

  test("a wrong type or value is the guest's own error", async () => {
    expect(await run({ language }, wrong)).toMatchObject({ status: "ok", value: failures, displays: [] });
  });

  test("they are bounded together with the output, and what was dropped is counted", async () => {
    const result = await run({ language, limits: { outputBytes: 10_000 } }, flood);
    expect(result.displays.length).toBeGreaterThan(50);
    expect(result.displays.length).toBeLessThan(110);
    expect(result.truncated.displays).toBeGreaterThan(100_000);
    expect(result.truncated.stdout + result.stdout.length).toBe(101);
  });

  test("a program that has broken the language's own functions shows what it shows", async () => {
    expect((await run({ language }, tampered)).displays).toHaveLength(1);
  });

  test("each run has its own", async () => {
    const sandbox = await Sandbox.create({ language, record: true });
    await sandbox.run(all);
    expect((await sandbox.run(again)).displays).toEqual([{ mime: "text/plain", data: "second" }]);
    sandbox.close();
  });
});

test("a forged message that is no display shows nothing", async () => {
  const forged = `import os
for message in (b"D", b"Dt", b"Dttext/html", b"Dt\\0x", b"Dthtml\\0x", b"Dt" + b"a/b" * 100 + b"\\0x", b"Dxa/b\\0bytes"):
    try:
        os.write(100, message)
    except OSError:
        pass`;
  const result = await run({ language: "python" }, forged);
  expect([result.status, result.displays]).toEqual(["ok", [{ mime: "a/b", data: new TextEncoder().encode("bytes") }]]);
});
