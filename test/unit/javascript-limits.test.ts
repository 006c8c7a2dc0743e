import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { platform } from "#platform";
import { fixedClock } from "../../src/capabilities/clock/fixed-clock.ts";
import { DenialLog } from "../../src/capabilities/denials/denial-log.ts";
import { createEnvironment } from "../../src/capabilities/environment/create-environment.ts";
import { createFileView } from "../../src/capabilities/files/view/create-file-view.ts";
import { createOutputSink } from "../../src/capabilities/output/output-sink.ts";
import { seededRandom } from "../../src/capabilities/random/seeded-random.ts";
import { createFuelGauge } from "../../src/engine/instance/fuel-gauge.ts";
import { javascriptGuest } from "../../src/guests/javascript/javascript-guest.ts";
import type { Language } from "../../src/guests/guest.ts";
import { memoryDirectory, Sandbox, tool } from "../../src/index.ts";
import { errorOf, javascript, okValue, runOnce } from "../support/javascript-sandbox.ts";

/** Ends in an infinite loop of some kind, each in the smallest form. */
const LOOPS = [
  "for (;;);",
  "while (true);",
  "do {} while (1)",
  "a: for (;;) continue a",
  "for (;;) try { throw 1 } catch {} finally { continue }",
  "function f() { try { f() } finally { f() } } f()",
  "for (const x of (function* () { for (;;) yield })());",
  "[...(function* () { for (;;) yield })()].length",
  "(async () => { for (;;) await null })()",
  "function g() { Promise.resolve().then(g) } g()",
  "function m() { queueMicrotask(m) } m()",
  "/(x+x+)+y/.test('x'.repeat(40))",
  "'a'.repeat(3e5).indexOf('a'.repeat(1e5) + 'b')",
  "Array(2 ** 32 - 1).fill(0)",
  "new Array(2 ** 32 - 1).sort()",
  "(2n ** 200000n) ** 200n + ''",
  "JSON.stringify(new Proxy([], { get: (t, k) => (k === 'length' ? 2 ** 32 : 1) }))",
  "({ toString() { for (;;); } }) + ''",
  "const e = new Error('x'); Object.defineProperty(e, 'message', { get() { for (;;); } }); throw e",
  "new Proxy({}, { ownKeys() { for (;;); } })",
  "({ get a() { for (;;); } })",
  "console.log(new Proxy({}, { getOwnPropertyDescriptor() { for (;;); }, ownKeys() { return ['a'] } }))",
  "setInterval(() => {}, 0); 1",
  "'x'.replace(/x/, () => { for (;;); })",
  "[1, 2].sort(() => { for (;;); })",
  "JSON.parse('[1]', () => { for (;;); })",
  "class A { static x = (() => { for (;;); })() }",
  "eval('for (;;);')",
  "new Function('for (;;);')()",
  "import('data:x').catch(() => { for (;;); })",
  "Symbol.for('x'.repeat(2 ** 27)).toString().split('').map((x) => x + x).join('')",
  "const o = {}; for (let i = 0; ; i++) o['k' + (i % 1000)] = i",
  "Reflect.ownKeys(new Proxy({}, { ownKeys() { return Array.from({ length: 1e9 }, (_, i) => 'k' + i) } }))",
];

