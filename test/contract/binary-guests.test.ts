// Commands, reactors and components over every execution: what is called and given back is the same.
import { describe, expect, test } from "vitest";
import { command, component, reactor, Sandbox, tool } from "wardian";
import { shopComponent } from "../support/components/shop.ts";
import { wat } from "../support/wat.ts";

const EXIT = `(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1) (func (export "_start") (call $exit (i32.const 9))))`;
const ADD = `(module (func (export "add") (param i64) (result i64) (i64.add (local.get 0) (i64.const 1))))`;

describe.each(["inline", "worker", "process"] as const)("execution %s", (execution) => {
  test("a command's exit code comes back", { timeout: 60_000 }, async () => {
    const sandbox = await Sandbox.create({ guest: command(await wat(EXIT)), execution });
    expect(await sandbox.run()).toMatchObject({ status: "error", exitCode: 9 });
    sandbox.close();
  });

  test("a reactor is called with bigints, and says what is wrong with a call", { timeout: 60_000 }, async () => {
    const sandbox = await Sandbox.create({ guest: reactor(await wat(ADD)), execution });
    expect(await sandbox.call("add", 41n)).toMatchObject({ status: "ok", value: 42n });
    await expect(sandbox.call("add", 41)).rejects.toThrow("argument 1 is an i64, so it must be a bigint");
    sandbox.close();
  });

  test("a component is called and calls its tools", { timeout: 60_000 }, async () => {
    const sandbox = await Sandbox.create({
      guest: component(await shopComponent()),
      execution,
      tools: {
        greet: tool({ run: ({ name }: Record<string, unknown>) => `Hello, ${String(name)}!` }),
        "acme:orders/api#get-order": tool({ run: () => ({}) }),
      },
    });
    expect(await sandbox.call("twice", 4)).toMatchObject({ status: "ok", value: 8 });
    const greeted = await sandbox.call("hello");
    expect(greeted).toMatchObject({ status: "ok", value: "Hello, world!" });
    sandbox.close();
  });
});
