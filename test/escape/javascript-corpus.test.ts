// Attacks of the classes A (out of the language), E (exhaustion) and G (across the tool boundary) on JavaScript guests.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { tool } from "../../src/index.ts";
import type { RunResult, Sandbox } from "../../src/index.ts";
import { readAttacks } from "../support/attacks.ts";
import type { Attack } from "../support/attacks.ts";
import { javascript, okValue } from "../support/javascript-sandbox.ts";

const CANARY = "canary-5f2c9e";
const rejections: unknown[] = [];
const note = (reason: unknown): void => void rejections.push(reason);
const received: unknown[] = [];

const tools = {
  call: tool({
    run: (input) => {
      received.push(input);
      const merged = Object.assign({}, input as object);
      return { seen: Object.keys(merged).length };
    },
  }),
  fail: tool({
    run: () => {
      throw new Error(CANARY);
    },
  }),
  later: tool({ run: () => new Promise((resolve) => setTimeout(resolve, 5, "late")) }),
};

/** What the corpus calls the host's functions. */
const NAMES =
  "const hostCall = tools.call.sync, hostThrow = tools.fail.sync, hostAsync = tools.later, hostCallback = tools.call.sync; undefined";

let globals: readonly string[];
let prototypes: string;

beforeAll(() => {
  process.env["WARDIAN_CANARY"] = CANARY;
  process.on("unhandledRejection", note);
  globals = Object.getOwnPropertyNames(globalThis);
  prototypes = fingerprint();
});

afterEach(() => {
  received.length = 0;
});

afterAll(() => {
  delete process.env["WARDIAN_CANARY"];
  process.off("unhandledRejection", note);
});

function fingerprint(): string {
  return JSON.stringify(
    [Object, Array, Function, Promise, Map, Error, String, Uint8Array].map((type) =>
      Object.getOwnPropertyNames(type.prototype),
    ),
  );
}

async function attack(code: string): Promise<{ readonly sandbox: Sandbox; readonly result: RunResult }> {
  const sandbox = await javascript({
    tools,
    limits: { fuel: 1e9, memoryBytes: 64 * 2 ** 20, timeoutMs: 60_000 },
    clock: "virtual",
  });
  expect(okValue(await sandbox.run(NAMES))).toBeUndefined();
  return { sandbox, result: await sandbox.run(code) };
}

/** What must hold after every attack, whatever its own expectation. */
async function expectHostWhole(sandbox: Sandbox, result: RunResult): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  expect(rejections).toEqual([]);
  expect(fingerprint()).toBe(prototypes);
  expect(Object.getOwnPropertyNames(globalThis)).toEqual(globals);
  expect(
    JSON.stringify(result, (_key, value: unknown) => (typeof value === "bigint" ? String(value) : value)),
  ).not.toContain(CANARY);
  if (result.status === "error") expect(result.error.name).not.toMatch(/HostError|Trap/);
  expect(result.usage.memoryBytes).toBeLessThanOrEqual(64 * 2 ** 20);
  await sandbox.reset();
  expect(okValue(await sandbox.run("[1, 2].map((x) => x + 1).join('') + typeof hostCall + typeof globalThis.r"))).toBe(
    "23undefinedundefined",
  );
}

type Check = (result: RunResult, sandbox: Sandbox) => unknown;

const value =
  (expected: unknown): Check =>
  (result) =>
    expect(okValue(result)).toEqual(expected);
const error =
  (name: RegExp): Check =>
  (result) =>
    expect(result).toMatchObject({ status: "error", error: { name: expect.stringMatching(name) as unknown } });
const stopped: Check = (result) => expect(result.status).toBe("limit");
/** An error of the guest's own, or a limit. */
const ended: Check = (result) => expect(["error", "limit"]).toContain(result.status);
const later =
  (expected: unknown): Check =>
  async (_result, sandbox) =>
    expect(okValue(await sandbox.run("globalThis.r"))).toBe(expected);

