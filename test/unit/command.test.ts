import { describe, expect, test } from "vitest";
import { command, component, memoryDirectory, reactor, Sandbox } from "../../src/index.ts";
import type { SandboxOptions } from "../../src/index.ts";
import { wat } from "../support/wat.ts";

const IMPORTS = `
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))`;

/** A module whose `_start` has the given body, with a memory of one page that may grow. */
async function program(body: string): Promise<Uint8Array<ArrayBuffer>> {
  return await wat(`(module ${IMPORTS}
    (memory (export "memory") 1)
    (func $write (param $at i32) (param $length i32)
      (i32.store (i32.const 0) (local.get $at)) (i32.store (i32.const 4) (local.get $length))
      (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
    (func (export "_start") ${body}))`);
}

async function start(body: string, options: Omit<SandboxOptions, "guest"> = {}): Promise<Sandbox> {
  return await Sandbox.create({ guest: command(await program(body)), ...options });
}

/** Asks for a sleep of a given time on the monotonic clock. */
function sleep(nanoseconds: string): string {
  return `(i32.store8 (i32.const 1032) (i32.const 0)) (i32.store (i32.const 1040) (i32.const 1))
    (i64.store (i32.const 1048) (i64.const ${nanoseconds}))
    (drop (call $poll_oneoff (i32.const 1024) (i32.const 2048) (i32.const 1) (i32.const 3072)))`;
}

describe("a command", () => {
  test("gets arguments and input, writes output and ends with its code", async () => {
    const sandbox = await start(`
      (drop (call $args_sizes_get (i32.const 16) (i32.const 20)))
      (drop (call $args_get (i32.const 64) (i32.const 256)))
      (call $write (i32.const 256) (i32.load (i32.const 20)))
      (i32.store (i32.const 0) (i32.const 512)) (i32.store (i32.const 4) (i32.const 100))
      (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 24)))
      (call $write (i32.const 512) (i32.load (i32.const 24)))
      (call $proc_exit (i32.const 7))`);
    const first = await sandbox.run({ args: ["a", "bc"], stdin: "input" });
    expect(first).toMatchObject({
      status: "error",
      error: { name: "SystemExit", message: "The guest exited with code 7" },
      exitCode: 7,
      stdout: "main.wasm\0a\0bc\0input",
      sandbox: "kept",
    });
    const second = await sandbox.run();
    expect(second.stdout).toBe("main.wasm\0");
    sandbox.close();
  });

  test("that returns from _start ended with code 0; each run is a process of its own", async () => {
    const sandbox = await start(`
      (i32.store (i32.const 128) (i32.add (i32.load (i32.const 128)) (i32.const 49)))
      (call $write (i32.const 128) (i32.const 1))`);
    for (const _ of [1, 2]) {
      expect(await sandbox.run()).toMatchObject({ status: "ok", value: undefined, exitCode: 0, stdout: "1" });
    }
    expect(sandbox.runSync()).toMatchObject({ status: "ok", stdout: "1" });
    sandbox.close();
  });

  test("that traps is an error, without an exit code", async () => {
    const sandbox = await start(`unreachable`);
    const result = await sandbox.run();
    expect(result).toMatchObject({ status: "error", error: { name: "Trap", message: "unreachable executed" } });
    expect(result).not.toHaveProperty("exitCode");
    sandbox.close();
  });

  test("is stopped by fuel, time, stack and memory", async () => {
    const loop = await start(`(loop $again (br $again))`, { limits: { fuel: 5_000_000 } });
    expect(await loop.run()).toMatchObject({ status: "limit", limit: "fuel" });
    const slow = await start(`(loop $again (br $again))`, { limits: { timeoutMs: 30 } });
    expect(await slow.run()).toMatchObject({ status: "limit", limit: "time" });
    const deep = await Sandbox.create({
      guest: command(
        await wat(`(module (memory (export "memory") 1)
        (func $f (param i32) (result i32) (i32.add (call $f (local.get 0)) (i32.const 1)))
        (func (export "_start") (drop (call $f (i32.const 1)))))`),
      ),
    });
    expect(await deep.run()).toMatchObject({ status: "limit", limit: "stack" });
    const hungry = await start(
      `(loop $again (br_if $again (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) unreachable`,
      {
        limits: { memoryBytes: 8 * 2 ** 20 },
      },
    );
    const result = await hungry.run();
    expect(result).toMatchObject({ status: "limit", limit: "memory", usage: { memoryBytes: 7 * 2 ** 20 + 65_536 } });
    for (const sandbox of [loop, slow, deep, hungry]) sandbox.close();
  });

  test("sleeps on its clock, and not beyond the deadline", async () => {
    const virtual = await start(sleep("3600000000000"), { clock: "virtual" });
    expect(await virtual.run()).toMatchObject({ status: "ok" });
    const real = await start(sleep("3600000000000"), { limits: { timeoutMs: 50 } });
    const result = await real.run();
    expect(result).toMatchObject({ status: "limit", limit: "time" });
    expect(result.usage.wallMs).toBeLessThan(5_000);
    virtual.close();
    real.close();
  });

  test("draws its randomness from the sandbox", async () => {
    const body = `(drop (call $random_get (i32.const 64) (i32.const 8))) (call $write (i32.const 64) (i32.const 8))`;
    const outputs: string[] = [];
    for (const seed of [1, 1, 2]) {
      const sandbox = await start(body, { random: { seed } });
      outputs.push((await sandbox.run()).stdout);
      sandbox.close();
    }
    expect(outputs[0]).toBe(outputs[1]);
    expect(outputs[0]).not.toBe(outputs[2]);
  });

  test("answers EFAULT for every address outside of its memory", async () => {
    const sandbox = await start(`
      (i32.store (i32.const 64) (call $random_get (i32.const -1) (i32.const 2)))
      (i32.store (i32.const 68) (call $fd_write (i32.const 1) (i32.const 65533) (i32.const 1) (i32.const 8)))
      (i32.store (i32.const 0) (i32.const 65000)) (i32.store (i32.const 4) (i32.const -1))
      (i32.store (i32.const 72) (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
      (i32.store (i32.const 76) (call $args_get (i32.const 65535) (i32.const 0)))
      (i32.store (i32.const 80) (call $poll_oneoff (i32.const 65000) (i32.const 0) (i32.const 1000) (i32.const 0)))
      (if (i32.or (i32.or (i32.ne (i32.load (i32.const 64)) (i32.const 21)) (i32.ne (i32.load (i32.const 68)) (i32.const 21)))
          (i32.or (i32.ne (i32.load (i32.const 72)) (i32.const 21))
            (i32.or (i32.ne (i32.load (i32.const 76)) (i32.const 21)) (i32.ne (i32.load (i32.const 80)) (i32.const 21)))))
        (then (call $proc_exit (i32.const 1))))`);
    expect(await sandbox.run()).toMatchObject({ status: "ok", exitCode: 0 });
    sandbox.close();
  });
});

