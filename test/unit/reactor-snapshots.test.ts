// What of a core module's state is neither memory nor number: functions in tables and globals, and what is open.
import { describe, expect, test } from "vitest";
import { command, memoryDirectory, reactor, Sandbox } from "../../src/index.ts";
import type { SandboxOptions } from "../../src/index.ts";
import { kept } from "../support/kept-sandboxes.ts";
import { putTogether, takeApart } from "../support/snapshot-parts.ts";
import { wat } from "../support/wat.ts";

const TABLES = `(module
  (type $f (func (result i32)))
  (memory (export "memory") 1)
  (table $t 4 100 funcref) (elem (i32.const 0) $one)
  (global $kept (mut funcref) (ref.null func))
  (func $one (result i32) (i32.const 1))
  (func $two (result i32) (i32.const 2))
  (func $three (result i32) (i32.const 3))
  (func (export "four") (result i32) (i32.const 4))
  (elem $passive func $three)
  (elem declare func $two)
  (func (export "set-declared") (param i32) (table.set (local.get 0) (ref.func $two)))
  (func (export "init-passive") (param i32) (table.init $t $passive (local.get 0) (i32.const 0) (i32.const 1)))
  (func (export "move") (param i32 i32) (table.set (local.get 0) (table.get (local.get 1))))
  (func (export "clear") (param i32) (table.set (local.get 0) (ref.null func)))
  (func (export "grow") (param i32) (result i32) (table.grow (ref.func 3) (local.get 0)))
  (func (export "size") (result i32) (table.size))
  (func (export "keep") (param i32) (global.set $kept (table.get (local.get 0))))
  (func (export "put-kept") (param i32) (table.set (local.get 0) (global.get $kept)))
  (func (export "call") (param i32) (result i32) (call_indirect (type $f) (local.get 0))))`;

async function value(sandbox: Sandbox, name: string, ...args: number[]): Promise<unknown> {
  const result = await sandbox.call(name, ...args);
  return result.status === "ok" ? result.value : result.status;
}

describe("a reactor that has changed its table", () => {
  test("has functions of every kind in its copies, from segments, exports, other entries and globals", async () => {
    const guest = reactor(await wat(TABLES));
    const sandbox = await kept(Sandbox.create({ guest }));
    await sandbox.call("set-declared", 1);
    await sandbox.call("init-passive", 2);
    await sandbox.call("grow", 3);
    await sandbox.call("keep", 0);
    await sandbox.call("move", 0, 2);
    const entries = async (of: Sandbox): Promise<unknown[]> => {
      const list: unknown[] = [await value(of, "size")];
      for (let index = 0; index < 7; index++) list.push(await value(of, "call", index));
      return list;
    };
    const expected = [7, 3, 2, 3, "error", 4, 4, 4];
    const fork = await kept(sandbox.fork());
    const restored = await kept(Sandbox.restore(await sandbox.snapshot(), { guest }));
    const again = await kept(Sandbox.restore(await restored.snapshot(), { guest }));
    const worker = await kept(Sandbox.restore(await sandbox.snapshot(), { guest, execution: "worker" }));
    for (const copy of [fork, again, worker]) {
      await copy.call("put-kept", 3);
      expect(await value(copy, "call", 3)).toBe(1);
      await copy.call("clear", 3);
    }
    for (const copy of [restored, again]) {
      // A trap resets: what the table held is asked of copies of their own.
      const asked = [];
      for (let index = 0; index < 7; index++) asked.push(await value(await kept(copy.fork()), "call", index));
      expect([await value(copy, "size"), ...asked]).toStrictEqual(expected);
    }
    expect(await entries(restored)).not.toStrictEqual(expected);
    await fork.reset();
    expect([await value(fork, "size"), await value(fork, "call", 0)]).toStrictEqual([4, 1]);
  });

  test("is not copied if an entry has no name", async () => {
    const many = Array.from({ length: 20_001 }, (_, index) => `(func $f${index})`).join("");
    const names = Array.from({ length: 20_001 }, (_, index) => `$f${index}`).join(" ");
    const guest = reactor(
      await wat(
        `(module (table 1 funcref) ${many} (elem declare func ${names}) (func (export "set") (table.set (i32.const 0) (ref.func $f7))))`,
      ),
    );
    const sandbox = await kept(Sandbox.create({ guest }));
    await sandbox.call("set");
    await expect(sandbox.snapshot()).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringContaining("table 0 holds a reference that no export and no element segment names"),
    });
    expect(await sandbox.call("set")).toMatchObject({ status: "ok" });
  });

  test("gets nothing into its table by a forged snapshot that is not its own", async () => {
    const guest = reactor(await wat(TABLES));
    const sandbox = await kept(Sandbox.create({ guest }));
    await sandbox.call("set-declared", 1);
    const sections = takeApart(await sandbox.snapshot());
    const data = Buffer.from(sections.get("DATA") ?? []);
    for (const [from, to] of [
      ["wardian.function", "wardian.exhauste"],
      ["wardian.function", "constructor\u0000\u0000\u0000\u0000\u0000"],
      ["export", "expert"],
      ["changed", "chanted"],
      ["length", "lenght"],
    ] as const) {
      const at = data.indexOf(from);
      expect(at).toBeGreaterThan(0);
      const forged = Buffer.from(data);
      forged.write(to, at);
      const bytes = putTogether(new Map([...sections, ["DATA", Uint8Array.from(forged)]]));
      await expect(Sandbox.restore(bytes, { guest })).rejects.toMatchObject({ code: "invalid-snapshot" });
    }
  });
});

