// Any structure as the arguments of a host function, from both languages: what arrives is what was sent, or nothing does.
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Sandbox, tool } from "../../src/index.ts";

const key = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.constantFrom(
    "__proto__",
    "constructor",
    "prototype",
    "toString",
    "then",
    "toJSON",
    "hasOwnProperty",
    "",
    "0",
    "length",
    "\u0000",
    "\uD800",
    "__class__",
    "self",
  ),
);
const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.oneof(
      fc.string({ unit: "binary", maxLength: 12 }),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    ),
    fc.array(tie("value"), { maxLength: 5 }),
    fc.array(fc.tuple(key, tie("value")), { maxLength: 5 }).map(objectOf),
  ),
})).value;
const argumentObject = fc.array(fc.tuple(key, json), { maxLength: 6 }).map(objectOf);

/** Own properties only, whatever they are called. */
function objectOf(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  const made = Object.create(null) as Record<string, unknown>;
  for (const [name, value] of entries) made[name] = value;
  return made;
}

const BATCH = 40;

describe.each(["javascript", "python"] as const)("from %s, arguments", (language) => {
  let sandbox: Sandbox;
  const received: unknown[] = [];
  beforeAll(async () => {
    sandbox = await Sandbox.create({
      language,
      clock: "virtual",
      limits: { timeoutMs: 60_000, fuel: 1e12, toolCalls: 1_000_000 },
      tools: { echo: tool({ run: (input) => (received.push(input), input) }) },
    });
  });
  afterAll(() => sandbox.close());

  test("arrive as they were sent, or are refused; what comes back is the same again", async () => {
    let arrived = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(argumentObject, { minLength: BATCH, maxLength: BATCH }), async (batch) => {
        received.length = 0;
        const result = await sandbox.run(PROGRAMS[language](batch));
        expect(result.status, JSON.stringify(result).slice(0, 500)).toBe("ok");
        const told = result.status === "ok" ? (result.value as readonly string[]) : [];
        expect(told).toHaveLength(BATCH);
        let next = 0;
        for (const [index, sent] of batch.entries()) {
          const answer = told[index] ?? "";
          if (answer.startsWith("refused")) continue;
          expect(plain(received[next++])).toEqual(plain(sent));
          expect(plain(JSON.parse(answer))).toEqual(plain(sent));
          arrived++;
        }
        expect(received).toHaveLength(next);
        expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
      }),
      { numRuns: 25, endOnFailure: true },
    );
    // All refused would be no proof.
    expect(arrived).toBeGreaterThan(500);
  }, 120_000);

  test("that are no data never crash the host", async () => {
    for (const source of HOSTILE[language]) {
      const result = await sandbox.run(source);
      expect(["ok", "error", "limit"]).toContain(result.status);
      if (result.status === "error") expect(result.error.name).not.toMatch(/HostError|Trap/u);
    }
    expect((await sandbox.run("1")).status).toBe("ok");
  });
});

/** Entries in order, so that keys that are special in objects can be compared; -0 is 0 in JSON. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "object" && value !== null) {
    return {
      entries: Object.entries(value)
        .map(([name, held]) => [name, plain(held)])
        .toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
    };
  }
  return Object.is(value, -0) ? 0 : value;
}

const PROGRAMS = {
  javascript: (batch: readonly unknown[]) => `{
const told = [];
for (const text of ${JSON.stringify(batch.map((sent) => JSON.stringify(sent)))}) {
  try { told.push(JSON.stringify(tools.echo.sync(JSON.parse(text)))) } catch (e) { told.push("refused " + e.name) }
}
told }`,
  python: (batch: readonly unknown[]) => `
import json
told = []
for text in json.loads(${JSON.stringify(JSON.stringify(batch.map((sent) => JSON.stringify(sent))))}):
    try: told.append(json.dumps(tools.echo(**json.loads(text))))
    except Exception as e: told.append("refused " + type(e).__name__)
told`,
} as const;

const HOSTILE = {
  javascript: [
    "tools.echo.sync(function () {})",
    "tools.echo.sync(Symbol())",
    "tools.echo.sync(new Proxy({}, { ownKeys() { throw 1 } }))",
    "tools.echo.sync({ get a() { return tools.echo.sync({ get b() { throw 2 } }) } })",
    "{ const o = {}; o.o = o; tools.echo.sync(o) }",
    "tools.echo.sync({ toJSON: 1, then: 2, valueOf: 3, ['__proto__']: { toJSON: 4 } })",
    "tools.echo.sync(new (class { toJSON() { return new (class { toJSON() { return 1n } })() } })())",
  ],
  python: [
    "tools.echo(a=print)",
    "x = {}; x['x'] = x; tools.echo(**x)",
    "class D(dict):\n  def __iter__(self): raise SystemExit\n  keys = items = __iter__\ntools.echo(a=D())",
    "tools.echo(a=float('nan'), b=10**5000)",
    "class F(float):\n  def __repr__(self): return '],['\ntools.echo(a=F(1))",
    "class S(str):\n  def encode(self, *a): return b'\"},{\"'\ntools.echo(a=S('x'))",
    "class I(int):\n  def __str__(self): return '1,2'\n  __repr__ = __str__\ntools.echo(a=I(5))",
  ],
} as const;
