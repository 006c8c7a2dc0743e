import { expect, test } from "vitest";
import { component, Sandbox } from "../../src/index.ts";
import { wat } from "../support/wat.ts";

// jco alone refuses a core module with exception handling; it is shown a twin without code.
test("a component whose code throws and catches loads and runs", async () => {
  const bytes = await wat(`(component
    (core module $m
      (tag $odd (param i32))
      (func $check (param i32) (if (i32.and (local.get 0) (i32.const 1)) (then (throw $odd (local.get 0)))))
      (func (export "parity") (param i32) (result i32)
        try (result i32)
          local.get 0
          call $check
          i32.const 0
        catch $odd
        end))
    (core instance $i (instantiate $m))
    (func (export "parity") (param "n" u32) (result u32) (canon lift (core func $i "parity"))))`);
  const sandbox = await Sandbox.create({ guest: component(bytes) });
  expect(await sandbox.call("parity", 4)).toMatchObject({ status: "ok", value: 0 });
  expect(await sandbox.call("parity", 7)).toMatchObject({ status: "ok", value: 7 });
  sandbox.close();
});

test("a component of components shares one fuel and one cap among all its modules", async () => {
  const inner = (name: string): string => `(component $${name}
    (core module $m
      (memory (export "memory") 1)
      (func (export "work") (param i32) (result i32) (loop $more
        (br_if $more (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (memory.size))
      (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))
    (core instance $i (instantiate $m))
    (func (export "work") (param "n" u32) (result u32) (canon lift (core func $i "work")))
    (func (export "grow") (param "n" u32) (result u32) (canon lift (core func $i "grow"))))`;
  const bytes = await wat(`(component ${inner("a")} ${inner("b")}
    (instance $first (instantiate $a)) (instance $second (instantiate $b))
    (alias export $first "work" (func $work-a)) (alias export $second "work" (func $work-b))
    (alias export $first "grow" (func $grow-a))
    (export "work-a" (func $work-a)) (export "work-b" (func $work-b)) (export "grow-a" (func $grow-a)))`);
  const sandbox = await Sandbox.create({
    guest: component(bytes),
    limits: { fuel: 60_000_000, memoryBytes: 16 * 2 ** 20 },
  });
  const first = await sandbox.call("work-a", 1_000_000);
  const second = await sandbox.call("work-b", 1_000_000);
  expect([first.status, second.status]).toEqual(["ok", "ok"]);
  expect(second.usage.fuel).toBeGreaterThan(1_000_000);
  expect(await sandbox.call("work-b", 100_000_000)).toMatchObject({ status: "limit", limit: "fuel" });
  // Two memories: each may have half of the cap.
  expect(await sandbox.call("grow-a", 127)).toMatchObject({ status: "ok", value: 1 });
  expect(await sandbox.call("grow-a", 1)).toMatchObject({ status: "ok", value: 0xffff_ffff });
  sandbox.close();
});

test("no handler of a component's catches what its host refuses", async () => {
  const bytes = await wat(`(component
    (import "wasi:io/poll@0.2.0" (instance $poll
      (export "pollable" (type $p (sub resource)))
      (export "[method]pollable.block" (func (param "self" (borrow $p))))))
    (core func $block (canon lower (func $poll "[method]pollable.block")))
    (core module $m
      (import "host" "block" (func $block (param i32)))
      (func (export "insist") (result i32) (local i32)
        (loop $again
          (local.set 0 (i32.add (local.get 0) (i32.const 1)))
          try
            i32.const 99
            call $block
          catch_all
          end
          (br_if $again (i32.lt_u (local.get 0) (i32.const 1000))))
        (local.get 0)))
    (core instance $i (instantiate $m (with "host" (instance (export "block" (func $block))))))
    (func (export "insist") (result u32) (canon lift (core func $i "insist"))))`);
  const sandbox = await Sandbox.create({ guest: component(bytes) });
  expect(await sandbox.call("insist")).toMatchObject({
    status: "error",
    error: { name: "Trap", message: "the component made a call that is not sound: no such handle" },
    sandbox: "reset",
  });
  sandbox.close();
});
