import { describe, expect, test } from "vitest";
import { errorOf, javascript, okValue, runOnce, valueOf } from "../support/javascript-sandbox.ts";

describe("scripts", () => {
  test.each([
    ["1 + 1", 2],
    ["let x = 5; x * 2", 10],
    ["if (true) { 'yes' } else { 'no' }", "yes"],
    ["", undefined],
    ["// only a comment", undefined],
    ["var a = 1", undefined],
    ["await 7", 7],
    ["const p = await Promise.resolve([1, 2]); p.length", 2],
    ["for await (const x of [Promise.resolve(1)]) x", 1],
    ["Promise.resolve('done')", "done"],
    ["(async () => { await null; return 3 })()", 3],
    ["'await'", "await"],
    ["new Promise((resolve) => setTimeout(() => resolve('late'), 50))", "late"],
  ])("the value of %j is %j", async (source, value) => {
    expect(await valueOf(source)).toEqual(value);
  });

  test("declarations of one run are there in the next, also from a run that awaits", async () => {
    const sandbox = await javascript();
    await sandbox.run("let a = 1; const b = 2; function f() { return a + b } class C {} var d = 4; globalThis.e = 5");
    await sandbox.run("const g = await Promise.resolve(6)");
    expect(okValue(await sandbox.run("[a, b, f(), typeof C, d, e, g]"))).toEqual([1, 2, 3, "function", 4, 5, 6]);
    expect(okValue(await sandbox.run("a = 10; f()"))).toBe(12);
    await sandbox.reset();
    expect(okValue(await sandbox.run("[typeof a, typeof f, typeof e, typeof g]"))).toEqual(Array(4).fill("undefined"));
  });

  test("an await that nothing can settle is an error that says so, and the sandbox lives on", async () => {
    const sandbox = await javascript();
    const result = await sandbox.run("await new Promise(() => {})");
    expect(errorOf(result)).toMatchObject({
      name: "DeadlockError",
      message: "The code awaits a promise that nothing can settle: no timer, no tool call and no request is pending",
    });
    expect(result.sandbox).toBe("kept");
    expect(okValue(await sandbox.run("2"))).toBe(2);
  });

  test("a source with NUL and lone surrogates arrives as it is", async () => {
    expect(await valueOf('"a\0b\ud800c".length + "|" + "\0".charCodeAt(0) + "|" + "\ud800".charCodeAt(0)')).toBe(
      `5|0|55296`,
    );
    expect(await valueOf("await 0; '\0\udfff'")).toBe("\0\udfff");
    expect(await valueOf("console.log('a\0b'); 'x\0\ud83d\ude00'")).toBe("x\0\u{1f600}");
  });

  test("output with NUL is whole, a lone surrogate in it becomes U+FFFD", async () => {
    const result = await runOnce("console.log('a\\0b', 'é'); console.log('\\ud800|')");
    expect(result.stdout.startsWith("a\0b é\n")).toBe(true);
    expect(result.stdout.endsWith("\ufffd|\n")).toBe(true);
  });
});

describe("timers", () => {
  test("fire in the order of their time, then of their making, with microtasks between", async () => {
    const source = `
      const seen = [];
      setTimeout(() => seen.push("c"), 20);
      setTimeout(() => { seen.push("a"); queueMicrotask(() => seen.push("a'")) }, 10);
      setTimeout(() => seen.push("b"), 10);
      const cancelled = setTimeout(() => seen.push("never"), 5);
      clearTimeout(cancelled);
      await new Promise((resolve) => setTimeout(resolve, 30, "x")).then((x) => seen.push(x));
      seen`;
    expect(await valueOf(source)).toEqual(["a", "a'", "b", "c", "x"]);
  });

  test("that are still to come are waited for, also on a clock that stands still", async () => {
    for (const clock of ["virtual", "fixed", "real"] as const) {
      const result = await runOnce("setTimeout(() => console.log('later'), 3); 'now'", { clock });
      expect(okValue(result)).toBe("now");
      expect(result.stdout).toBe("later\n");
    }
  });

  test("an interval ends when it is cleared", async () => {
    expect(
      await valueOf(
        "let n = 0; await new Promise((done) => { const id = setInterval(() => { if (++n === 3) { clearInterval(id); done() } }, 1000) }); n",
      ),
    ).toBe(3);
  });

  test("what a callback throws ends the run, and no later timer fires in the next", async () => {
    const sandbox = await javascript();
    const result = await sandbox.run(
      "setTimeout(() => { throw new RangeError('late') }, 1);\nsetTimeout(() => console.log('no'), 2); 1",
    );
    expect(errorOf(result)).toMatchObject({ name: "RangeError", message: "late", line: 1 });
    const next = await sandbox.run("await new Promise((r) => setTimeout(r, 100)); 2");
    expect(next).toMatchObject({ status: "ok", value: 2, stdout: "" });
  });

  test("what a microtask throws ends the run", async () => {
    expect(errorOf(await runOnce("queueMicrotask(() => { throw new Error('micro') }); 1")).message).toBe("micro");
  });
});