/** Opens "a.txt" in the preopened directory "/work", and reads or writes it one byte at a time. */
const FILES = `(module
  (import "wasi_snapshot_preview1" "path_open" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_prestat_get" (func $prestat (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "a.txt")
  (data (i32.const 16) "\\40\\00\\00\\00\\01\\00\\00\\00")
  (global $fd (mut i32) (i32.const -1))
  (func (export "open") (result i32)
    (local $error i32)
    (local.set $error (call $open (i32.const 4) (i32.const 0) (i32.const 0) (i32.const 5) (i32.const 0)
      (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 32)))
    (global.set $fd (i32.load (i32.const 32)))
    (local.get $error))
  (func (export "next") (result i32)
    (local $error i32)
    (local.set $error (call $read (global.get $fd) (i32.const 16) (i32.const 1) (i32.const 32)))
    (if (result i32) (local.get $error) (then (i32.sub (i32.const 0) (local.get $error)))
      (else (if (result i32) (i32.load (i32.const 32)) (then (i32.load8_u (i32.const 64))) (else (i32.const 0))))))
  (func (export "preopens") (result i32) (call $prestat (i32.const 4) (i32.const 32))))`;

function withFile(guest: SandboxOptions["guest"]): SandboxOptions {
  return { guest, files: { "/work": memoryDirectory({ files: { "a.txt": "abc" } }) } };
}

describe("a reactor with an open file", () => {
  test("goes on reading where it stood, each copy for itself", async () => {
    const guest = reactor(await wat(FILES));
    const sandbox = await kept(Sandbox.create(withFile(guest)));
    expect(await value(sandbox, "open")).toBe(0);
    expect(await value(sandbox, "next")).toBe(97);
    const bytes = await sandbox.snapshot();
    const copies = [await kept(sandbox.fork()), await kept(Sandbox.restore(bytes, withFile(guest)))];
    for (const copy of [...copies, sandbox]) {
      expect(await value(copy, "next")).toBe(98);
      expect(await value(copy, "next")).toBe(99);
      expect(await value(copy, "next")).toBe(0);
      expect(await value(copy, "preopens")).toBe(0);
    }
    const gone = await kept(Sandbox.restore(bytes, { guest, acceptPolicyChange: true }));
    // EIO: what the new policy does not grant.
    expect(await value(gone, "next")).toBe(-29);
  });
});

test("a command's sandbox is copied with its files", async () => {
  const guest = command(
    await wat(`(module
      (import "wasi_snapshot_preview1" "path_create_directory" (func $make (param i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (memory (export "memory") 1) (data (i32.const 0) "made")
      (func (export "_start") (call $exit (call $make (i32.const 4) (i32.const 0) (i32.const 4)))))`),
  );
  const options = (): SandboxOptions => ({ guest, files: { "/work": memoryDirectory() } });
  const sandbox = await kept(Sandbox.create(options()));
  expect(await sandbox.run()).toMatchObject({ status: "ok", exitCode: 0 });
  const copies = [await kept(sandbox.fork()), await kept(Sandbox.restore(await sandbox.snapshot(), options()))];
  // 20: EEXIST.
  for (const copy of copies) expect(await copy.run()).toMatchObject({ status: "error", exitCode: 20 });
});