describe("limits", () => {
  test.each(LOOPS)("%s ends at a limit, and the sandbox works again", async (source) => {
    const sandbox = await javascript({ limits: { fuel: 300_000_000, memoryBytes: 64 * 2 ** 20 } });
    await sandbox.run("globalThis.before = 1");
    const result = await sandbox.run(source);
    expect(result).toMatchObject({ status: "limit", limit: expect.stringMatching(/^(fuel|memory)$/) as unknown });
    // Out of memory is an error that leaves the guest whole.
    expect(okValue(await sandbox.run("typeof before + (1 + 1)"))).toBe(
      result.sandbox === "kept" ? "number2" : "undefined2",
    );
  });

  test("time and abort stop a loop", async () => {
    const sandbox = await javascript();
    expect(await sandbox.run("for (;;);", { limits: { timeoutMs: 50 } })).toMatchObject({
      status: "limit",
      limit: "time",
      allowed: 50,
      sandbox: "reset",
    });
    const real = await javascript({ clock: "real" });
    expect(
      await real.run("await new Promise((r) => setTimeout(r, 60000))", { limits: { timeoutMs: 50 } }),
    ).toMatchObject({ status: "limit", limit: "time" });
    const abort = new AbortController();
    setTimeout(() => abort.abort(new Error("enough")), 20);
    expect(
      await real.run("for (;;) await new Promise((r) => setTimeout(r, 1))", { signal: abort.signal }),
    ).toMatchObject({ status: "aborted", reason: "enough" });
    expect(okValue(await real.run("1"))).toBe(1);
  });

  test("too much memory is a memory limit, and the guest may also catch it", async () => {
    const sandbox = await javascript({ limits: { memoryBytes: 24 * 2 ** 20 } });
    expect(await sandbox.run("const all = []; for (;;) all.push(new Uint8Array(1e6))")).toMatchObject({
      status: "limit",
      limit: "memory",
      allowed: 24 * 2 ** 20,
    });
    await sandbox.reset();
    expect(
      okValue(
        await sandbox.run(
          "let n = 0; try { const all = []; for (;;) { all.push(new Uint8Array(1e6)); n++ } } catch (e) { n = e.name } n",
        ),
      ),
    ).toBe("InternalError");
    expect(okValue(await sandbox.run("new Uint8Array(1e6).length"))).toBe(1e6);
    expect((await sandbox.run("'x'.repeat(2 ** 29)")).status).not.toBe("ok");
    expect((await sandbox.run("1")).usage.memoryBytes).toBeLessThanOrEqual(24 * 2 ** 20);
  });

  test.each([
    ["javascript", 8],
    ["typescript", 12],
  ] as const)("%s starts in %i MiB, and works in them", async (language, mebibytes) => {
    const memoryBytes = mebibytes * 2 ** 20;
    const small = await Sandbox.create({ language, limits: { memoryBytes } });
    expect(okValue(await small.run("let t = 0; for (let i = 0; i < 1e4; i++) t += `${i}`.length; t"))).toBe(38_890);
    expect(okValue(await small.run("new Uint8Array(4e6).length"))).toBe(4e6);
    expect((await small.run("new Uint8Array(10e6)")).status).toBe("limit");
    expect(okValue(await small.run("t"))).toBe(38_890);
    small.close();
    const larger = await Sandbox.create({ language, limits: { memoryBytes: memoryBytes + 8 * 2 ** 20 } });
    const result = await larger.run("new Uint8Array(10e6).length");
    expect(okValue(result)).toBe(10e6);
    expect(result.usage.memoryBytes).toBeGreaterThan(memoryBytes);
    larger.close();
  });

  test("a source, a tool's answer or a file larger than the guest's memory is a memory limit or an error", async () => {
    const huge = tool({ run: () => "x".repeat(40 * 2 ** 20) });
    const files = { "/big": memoryDirectory({ files: { f: "x".repeat(30 * 2 ** 20) }, maxBytes: 64 * 2 ** 20 }) };
    const sandbox = await javascript({ limits: { memoryBytes: 24 * 2 ** 20 }, tools: { huge }, files });
    for (const source of [
      `"${"x".repeat(40 * 2 ** 20)}"`,
      "await tools.huge({})",
      "tools.huge.sync({})",
      "(await import('node:fs')).readFileSync('/big/f')",
      "(await import('node:fs')).readFileSync('/big/f', 'utf8')",
      "import('/big/f')",
    ]) {
      const result = await sandbox.run(source);
      expect(["error", "limit"]).toContain(result.status);
      if (result.status === "error") expect(result.error.name).not.toMatch(/HostError|Trap/);
      await sandbox.reset();
      expect(okValue(await sandbox.run("1"))).toBe(1);
    }
  });

  test("a memory limit below the engine's floor is a mistake of the host", async () => {
    await expect(Sandbox.create({ language: "javascript", limits: { memoryBytes: 2 ** 20 } })).rejects.toMatchObject({
      name: expect.stringMatching(/Error$/) as unknown,
    });
  });

  test.each([
    "(function f() { f() })()",
    "const o = { get a() { return this.a } }; o.a",
    "const p = new Proxy({}, { get(t, k, r) { return r[k] } }); p.x",
    "class A { constructor() { new A() } } new A()",
    "const g = () => [1].map(g); g()",
    "const r = () => 'a'.replace(/a/, r); r()",
    "const it = { [Symbol.iterator]() { return [...it] } }; [...it]",
    "const v = { valueOf() { return +v } }; +v",
    "const s = { [Symbol.toPrimitive]() { return `${s}` } }; `${s}`",
    "const e = () => eval('e()'); e()",
    "const p = () => JSON.parse('[1]', p); p()",
    "const m = () => [1].flatMap(m); m()",
  ])("the recursion %s is an error that the guest can catch", async (source) => {
    const sandbox = await javascript();
    const error = errorOf(await sandbox.run(`"own line";\n${source}`));
    expect(error).toMatchObject({
      name: source.includes("JSON.parse") ? "SyntaxError" : "InternalError",
      message: "stack overflow",
    });
    const caught = await sandbox.run(
      `{ let r; try { (() => { ${source.replaceAll("const ", "var ")} })() } catch (e) { r = e.message } r }`,
    );
    expect(okValue(caught)).toBe("stack overflow");
    expect(caught.sandbox).toBe("kept");
  });

  test("a thousand calls deep is fine", async () => {
    expect(okValue(await runOnce("const sum = (n) => (n === 0 ? 0 : n + sum(n - 1)); sum(1000)"))).toBe(500_500);
  });

  test.each([
    "JSON.parse('['.repeat(131072))",
    "eval('('.repeat(1e5))",
    "eval('['.repeat(1e5))",
    "new RegExp('(?:'.repeat(1e5))",
    "let o = {}; for (let i = 0; i < 1e5; i++) o = { o }; JSON.stringify(o)",
  ])("the native recursion %s ends, and the sandbox works again", async (source) => {
    const sandbox = await javascript();
    const result = await sandbox.run(source);
    if (result.status === "limit") expect(result).toMatchObject({ limit: "stack", sandbox: "reset" });
    else expect(result.status).toBe("error");
    expect(okValue(await sandbox.run("JSON.parse('[[1]]')[0][0]"))).toBe(1);
  });

  test("a hundred stops in a row leave a sandbox that works", async () => {
    const sandbox = await javascript();
    for (let round = 0; round < 100; round++) {
      const result = await sandbox.run("console.log('x'); globalThis.dirty = 1; for (;;) console.log('y')", {
        limits: { fuel: 2_000_000 },
      });
      expect(result).toMatchObject({ status: "limit", limit: "fuel" });
    }
    expect(await sandbox.run("console.log('fine'); typeof dirty")).toMatchObject({
      status: "ok",
      value: "undefined",
      stdout: "fine\n",
    });
  });

  test("output over the limit is cut and counted, and the guest goes on", async () => {
    const result = await runOnce("for (let i = 0; i < 1000; i++) console.log('x'.repeat(99)); 'end'", {
      limits: { outputBytes: 10_000 },
    });
    expect(result).toMatchObject({ status: "ok", value: "end", truncated: { stdout: 90_000, stderr: 0 } });
    expect(result.stdout.length).toBe(10_000);
  });
});

