import { describe, expect, test } from "vitest";
import { reactor, Sandbox } from "../../src/index.ts";
import { wat } from "../support/wat.ts";

const COUNTER = `(module
        (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
        (memory (export "memory") 1)
        (table (export "table") 2 funcref) (elem (i32.const 0) $one)
        (global $count (mut i32) (i32.const 0))
        (func $one (result i32) (i32.const 1))
        (func $two (result i32) (i32.const 2))
        (elem declare func $two)
        (func (export "_initialize") (global.set $count (i32.const 100)) (i32.store (i32.const 0) (i32.const 7)))
        (func (export "add") (param i32) (result i32)
          (global.set $count (i32.add (global.get $count) (local.get 0))) (global.get $count))
        (func (export "poke") (param i32) (i32.store (i32.const 0) (local.get 0)))
        (func (export "peek") (result i32) (i32.load (i32.const 0)))
        (func (export "swap") (table.set (i32.const 0) (ref.func $two)))
        (func (export "indirect") (result i32) (call_indirect (result i32) (i32.const 0)))
        (func (export "wide") (param i64 f64) (result i64 f64) (i64.add (local.get 0) (i64.const 1)) (f64.neg (local.get 1)))
        (func (export "any") (param externref))
        (func (export "trap") unreachable)
        (func (export "quit") (call $proc_exit (i32.const 5)))
        (func (export "spin") (loop $again (br $again))))`;

const LIMITS = { fuel: 50_000_000 };

async function counter(): Promise<Sandbox> {
  return await Sandbox.create({ guest: reactor(await wat(COUNTER)), limits: LIMITS });
}

describe("a reactor", () => {
  test("is initialised once and keeps its state from call to call", async () => {
    const sandbox = await counter();
    expect(await sandbox.call("add", 1)).toMatchObject({ status: "ok", value: 101, sandbox: "kept" });
    expect(await sandbox.call("add", 2)).toMatchObject({ status: "ok", value: 103 });
    expect(await sandbox.call("wide", 41n, 1.5)).toMatchObject({ status: "ok", value: [42n, -1.5] });
    sandbox.close();
  });

  test("goes back to what _initialize left: memory, globals and table", async () => {
    const sandbox = await counter();
    await sandbox.call("add", 1);
    await sandbox.call("poke", 9);
    await sandbox.call("swap");
    expect((await sandbox.call("indirect")) as unknown).toMatchObject({ value: 2 });
    await sandbox.reset();
    expect(await sandbox.call("peek")).toMatchObject({ value: 7 });
    expect(await sandbox.call("indirect")).toMatchObject({ value: 1 });
    expect(await sandbox.call("add", 0)).toMatchObject({ value: 100 });
    sandbox.close();
  });

  test("is forked, and goes on from a snapshot where it stood", async () => {
    const sandbox = await counter();
    const untouched = await sandbox.fork();
    expect(await untouched.call("add", 1)).toMatchObject({ value: 101 });
    await sandbox.call("add", 5);
    await sandbox.call("poke", 9);
    const fork = await sandbox.fork();
    const bytes = await sandbox.snapshot();
    expect(await fork.call("add", 1)).toMatchObject({ status: "ok", value: 106 });
    expect(await fork.call("indirect")).toMatchObject({ value: 1 });
    expect(await sandbox.call("add", 2)).toMatchObject({ value: 107 });
    const restored = await Sandbox.restore(bytes, { guest: reactor(await wat(COUNTER)), limits: LIMITS });
    expect(await restored.call("peek")).toMatchObject({ value: 9 });
    expect(await restored.call("add", 3)).toMatchObject({ value: 108 });
    await restored.reset();
    expect(await restored.call("add", 0)).toMatchObject({ value: 100 });
    const other = reactor(await wat(`(module (memory (export "memory") 1) (func (export "add")))`));
    await expect(Sandbox.restore(bytes, { guest: other, limits: LIMITS })).rejects.toMatchObject({
      code: "foreign-snapshot",
    });
    for (const open of [sandbox, untouched, fork, restored]) open.close();
  });

  test("starts afresh after it was stopped", async () => {
    const sandbox = await counter();
    for (const [name, expected] of [
      ["trap", { status: "error", error: { name: "Trap" } }],
      ["spin", { status: "limit", limit: "fuel" }],
      ["quit", { status: "error", exitCode: 5 }],
    ] as const) {
      await sandbox.call("add", 1);
      expect(await sandbox.call(name)).toMatchObject({ ...expected, sandbox: "reset" });
      expect(await sandbox.call("add", 1)).toMatchObject({ status: "ok", value: 101 });
      await sandbox.reset();
    }
    sandbox.close();
  });

  test("is called under limits of one call", async () => {
    const sandbox = await counter();
    expect(await sandbox.call({ function: "spin", limits: { fuel: 1_000_000 } })).toMatchObject({
      limit: "fuel",
      allowed: 1e6,
    });
    await expect(sandbox.call({ function: "spin", limits: { fuel: 1e12 } })).rejects.toThrow(
      "a run can only tighten a limit",
    );
    sandbox.close();
  });

  test("refuses what is no call of one of its functions", async () => {
    const sandbox = await counter();
    for (const [args, message] of [
      [["nothing"], 'Cannot call "nothing": the module exports no such function; it exports "_initialize", "add"'],
      [["memory"], "the module exports no such function"],
      [["wardian.fuel"], "the module exports no such function"],
      [["add"], 'Cannot call "add": it takes 1 numbers (i32) -> (i32), not 0'],
      [["add", "1"], "argument 1 is an i32, so it must be a number"],
      [["wide", 1, 2], "argument 1 is an i64, so it must be a bigint"],
      [["any", {}], "is not of numbers alone, and only numbers cross"],
      [[7], "the function must be named by a string"],
    ] as const) {
      await expect(sandbox.call(...(args as unknown as [string]))).rejects.toThrow(message);
    }
    await expect(sandbox.run()).rejects.toThrow("a reactor has no start; call an export with call(name, ...numbers)");
    sandbox.close();
    await expect(sandbox.call("add", 1)).rejects.toThrow("the sandbox is closed");
  });
});