describe("errors", () => {
  test("have name, message, guest frames and the line in the run's source", async () => {
    const error = errorOf(await runOnce("function inner() {\n  null.x\n}\ninner()"));
    expect(error).toEqual({
      name: "TypeError",
      message: "cannot read property 'x' of null",
      traceback: "TypeError: cannot read property 'x' of null\n    at inner (main.js:2:7)\n    at <eval> (main.js:4:6)",
      line: 2,
    });
  });

  test("of syntax have their line", async () => {
    expect(errorOf(await runOnce("let a = 1;\nlet b = ;"))).toMatchObject({ name: "SyntaxError", line: 2 });
    expect(errorOf(await runOnce("await 1;\n\n)"))).toMatchObject({ name: "SyntaxError", line: 3 });
  });

  test("use the run's file name", async () => {
    const error = errorOf(await runOnce("throw new Error('x')", {}, { filename: "/work/a b.js" }));
    expect(error.traceback).toContain("(/work/a b.js:1:");
    expect(error.line).toBe(1);
  });

  test.each([
    ["throw 42", "Uncaught 42"],
    ["throw null", "Uncaught null"],
    ["throw 'text'", "Uncaught 'text'"],
    ["throw { a: 1 }", "Uncaught { a: 1 }"],
    [
      "throw { toString() { for (;;); }, get name() { for (;;); } }",
      "Uncaught { toString: [Function: toString], name: [Getter] }",
    ],
    ["throw Symbol('s')", "Uncaught Symbol(s)"],
    ["Promise.reject(7)", "Uncaught 7"],
  ])("%j is told as %j", async (source, message) => {
    const error = errorOf(await runOnce(source));
    expect(error).toMatchObject({ name: "Error", message });
  });

  test("with hostile parts are bounded", async () => {
    expect(
      errorOf(await runOnce("const e = new Error('m'.repeat(1e6)); e.name = 'n'.repeat(1e6); throw e")).message.length,
    ).toBeLessThan(20_000);
    expect(errorOf(await runOnce("const e = new Error('x'); e.name = Symbol('n'); throw e"))).toMatchObject({
      name: "Symbol(n)",
      message: "x",
    });
    expect(errorOf(await runOnce("throw Object.create(new Error('x'), { message: { get() { throw 1 } } })")).name).toBe(
      "Error",
    );
    const chain = errorOf(
      await runOnce("let e; for (let i = 0; i < 1e4; i++) e = new Error('x' + i, { cause: e }); throw e"),
    );
    expect(chain.traceback.split("Caused by").length).toBe(6);
    expect(errorOf(await runOnce("class Mine extends Error {}; throw new Mine('y')")).message).toBe("y");
  });

  test("never show a frame of the prelude or of the host", async () => {
    for (const source of [
      "structuredClone(() => 1)",
      "new URL('::')",
      "JSON.parse('{')",
      "[1].map(() => { throw new Error('x') })",
      "tools.nope()",
    ]) {
      const { traceback } = errorOf(await runOnce(source));
      expect(traceback).not.toMatch(/wardian:prelude|node:|file:|\/src\/|\/dist\/|\.ts:/);
    }
  });
});
