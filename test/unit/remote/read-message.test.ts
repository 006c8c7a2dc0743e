// What comes from a worker is hostile: its guest may have broken out there.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readMessage, readQuestion } from "../../../src/remote/read-message.ts";
import { packValue } from "../../../src/remote/portable-value.ts";
import { readResult } from "../../../src/remote/read-result.ts";
import { emptyReport } from "../../../src/sandbox/empty-report.ts";

describe("messages of a worker", () => {
  test.each<[unknown, unknown]>([
    [
      { kind: "returned", id: 1, value: 7, extra: 1 },
      { kind: "returned", id: 1, value: 7 },
    ],
    [
      { kind: "threw", id: 1, error: { type: "constructor", message: 7 } },
      { kind: "threw", id: 1, error: { type: "other", code: undefined, message: "unknown" } },
    ],
    [{ kind: "returned", id: -1 }, undefined],
    [{ kind: "returned", id: "1" }, undefined],
    [{ kind: "output", chunk: { stream: "stdin", text: "", bytes: new Uint8Array(0) } }, undefined],
    [{ kind: "output", chunk: { stream: "stdout", text: {}, bytes: new Uint8Array(0) } }, undefined],
    [{ kind: "output", chunk: null }, undefined],
    [{ kind: "__proto__" }, undefined],
    [{ kind: "cancel", run: 1, request: 1.5 }, undefined],
    [null, undefined],
    ["returned", undefined],
  ])("%o", (message, read) => {
    expect(readMessage(message)).toEqual(read);
  });

  test.each<[unknown, boolean]>([
    [{ power: "tool", run: 1, name: "a", json: "{}", fuelUsed: 1 }, true],
    [{ power: "tool", run: 1, name: {}, json: "{}", fuelUsed: 1 }, false],
    [{ power: "tool", run: "1", name: "a", json: "{}", fuelUsed: 1 }, false],
    [{ power: "http-start", run: 1, json: "{}", body: [1], blocking: true, remainingMs: 1 }, false],
    [{ power: "http-read", run: 1, request: 1, maxBytes: -1 }, false],
    [{ power: "input", run: 1, maxBytes: 1 }, true],
    [{ power: "files", run: 1 }, false],
  ])("questions: %o", (question, good) => {
    expect(readQuestion(question) !== undefined).toBe(good);
  });

  test("nothing that a worker can send makes the host throw", () => {
    fc.assert(
      fc.property(fc.anything({ withBigInt: true, withMap: true, withNullPrototype: true }), (value) => {
        readMessage(value);
        readQuestion(value);
        readResult(value);
        readResult({ ...emptyReport(1, "kept"), status: "ok", value });
        readResult({ ...emptyReport(1, "kept"), status: "ok", value: { value, sets: [value], maps: [] } });
        readResult({ ...emptyReport(1, "kept"), status: "ok", value: { value, sets: [], maps: [value] } });
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("results of a worker", () => {
  test("of the right form are taken, with objects that have no prototype", () => {
    const value = { a: [{ b: 1 }], m: new Map([["k", { c: 2 }]]) };
    const sent = structuredClone(packValue(value));
    const result = readResult({ ...emptyReport(1, "kept"), status: "ok", value: sent });
    if (result?.status !== "ok") throw new Error("refused");
    const read = result.value as { readonly a: readonly object[]; readonly m: Map<string, object> };
    expect([read, read.a[0], read.m.get("k")].map((object) => Object.getPrototypeOf(object) as unknown)).toEqual([
      null,
      null,
      null,
    ]);
  });

  test("a value that holds itself ends", () => {
    const value: Record<string, unknown> = {};
    value["self"] = value;
    const set: unknown[] = [];
    set.push(set, value);
    for (const sets of [[], [set]])
      expect(
        readResult({ ...emptyReport(1, "kept"), status: "ok", value: { value: set, sets, maps: [] } }),
      ).toBeDefined();
  });

  test("a set that takes longer than the run may have ends it, and nests no deeper than values do", () => {
    let looks = 0;
    const value = packValue(new Set(Array.from({ length: 1_000 }, (_, index) => index)));
    const result = readResult({ ...emptyReport(1, "kept"), status: "ok", value }, 50, () => (looks += 1) < 3);
    expect([result, looks]).toEqual([{ ...emptyReport(1, "kept"), status: "limit", limit: "time", allowed: 50 }, 3]);
    let deep: unknown[] = [];
    for (let level = 0; level < 100_000; level++) deep = [deep];
    expect(
      readResult({ ...emptyReport(1, "kept"), status: "ok", value: { value: deep, sets: [], maps: [] } }),
    ).toBeUndefined();
  });

  test.each<[string, object]>([
    ["a status that there is not", { status: "fine" }],
    ["an error that is none", { status: "error", error: { name: 1 } }],
    ["a limit without a bound", { status: "limit", limit: "time", allowed: "1" }],
    ["a reason that is no text", { status: "aborted", reason: {} }],
    ["a state that there is not", { status: "ok", value: 1, sandbox: "gone" }],
    ["usage that is no number", { status: "ok", value: 1, usage: { fuel: "1" } }],
    ["output that is no text", { status: "ok", value: 1, stdout: 1 }],
  ])("with %s are refused", (_name, fields) => {
    expect(readResult({ ...emptyReport(1, "kept"), ...fields })).toBeUndefined();
  });
});
