import { describe, expect, test } from "vitest";
import { javascript, okValue, runOnce, valueOf } from "../support/javascript-sandbox.ts";

describe("values", () => {
  test.each<[string, unknown]>([
    ["null", null],
    ["undefined", undefined],
    ["-0", -0],
    ["NaN", Number.NaN],
    ["-Infinity", Number.NEGATIVE_INFINITY],
    ["1.5e300", 1.5e300],
    ["'\\0\\ud800é\u{1f600}'", "\0\ud800é\u{1f600}"],
    ["-(2n ** 100n)", -(2n ** 100n)],
    ["[1, , 'x', [undefined]]", [1, undefined, "x", [undefined]]],
    ["new Uint8Array([0, 255, 7])", Uint8Array.of(0, 255, 7)],
    ["new Uint8Array(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2)", Uint8Array.of(2, 3)],
    ["new Uint8Array([5]).buffer", Uint8Array.of(5)],
    ["new Float64Array([1.5, -0])", [1.5, -0]],
    ["new Date(86400000)", new Date(86_400_000)],
    ["new Date(NaN)", new Date(Number.NaN)],
    ["new Map([[{ a: 1 }, new Set([1, 'b'])]])", new Map([[{ a: 1 }, new Set([1, "b"])]])],
  ])("%s crosses", async (source, value) => {
    expect(await valueOf(source)).toEqual(value);
  });

  test("bytes of every length survive", async () => {
    for (const length of [0, 1, 2, 3, 4, 255, 3_000]) {
      expect(await valueOf(`Uint8Array.from({ length: ${length} }, (_, i) => i * 7)`)).toEqual(
        Uint8Array.from({ length }, (_, index) => index * 7),
      );
    }
  });

  test("objects come without a prototype, with hostile keys as plain data", async () => {
    const value = (await valueOf(
      '({ a: 1, ["__proto__"]: { polluted: 1 }, constructor: 2, then: 3, [Symbol("s")]: 4 })',
    )) as Record<string, unknown>;
    expect(Object.getPrototypeOf(value)).toBeNull();
    expect(Object.keys(value)).toEqual(["a", "__proto__", "constructor", "then"]);
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  test("what is not data comes as its type's name and its text", async () => {
    expect(
      await valueOf(
        "[() => 1, class A {}, Symbol('s'), /x/g, new (class P { x = 1 })(), new TypeError('t'), new URL('http://a/')]",
      ),
    ).toEqual([
      { opaque: "Function", text: "[Function (anonymous)]" },
      { opaque: "Function", text: "[class A]" },
      { opaque: "Symbol", text: "Symbol(s)" },
      { opaque: "RegExp", text: "/x/g" },
      { opaque: "P", text: "P { x: 1 }" },
      { opaque: "TypeError", text: expect.stringMatching(/^TypeError: t\n {4}at /) as unknown },
      { opaque: "URL", text: "URL {}" },
    ]);
  });

  test("a cycle is cut where it closes; what is only shared is copied", async () => {
    expect(await valueOf("const a = { name: 'a' }; a.self = a; const s = [1]; ({ a, s1: s, s2: s })")).toEqual({
      a: { name: "a", self: { opaque: "Object", text: "[Circular]" } },
      s1: [1],
      s2: [1],
    });
  });

  test("getters run once each, in the guest; what they throw is the run's error", async () => {
    expect(await valueOf("let n = 0; ({ get a() { return ++n } })")).toEqual({ a: 1 });
    expect(await runOnce("({ get a() { throw new Error('from getter') } })")).toMatchObject({
      status: "error",
      error: { message: "from getter" },
    });
    expect(await runOnce("new Proxy({}, { ownKeys() { throw new Error('trap') } })")).toMatchObject({
      status: "error",
      error: { message: "trap" },
    });
  });

  test("toJSON is not called", async () => {
    expect(await valueOf("({ toJSON() { for (;;); } })")).toEqual({
      toJSON: { opaque: "Function", text: "[Function: toJSON]" },
    });
  });

  test("nesting of 200 levels crosses, 201 does not", async () => {
    const nest = (levels: number): string => `let v = 0; for (let i = 0; i < ${levels}; i++) v = [v]; v`;
    expect(JSON.stringify(await valueOf(nest(200)))).toBe(`${"[".repeat(200)}0${"]".repeat(200)}`);
    expect(await runOnce(nest(201))).toMatchObject({ status: "limit", limit: "output" });
  });

  test("a value over the limit is a limit, found before it is built", async () => {
    for (const source of [
      "'x'.repeat(2 ** 21)",
      "Array(1e9)",
      "let o = []; for (let i = 0; i < 40; i++) o = [o, o]; o",
      "new Uint8Array(2 ** 21)",
      "({ ['k'.repeat(2 ** 21)]: 1 })",
    ]) {
      const result = await runOnce(source, { limits: { outputBytes: 2 ** 20 } });
      expect(result).toMatchObject({ status: "limit", limit: "output", allowed: 2 ** 20, sandbox: "kept" });
      expect(result.usage.fuel).toBeLessThan(5e10);
    }
    expect(await runOnce("'é'.repeat(600_000)", { limits: { outputBytes: 2 ** 20 } })).toMatchObject({
      status: "limit",
      limit: "output",
    });
  });

  test("patched intrinsics don't change what is told", async () => {
    const source = `
      JSON.stringify = () => '{"i":"666"}'; JSON.parse = () => 666;
      Array.prototype.join = () => "forged"; Array.prototype.push = () => 0; Array.isArray = () => false;
      String.prototype.slice = () => "forged"; Object.keys = () => []; Reflect.get = () => 666; Map.prototype.forEach = () => {};
      Promise.prototype.then = () => {}; Function.prototype.call = Function.prototype.apply = Function.prototype.bind = () => 666;
      Object.prototype.toJSON = () => 1; RegExp.prototype.exec = () => null; globalThis.String = () => "forged";
      Object.prototype.value = 1; Object.prototype.get = 1;
      await null; ({ a: [1, "two", new Map([[1, 2]])] })`;
    const result = await runOnce(source);
    expect(result).toMatchObject({ status: "ok", value: { a: [1, "two", new Map([[1, 2]])] } });
  });

  test("patched intrinsics don't change how an error is told", async () => {
    const result = await runOnce(
      "JSON.stringify = () => 'x'; RegExp.prototype[Symbol.match] = RegExp.prototype.test = RegExp.prototype.exec = () => 1; String.prototype.split = () => [];\nthrow new Error('real')",
    );
    expect(result).toMatchObject({ status: "error", error: { name: "Error", message: "real", line: 2 } });
  });

  test("setters on Array.prototype and Object.prototype see nothing of the protocol", async () => {
    const traps = `
      globalThis.touched = "";
      for (const proto of [Array.prototype, Object.prototype])
        for (const key of ["0", "1", "length2", "name", "message", "calls", "item", "close", "get", "set", "enumerable"])
          Object.defineProperty(proto, key, Object.assign(Object.create(null), { configurable: true, get() { return undefined }, set(v) { touched += key + " "; throw new Error("trap") } }));
      0`;
    const sandbox = await javascript();
    expect(okValue(await sandbox.run(traps))).toBe(0);
    expect(okValue(await sandbox.run("[1, { a: [2, new Map([[3, 4]])] }]"))).toEqual([
      1,
      { a: [2, new Map([[3, 4]])] },
    ]);
    expect(await sandbox.run("throw new Error('x')")).toMatchObject({
      status: "error",
      error: { name: "Error", message: "x", line: 1 },
    });
    expect(await sandbox.run("console.log([1, { a: 2 }]); 5")).toMatchObject({
      status: "ok",
      value: 5,
      stdout: "[ 1, { a: 2 } ]\n",
    });
    expect(okValue(await sandbox.run("await new Promise((r) => setTimeout(r, 5)); 6"))).toBe(6);
    expect(okValue(await sandbox.run("touched"))).toBe("");
  });
});
