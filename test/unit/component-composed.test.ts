// Components that are made of components hand resources to each other; the glue keeps a table for each side.
import { describe, expect, test } from "vitest";
import { component, Sandbox } from "../../src/index.ts";
import { kept } from "../support/kept-sandboxes.ts";
import { wat } from "../support/wat.ts";

const COMPOSED = `(component
  (component $maker
    (type $r' (resource (rep i32)))
    (export $r "r" (type $r'))
    (core func $new (canon resource.new $r'))
    (core func $rep (canon resource.rep $r'))
    (core module $m
      (import "" "new" (func $new (param i32) (result i32)))
      (func (export "make") (param i32) (result i32) (call $new (local.get 0)))
      (func (export "read") (param i32) (result i32) (local.get 0)))
    (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
    (func (export "make") (param "n" u32) (result (own $r)) (canon lift (core func $i "make")))
    (func (export "read") (param "it" (borrow $r)) (result u32) (canon lift (core func $i "read"))))
  (component $user
    (import "maker" (instance $maker
      (export "r" (type $r (sub resource)))
      (export "make" (func (param "n" u32) (result (own $r))))
      (export "read" (func (param "it" (borrow $r)) (result u32)))))
    (core func $make (canon lower (func $maker "make")))
    (core func $read (canon lower (func $maker "read")))
    (core module $m
      (import "" "make" (func $make (param i32) (result i32)))
      (import "" "read" (func $read (param i32) (result i32)))
      (global $kept (mut i32) (i32.const 0))
      (func (export "keep") (param i32) (global.set $kept (call $make (local.get 0))))
      (func (export "look") (result i32) (call $read (global.get $kept))))
    (core instance $i (instantiate $m (with "" (instance (export "make" (func $make)) (export "read" (func $read))))))
    (func (export "keep") (param "n" u32) (canon lift (core func $i "keep")))
    (func (export "look") (result u32) (canon lift (core func $i "look"))))
  (instance $a (instantiate $maker))
  (instance $b (instantiate $user (with "maker" (instance $a))))
  (export "keep" (func $b "keep"))
  (export "look" (func $b "look")))`;

describe("a component of two components", () => {
  test("keeps what one holds of the other, in copies too", async () => {
    const guest = component(await wat(COMPOSED));
    const sandbox = await kept(Sandbox.create({ guest }));
    expect(await sandbox.call("keep", 42)).toMatchObject({ status: "ok" });
    const copies = [await kept(sandbox.fork()), await kept(Sandbox.restore(await sandbox.snapshot(), { guest }))];
    await sandbox.call("keep", 7);
    for (const copy of copies) expect(await copy.call("look")).toMatchObject({ status: "ok", value: 42 });
    expect(await sandbox.call("look")).toMatchObject({ status: "ok", value: 7 });
  });
});