describe("Sandbox.create with a binary", () => {
  test.each([
    [
      `(module (import "env" "system" (func)) (func (export "_start")))`,
      'it imports "env" "system" (not a WASI preview 1 import)',
    ],
    [
      `(module (import "wasi_snapshot_preview1" "fd_read" (func (param f64))) (func (export "_start")))`,
      '"fd_read" (of type (f64) -> () where WASI has (i32, i32, i32, i32) -> (i32))',
    ],
    [
      `(module (import "wasi_snapshot_preview1" "memory" (memory 1)) (func (export "_start")))`,
      "an imported memory shares state with the host",
    ],
    [`(module (func (export "main")))`, '"_start" is not exported; a library without it is a reactor(bytes)'],
    [`(module (func (export "_start") (param i32)))`, '"_start" is a function (i32) -> ()'],
    [`(module (memory 1) (memory 1) (func (export "_start")))`, "it has 2 memories, one is allowed"],
    [`(module (memory 1 1 shared) (func (export "_start")))`, "it needs shared memory; guests have no threads"],
  ])("refuses %s", async (text, message) => {
    await expect(Sandbox.create({ guest: command(await wat(text)) })).rejects.toThrow(message);
  });

  test("says what is wrong with its arguments", async () => {
    const bytes = await program("");
    expect(() => command(new TextEncoder().encode("#!/bin/sh"))).toThrow("the bytes are not WebAssembly");
    expect(() => command("x" as never)).toThrow(TypeError);
    expect(() => component(bytes)).toThrow("they are a core module; use command(bytes) or reactor(bytes)");
    const whole = await wat("(component)");
    expect(() => reactor(whole)).toThrow("they are a component; use component(bytes)");
    await expect(Sandbox.create({ language: "python", guest: command(bytes) })).rejects.toThrow("cannot both be given");
    await expect(Sandbox.create({ guest: { kind: "command" } as never })).rejects.toThrow("guest must be made with");
    const sandbox = await Sandbox.create({ guest: command(bytes) });
    await expect(sandbox.run("1 + 1")).rejects.toThrow(
      "a command takes no source; give its arguments as run({ args, stdin })",
    );
    await expect(sandbox.call("f")).rejects.toThrow("a command guest has no functions to call");
    sandbox.close();
  });

  test("takes a copy of the bytes, and makes sandboxes of the same bytes share the work", async () => {
    const bytes = await program(`(call $proc_exit (i32.const 3))`);
    const guest = command(bytes);
    bytes.fill(0);
    const sandbox = await Sandbox.create({ guest, files: { "/w": memoryDirectory() } });
    expect(await sandbox.run()).toMatchObject({ exitCode: 3 });
    sandbox.close();
  });
});
