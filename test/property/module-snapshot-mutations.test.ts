// Snapshots of binaries hold more than memory: names of functions, tables of handles, resources of the host. Damaged in
// thousands of ways, with every length and checksum right, they may only be refused, or give a guest like any other.
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { component, memoryDirectory, reactor, Sandbox } from "../../src/index.ts";
import type { GuestModule, RunResult, SandboxOptions } from "../../src/index.ts";
import { keeperComponent } from "../support/components/keeper.ts";
import { mutate, mutations, restored } from "../support/snapshot-mutations.ts";
import { takeApart } from "../support/snapshot-parts.ts";
import { wat } from "../support/wat.ts";

/** Mutations of each; `WARDIAN_MUTATIONS` asks for more. */
const COUNT = Number(process.env["WARDIAN_MUTATIONS"] ?? 1_000);

const BOX = "test:keeper/box";

const REACTOR = `(module
  (import "wasi_snapshot_preview1" "path_open" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1) (data (i32.const 0) "a.txt") (data (i32.const 16) "\\40\\00\\00\\00\\01\\00\\00\\00")
  (table $t 4 10 funcref) (elem declare func $two)
  (global $kept (mut funcref) (ref.null func)) (global $count (mut i64) (i64.const 0))
  (func $two (result i32) (i32.const 2))
  (func (export "begin") (result i32)
    (table.set (i32.const 1) (ref.func $two)) (global.set $kept (ref.func $two))
    (drop (table.grow (ref.func $two) (i32.const 2))) (global.set $count (i64.const 7))
    (call $open (i32.const 4) (i32.const 0) (i32.const 0) (i32.const 5) (i32.const 0)
      (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 32)))
  (func (export "use") (result i32) (call_indirect (result i32) (i32.const 1))
    (drop (call $read (i32.load (i32.const 32)) (i32.const 16) (i32.const 1) (i32.const 36)))))`;

interface Subject {
  readonly guest: GuestModule;
  readonly begin: readonly (readonly [string, ...unknown[]])[];
  readonly use: readonly (readonly [string, ...unknown[]])[];
}

const subjects = new Map<string, Subject>();

beforeAll(async () => {
  subjects.set("reactor", { guest: reactor(await wat(REACTOR)), begin: [["begin"]], use: [["use"]] });
  const item = { resource: `${BOX}#item`, handle: 1 };
  subjects.set("component", {
    guest: component(await keeperComponent()),
    begin: [["set-entry", 0], ["open"], ["next"], ["say"], ["timer", 1_000], ["header"], [`${BOX}#many`, 3]],
    use: [
      ["call-entry", 0],
      ["next"],
      ["say"],
      ["ready"],
      ["has-header"],
      [`${BOX}#[method]item.get`, item],
      [`${BOX}#[resource-drop]item`, item],
      [`${BOX}#many`, 2],
      ["drop-file"],
    ],
  });
});

function optionsFor(guest: GuestModule): SandboxOptions {
  const files = { "/work": memoryDirectory({ maxBytes: 100_000, maxEntries: 50, files: { "a.txt": "abc" } }) };
  return { guest, files, limits: { fuel: 5e7, timeoutMs: 2_000 }, clock: "virtual", random: { seed: 1 } };
}

async function callAll(sandbox: Sandbox, calls: Subject["use"]): Promise<RunResult[]> {
  const results: RunResult[] = [];
  for (const [name, ...args] of calls) results.push(await sandbox.call(name, ...args));
  return results;
}

describe.each(["reactor", "component"])("a damaged snapshot of a %s", (kind) => {
  test(
    `is refused or gives a sealed sandbox, in ${COUNT} cases`,
    async () => {
      const subject = subjects.get(kind);
      if (subject === undefined) throw new Error("no such subject");
      const sandbox = await Sandbox.create(optionsFor(subject.guest));
      for (const { status } of await callAll(sandbox, subject.begin)) expect(status).toBe("ok");
      const original = await sandbox.snapshot();
      sandbox.close();
      const sections = takeApart(original);
      const whole = await restored(original, optionsFor(subject.guest));
      for (const result of whole === undefined ? [] : await callAll(whole, subject.use))
        expect(result.status).toBe("ok");
      expect(whole).toBeDefined();
      whole?.close();
      let accepted = 0;
      await fc.assert(
        fc.asyncProperty(mutations, async (mutation) => {
          const copy = await restored(mutate(original, sections, mutation), optionsFor(subject.guest));
          if (copy === undefined) return;
          accepted += 1;
          for (const { status, usage } of await callAll(copy, subject.use)) {
            expect(["ok", "error", "limit"]).toContain(status);
            expect(usage.memoryBytes).toBeLessThanOrEqual(copy.limits.memoryBytes);
          }
          await copy.reset();
          for (const { status } of await callAll(copy, subject.begin)) expect(status).toBe("ok");
          copy.close();
        }),
        { numRuns: COUNT, endOnFailure: true },
      );
      expect(accepted).toBeGreaterThan(0);
      expect(accepted).toBeLessThan(COUNT);
    },
    20 * 60_000,
  );
});