/** What the corpus expects, said exactly for this guest. An attack without an entry must only leave the host whole. */
const CHECKS: Readonly<Record<string, Check>> = {
  A01: value("undefined"),
  A03: later("undefined"),
  A05: (result) => expect(okValue(result)).toMatchObject({ opaque: "Function" }),
  A06: value("undefinedundefinedundefined"),
  A08: later("denied"),
  A10: (result) => expect(JSON.stringify(result)).not.toMatch(/"object"|"function"/),
  A11: value("undefined"),
  A13: value("undefined"),
  A15: (result) =>
    expect([undefined, "undefined"]).toContain(
      result.status === "ok"
        ? typeof result.value === "string" && result.value.includes("main.js")
          ? undefined
          : result.value
        : undefined,
    ),
  A18: (result) => expect(result.status).toBe("ok"),
  A20: (result) => expect(String(okValue(result))).not.toMatch(/node:|file:|\.ts:|wardian:prelude/),
  A23: error(/ReferenceError/),
  A25: error(/ReferenceError/),
  A26: value("undefinedundefinedundefinedundefined"),
  E01: stopped,
  E03: stopped,
  E04: error(/InternalError|RangeError/),
  E06: ended,
  E08: ended,
  E09: ended,
  E11: stopped,
  E13: ended,
  E14: ended,
  E16: ended,
  E18: ended,
  E19: ended,
  E21: stopped,
  E23: stopped,
  E24: ended,
  E26: ended,
  E28: stopped,
  E29: value({ toJSON: { opaque: "Function", text: "[Function: toJSON]" } }),
  E31: error(/^Error$/),
  E33: ended,
  E34: ended,
  G02: () => expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined(),
  G03: (result) => expect(okValue(result)).toEqual({ seen: 4 }),
  G05: () => expect(received).toHaveLength(1),
  G07: ended,
  G08: () => expect(received.length).toBeLessThanOrEqual(1),
  G10: error(/TypeError/),
  G12: ended,
  G13: error(/TypeError/),
  G15: error(/TypeError/),
  G18: () => expect(received).toEqual([{ cmd: "; rm -rf /", sql: "' OR 1=1" }]),
};

for (const cls of ["A", "E", "G"]) {
  const attacks = readAttacks(cls, "js");
  describe.skipIf(attacks === undefined)(
    `class ${cls} of the corpus${attacks === undefined ? " (skipped: set WARDIAN_ATTACKS to its file)" : ""}`,
    () => {
      test.each((attacks ?? []).map((item): [string, Attack] => [`${item.id} ${item.code.slice(0, 60)}`, item]))(
        "%s",
        async (_title, { id, code }) => {
          const { sandbox, result } = await attack(code);
          await CHECKS[id]?.(result, sandbox);
          await expectHostWhole(sandbox, result);
        },
      );
    },
  );
}

