import assert from "node:assert/strict";
import type { AttackClass } from "../harness/attack.ts";
import { harmless, outcomeOf, stopped } from "../harness/outcomes.ts";
import { toolAttempt } from "./tool-attempt.ts";
import type { ToolAttempt } from "./tool-attempt.ts";

const nothingReceived = ({ result, received }: ToolAttempt): void => {
  stopped(result);
  assert.deepEqual(received, []);
};

const CHECKS: Readonly<Record<string, (attempt: ToolAttempt) => void | Promise<void>>> = {
  G02: ({ result }) => assert.match(outcomeOf(result), /^ok \{"seen":1\}/),
  // A "then" among the data makes nobody wait for it; functions do not cross.
  G03: ({ result }) => assert.match(outcomeOf(result), /^(ok \{"seen":4\}|error )/),
  // Read once, in the guest; the host has a copy that nobody can change behind its check.
  G05: ({ received }) => {
    assert.equal(received.length, 1);
    assert.deepEqual(Object.keys(Object.getOwnPropertyDescriptor(received[0], "a") ?? {}), [
      "value",
      "writable",
      "enumerable",
      "configurable",
    ]);
  },
  G07: nothingReceived,
  G08: ({ received }) => assert.ok(received.length <= 1),
  G10: nothingReceived,
  G12: nothingReceived,
  G13: nothingReceived,
  G15: nothingReceived,
  G17: async ({ result, sandbox }) => {
    harmless(result);
    await new Promise((resolve) => setTimeout(resolve, 15));
    assert.equal(outcomeOf(await sandbox.run("2")), "ok 2");
  },
  G18: ({ received }) =>
    assert.deepEqual(
      received.map((input) => ({ ...(input as object) })),
      [{ cmd: "; rm -rf /", sql: "' OR 1=1" }],
    ),
  G20: ({ received }) => assert.equal(received.length, 1),
};

export const toolCorpus: AttackClass["corpus"] = new Map(
  Object.entries(CHECKS).map(([id, check]) => [id, ({ code }) => toolAttempt(code, check)]),
);
