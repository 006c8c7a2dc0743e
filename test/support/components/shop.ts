import { componentEmbed, componentNew } from "@bytecodealliance/jco";
import { wat } from "../wat.ts";

/** A world with an interface and a function to import, and an interface and functions to export. */
const WIT = `package acme:orders@1.2.0;
interface api {
  record order { id: string, total: f64, tags: list<string>, extra: option<u64> }
  get-order: func(id: string, page-no: u64) -> result<order, string>;
}
interface calc {
  echo: func(text: string) -> string;
  add-up: func(values: list<u64>) -> u64;
  total-of: func(id: string) -> result<f64, string>;
}
world shop {
  import api;
  import greet: func(name: string) -> string;
  export calc;
  export twice: func(n: u32) -> u32;
  export hello: func() -> string;
  export spin: func();
  export fill: func(n: u32);
}`;

const CORE = `(module
  (import "acme:orders/api@1.2.0" "get-order" (func $get (param i32 i32 i64 i32)))
  (import "$root" "greet" (func $greet (param i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "world")
  (global $next (mut i32) (i32.const 4096))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (local i32 i32)
    (local.set 4 (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
    (global.set $next (i32.add (local.get 4) (local.get 3)))
    (local.set 5 (i32.sub (i32.add (i32.shr_u (global.get $next) (i32.const 16)) (i32.const 1)) (memory.size)))
    (if (i32.gt_s (local.get 5) (i32.const 0)) (then (drop (memory.grow (local.get 5)))))
    (local.get 4))
  (func (export "acme:orders/calc@1.2.0#echo") (param i32 i32) (result i32)
    (i32.store (i32.const 16) (local.get 0)) (i32.store (i32.const 20) (local.get 1))
    (global.set $next (i32.const 4096)) (i32.const 16))
  (func (export "acme:orders/calc@1.2.0#add-up") (param i32 i32) (result i64) (local i64)
    (block $end (loop $more (br_if $end (i32.eqz (local.get 1)))
      (local.set 2 (i64.add (local.get 2) (i64.load (local.get 0))))
      (local.set 0 (i32.add (local.get 0) (i32.const 8))) (local.set 1 (i32.sub (local.get 1) (i32.const 1))) (br $more)))
    (local.get 2))
  (func (export "acme:orders/calc@1.2.0#total-of") (param i32 i32) (result i32)
    (call $get (local.get 0) (local.get 1) (i64.const 9007199254740993) (i32.const 128))
    (if (i32.load8_u (i32.const 128)) (then
      (i32.store8 (i32.const 256) (i32.const 1))
      (i32.store (i32.const 264) (i32.load (i32.const 136))) (i32.store (i32.const 268) (i32.load (i32.const 140)))
      (return (i32.const 256))))
    (i32.store8 (i32.const 256) (i32.const 0)) (f64.store (i32.const 264) (f64.load (i32.const 144))) (i32.const 256))
  (func (export "twice") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
  (func (export "hello") (result i32) (call $greet (i32.const 64) (i32.const 5) (i32.const 32)) (i32.const 32))
  (func (export "spin") (loop $again (br $again)))
  (func (export "fill") (param i32) (if (i32.eq (memory.grow (local.get 0)) (i32.const -1)) (then unreachable)))
)`;

/** The component that the tests of components use. */
export async function shopComponent(): Promise<Uint8Array<ArrayBuffer>> {
  const embedded = await componentEmbed({ binary: await wat(CORE), witSource: WIT, world: "shop" });
  return Uint8Array.from(await componentNew(embedded, []));
}