describe("further attacks", () => {
  test.each([
    // The engine's one-letter entry points, wherever they might be found again.
    "['a','b','c','d','e','f','g','h','i'].map((n) => typeof globalThis[n]).join()",
    "typeof (0, Function)('return this')().a",
    "console.log.constructor('return typeof process')()",
    "setTimeout.constructor('return typeof process')()",
    "(await import('node:fs')).readFileSync.constructor('return typeof process')()",
    "Object.getPrototypeOf(import.meta ?? {})",
    "new Error().stack",
    "try { null.x } catch (e) { e.stack }",
    "Error.prepareStackTrace = (e, s) => s; new Error().stack",
    "Error.stackTraceLimit = 1e9; (function f(n) { if (n) f(n - 1); else throw new Error() })(50)",
    "(function f() { return f.caller + f.arguments })()",
    "Promise.prototype.then = function () { throw 1 }; await 1",
    "Object.defineProperty(Object.prototype, 'then', { get() { throw 1 } }); await 1; export default 1",
    "Object.defineProperty(Array.prototype, '0', { set() { throw 1 } }); [1]",
    "Object.prototype.toString = () => { throw 1 }; console.log({})",
    "globalThis.__proto__ = new Proxy({}, { get() { throw 1 }, has() { return true } }); 1",
    "delete globalThis.console; delete globalThis.Promise; delete globalThis.Object; delete globalThis.JSON; ({ a: 1 })",
    "Object.freeze(globalThis); 1",
    "export function then(resolve) { resolve('hijacked') }",
    "tools.call.sync({ ['__proto__']: { admin: true } })",
    'tools.call.sync(JSON.parse(\'{"__proto__":{"admin":true}}\'))',
    "tools.call.sync(JSON.parse('['.repeat(900) + ']'.repeat(900)))",
    "tools['__proto__']",
    "new Proxy(tools, {}).call.sync({})",
    "Reflect.construct(tools.call, [])",
    "const big = 'x'.repeat(2 ** 24); for (let i = 0; i < 100; i++) try { tools.call.sync({ big }) } catch {}",
    "for (let i = 0; i < 1e5; i++) try { tools.call.sync({}) } catch {}",
    "for (let i = 0; i < 1e5; i++) setTimeout(() => {}, i)",
    "for (;;) new WeakRef({})",
    "const r = new FinalizationRegistry(() => { for (;;); }); for (let i = 0; i < 10; i++) r.register({}, i); 1",
    "crypto.getRandomValues(new Uint8Array(2 ** 16)).length",
    "for (;;) crypto.getRandomValues(new Uint8Array(2 ** 16))",
    "new TextDecoder().decode(new Uint8Array(2e7))",
    "btoa('x'.repeat(2e7)).length",
    "structuredClone(Array(1e6).fill({}))",
    "new URL('http://' + '['.repeat(1e5))",
    "new URL('http://a/' + '../'.repeat(1e5)).href",
    "console.log('x'.repeat(2 ** 24))",
    "console.table(Array.from({ length: 5000 }, () => ({ a: 1 })))",
    "import('x'.repeat(2 ** 20))",
    "import('./' + '../'.repeat(2 ** 18) + 'x')",
    "(await import('node:fs')).readdirSync('/proc/self')",
    "(await import('node:fs')).writeFileSync('/etc/passwd', 'x')",
    "(await import('node:fs')).symlinkSync('/etc', '/tmp/e'); (await import('node:fs')).readFileSync('/tmp/e/hostname', 'utf8')",
  ])("%s", async (code) => {
    const { sandbox, result } = await attack(code);
    const shown = JSON.stringify(result, (_key, item: unknown) => (typeof item === "bigint" ? String(item) : item));
    expect(shown).not.toMatch(
      /node:internal|file:\/\/|\/src\/guests|component\.js|wasm-function|"object"|\[native code/,
    );
    await expectHostWhole(sandbox, result);
  });

  test("a guest that takes over its own prelude's answers can only lie about itself", async () => {
    const { sandbox, result } = await attack(
      "JSON.stringify = () => '{\"x\":[1]}'; JSON.parse = () => ({}); Map.prototype.get = () => ({}); Map.prototype.forEach = () => {}; String.prototype.slice = () => 'v{'; await tools.call({ a: 1 })",
    );
    expect(["ok", "error"]).toContain(result.status);
    await expectHostWhole(sandbox, result);
  });

  test("sandboxes of one process share nothing", async () => {
    const [left, right] = [await javascript(), await javascript()];
    await left.run(
      "globalThis.secret = 1; Array.prototype.map = () => 'owned'; (await import('node:fs')).writeFileSync('/tmp/s', 'x')",
    );
    expect(
      okValue(
        await right.run("[typeof secret, [1].map((x) => x + 1)[0], (await import('node:fs')).existsSync('/tmp/s')]"),
      ),
    ).toEqual(["undefined", 2, false]);
  });
});