describe("determinism", () => {
  const PROGRAM = `
    const words = []; for (let i = 0; i < 200; i++) words.push(Math.random().toString(36)); words.sort();
    let big = 1n; for (let i = 1n; i < 200n; i++) big *= i;
    let floats = 0; for (let i = 1; i < 500; i++) floats += Math.sin(i) * Math.pow(i, 1.1) / Math.log(i + 1);
    let out = 0; try { const all = []; for (;;) all.push(new Uint8Array(5e6)) } catch { out = 1 }
    let depth = 0; (function f() { depth++; try { f() } catch {} })();
    console.log(words[0], String(big).length, floats, out, depth, new Date().toISOString(), crypto.randomUUID(), /(a|b)+c/.exec("ababc")[0], new Error("x").stack);
    await new Promise((r) => setTimeout(r, 10)); [depth, floats, Number.NaN, -0]`;

  async function fingerprint(language: Language, runs: number): Promise<unknown> {
    const fuel = createFuelGauge({ now: () => performance.now() });
    const clock = fixedClock(1_234_567_890_000);
    const output = createOutputSink({ maxBytes: 2 ** 20 });
    const session = await javascriptGuest.create({
      language,
      assets: platform.assets,
      fuel,
      mountPoints: [],
      digest: (bytes) => platform.digest(bytes),
      evaluate: (body) => platform.evaluate(body),
      memoryBytes: 32 * 2 ** 20,
      valueBytes: 2 ** 20,
      capabilities: {
        files: createFileView({ mounts: new Map(), charge: (units) => fuel.charge(units), now: () => clock.now() }),
        clock,
        random: seededRandom(7),
        environment: createEnvironment(),
        output,
        input: { read: () => 0 },
        denials: new DenialLog(),
        tools: { names: [], call: () => ({ state: "error", name: "Error", message: "" }) },
      },
    });
    const seen: unknown[] = [];
    for (let run = 0; run < runs; run++) {
      output.reset({ maxBytes: 2 ** 20 });
      fuel.arm({ fuel: 1e11 });
      let turn = session.start({ source: `{${PROGRAM}}`, filename: "main.js", args: [] });
      while (turn.state === "waiting") turn = session.resume([]);
      seen.push(fuel.used, output.text("stdout"), JSON.stringify(turn), session.memoryBytes());
      fuel.disarm();
    }
    session.close();
    return createHash("sha256").update(JSON.stringify(seen)).digest("hex");
  }

  test("same clock, same seed: same fuel, same output, same value, run for run", async () => {
    const first = await fingerprint("javascript", 3);
    for (let round = 0; round < 2; round++) expect(await fingerprint("javascript", 3)).toBe(first);
    expect(await fingerprint("typescript", 2)).toBe(await fingerprint("typescript", 2));
  });

  test("a reset sandbox repeats a fresh one to the unit of fuel", async () => {
    const sandbox = await javascript({ clock: "fixed", random: { seed: 3 } });
    const source = "let t = 0; for (let i = 0; i < 1000; i++) t += Math.random(); JSON.stringify({ t })";
    const first = await sandbox.run(source);
    await sandbox.reset();
    const messes = new Map<number, unknown>();
    // In the memory that is there; in memory that it grew by, which stays or, if it is much, goes.
    for (const [count, grows] of [
      [1e3, false],
      [1e5, true],
      [1e3, false],
      [1e5, true],
      [5e5, true],
      [1e5, true],
      [1e3, false],
    ] as const) {
      const mess = await sandbox.run(`globalThis.mess = Array.from({ length: ${count} }, (_, i) => ({ i })); 0`);
      expect(mess.usage.memoryBytes > first.usage.memoryBytes).toBe(grows);
      const { fuel, memoryBytes } = mess.usage;
      expect({ fuel, memoryBytes }).toEqual(messes.get(count) ?? { fuel, memoryBytes });
      messes.set(count, { fuel, memoryBytes });
      await sandbox.reset();
      const again = await sandbox.run(source);
      expect([again.status, okValue(again), again.usage.fuel]).toEqual([
        first.status,
        okValue(first),
        first.usage.fuel,
      ]);
      expect(again.usage.memoryBytes).toBe(first.usage.memoryBytes);
      await sandbox.reset();
    }
  });
});
