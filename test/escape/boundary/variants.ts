import assert from "node:assert/strict";
import type { Attack } from "../harness/attack.ts";
import { outcomeOf } from "../harness/outcomes.ts";
import { endings } from "./corpus.ts";
import { damagedSnapshotsAreRefused, forksAreApart } from "./snapshot-attempts.ts";
import { wardianCommand } from "./wardian-command.ts";

/** Keeps only the names that a report may have. */
const REPORT = /^(ok|error|limit|aborted)/u;

const VARIANTS: Readonly<Record<string, Attack["attempt"]>> = {
  "snapshots that were changed, cut, or signed by another": damagedSnapshotsAreRefused,
  "two forks of one sandbox": forksAreApart,
  "an error that a terminal would obey": async () => {
    const { code, stdout, stderr } = await wardianCommand(
      ["run", "-", "--language=python"],
      "raise ValueError('\\x1b]0;owned\\x07\\x1b[2J\\r\\n$ ')",
    );
    assert.equal(code, 1);
    assert.equal(stdout, "");
    assert.match(stderr, /ValueError/u);
  },
  "a value that a JSON reader would obey": async () => {
    const { stdout } = await wardianCommand(
      ["run", "-", "--language=javascript", "--json"],
      "({ __proto__: null, ['__proto__']: { polluted: 1 }, constructor: { prototype: { polluted: 1 } }, toJSON: 1, html: '</script><script>', sep: '\\u2028\\u2029', nul: '\\0', nan: NaN, big: 2n ** 100n, lone: '\\ud800' })",
    );
    const result = JSON.parse(stdout) as { readonly status: string };
    assert.equal(result.status, "ok");
    assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
  },
  "values that lie about what they are": async (scene) => {
    const sandbox = await scene.sandbox({ language: "javascript" });
    const result = await scene.run(
      sandbox,
      "({ ['__proto__']: { a: 1 }, status: 'limit', then(resolve) { resolve(1) }, constructor: 1, hasOwnProperty: 1, [Symbol.iterator]: 1, opaque: 'Function', big: { i: '9' } })",
    );
    assert.equal(result.status, "ok", outcomeOf(result));
    const value = result.value as object;
    assert.equal(Object.getPrototypeOf(value), null);
    assert.ok(Object.hasOwn(value, "__proto__"));
    assert.equal(await Promise.resolve(value), value);
  },
  "endings that say they were another": endings(REPORT, [
    ["javascript", "throw Object.assign(new Error('x'), { name: 'HostError2', status: 'ok', stack: '' })"],
    ["javascript", "throw { name: { toString() { throw 1 } }, message: Symbol(), stack: { length: 1e9 } }"],
    ["javascript", "const e = new Error('x'.repeat(1e6)); e.name = 'y'.repeat(1e6); throw e"],
    ["javascript", "throw new AggregateError(Array.from({ length: 1e5 }, () => new Error('x')), 'many')"],
    ["javascript", "const e = new Error('loop'); e.cause = e; throw e"],
    [
      "python",
      "class E(Exception): __name__ = 1; __module__ = object()\nE.__qualname__ = 'x' * 10**6\nraise E('y' * 10**6)",
    ],
    ["python", "e = ValueError()\ne.__cause__ = e\nraise e"],
    ["python", "try: 1/0\nexcept Exception as e:\n  e.__traceback__ = None; e.add_note('n' * 10**6); raise"],
    ["python", "raise type('E', (Exception,), {'__getattribute__': lambda s, n: 1/0})()"],
    ["python", "import sys\nsys.excepthook = lambda *a: 1/0\nraise ValueError"],
    ["python", "raise SyntaxError('x', ('FOLDER', 10**9, -5, 'y' * 10**6))"],
    ["python", "import sys\nsys.exit(object())"],
  ]),
  "output that begins where a character ends": endings(/^ok/u, [
    ["python", "import sys\nsys.stdout.buffer.write(b'\\xf0\\x9f' * 1000 + b'\\xff\\xfe\\0')\n1"],
    ["python", "import os\nfor i in range(1000): os.write(1, b'\\xe2'); os.write(2, b'\\x82')\n1"],
    ["javascript", "console.log('\\ud83d'); console.error('\\0\\u2028'); 1"],
  ]),
  "output above its limit": endings(
    /^ok/u,
    [
      ["javascript", "for (let i = 0; i < 1000; i++) console.log('😀'.repeat(100)); 1"],
      ["python", "print('\\U0001f600' * 10**5)\n1"],
    ],
    { limits: { outputBytes: 1_001 } },
  ),
  "a source that is no text": endings(REPORT, [
    ["javascript", "\u0000"],
    ["javascript", "\uD800\uDC00\uD800"],
    ["javascript", "#!/bin/sh\n1"],
    ["javascript", "'use strict'; with (1) {}"],
    ["python", "\u0000"],
    ["python", "\uD800"],
    ["python", "\uFEFF1"],
    ["python", "# coding: rot13\ncevag(1)"],
    ["python", "\f1"],
  ]),
  "a clock of the caller's that goes wrong": async (scene) => {
    for (const now of [Number.NaN, Number.POSITIVE_INFINITY, -1, 1e300]) {
      for (const [language, source] of [
        ["javascript", "Date.now(); performance.now(); new Date().toString(); 1"],
        [
          "python",
          "import time, datetime\ntry: time.time(); time.monotonic(); datetime.datetime.now()\nexcept Exception: pass\n1",
        ],
      ] as const) {
        const clock = {
          now: () => now,
          monotonic: () => now,
          sleep: async () => await Promise.resolve(),
          sleepSync: () => undefined,
        };
        const sandbox = await scene
          .sandbox({ language, clock: clock as never })
          .catch((error: unknown) => String(error));
        if (typeof sandbox === "string") continue;
        // The caller's own failure, and said to be it.
        assert.match(outcomeOf(await sandbox.run(source)), /^(ok|error|limit)/u);
      }
    }
  },
  "random numbers of the caller's that are none": async (scene) => {
    for (const language of ["javascript", "python"] as const) {
      const sandbox = await scene.sandbox({ language, random: { fill: () => undefined } as never });
      const source =
        language === "python" ? "import random, os\nrandom.random(); os.urandom(4)\n1" : "Math.random(); 1";
      assert.match(outcomeOf(await scene.run(sandbox, source)), /^ok 1/u);
    }
  },
  "aborts at odd times": async (scene) => {
    for (const language of ["javascript", "python"] as const) {
      const endless = language === "python" ? "while True: pass" : "for (;;);";
      for (const ms of [0, 1, 5, 20]) {
        const sandbox = await scene.sandbox({ language, clock: "real", limits: { timeoutMs: 300, fuel: 1e12 } });
        const result = await scene
          .run(sandbox, endless, { signal: AbortSignal.timeout(ms) })
          .catch((error: unknown) => error);
        if (result instanceof Error) continue; // Aborted before it began: the caller's own reason.
        assert.match(outcomeOf(result as never), /^(aborted|limit time)/u);
      }
    }
  },
  "a sandbox that is closed while it waits": async (scene) => {
    for (const language of ["javascript", "python"] as const) {
      const sandbox = await scene.sandbox({ language, clock: "real" });
      const running = sandbox.run(
        language === "python"
          ? "import asyncio\nawait asyncio.sleep(5)"
          : "await new Promise((done) => setTimeout(done, 5000))",
      );
      await new Promise((resolve) => setTimeout(resolve, 5));
      sandbox.close();
      assert.deepEqual([(await running).status, sandbox.closed], ["aborted", true]);
    }
  },
};

export const boundaryVariants: readonly Attack[] = Object.entries(VARIANTS).map(([title, attempt], index) => ({
  id: `I+${index + 1}`,
  title,
  attempt,
}));
