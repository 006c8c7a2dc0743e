import { componentEmbed, componentNew } from "@bytecodealliance/jco";
import { wat } from "../wat.ts";
import { VERSION, wasiSource } from "./wasi-wit.ts";

/** A world whose component keeps what it is given from call to call: handles of WASI's resources, items of its own, a table. */
const WIT = `package test:keeper;
interface box {
  resource item { constructor(n: u32); get: func() -> u32; add: func(n: u32); twin: static func(n: u32) -> item; }
  take: func(it: item) -> u32;
  both: func(a: borrow<item>, b: borrow<item>) -> u32;
  many: func(n: u32) -> list<item>;
  alive: func() -> u32;
}
world keeper {
  import wasi:filesystem/types@${VERSION}; import wasi:filesystem/preopens@${VERSION};
  import wasi:io/streams@${VERSION}; import wasi:io/poll@${VERSION};
  import wasi:clocks/monotonic-clock@${VERSION}; import wasi:random/random@${VERSION};
  import wasi:cli/stdout@${VERSION}; import wasi:http/types@${VERSION};
  export box;
  export bump: func() -> u32;
  export set-entry: func(at: u32);
  export call-entry: func(at: u32) -> u32;
  export open: func() -> u32;
  export next: func() -> u32;
  export drop-file: func();
  export say: func();
  export timer: func(ms: u32);
  export ready: func() -> bool;
  export block: func();
  export random: func() -> u64;
  export header: func();
  export has-header: func() -> bool;
}
${wasiSource()}`;

const CORE = `(module
  (type $entry (func (result i32)))
  (import "wasi:filesystem/preopens@V" "get-directories" (func $dirs (param i32)))
  (import "wasi:filesystem/types@V" "[method]descriptor.open-at" (func $open-at (param i32 i32 i32 i32 i32 i32 i32)))
  (import "wasi:filesystem/types@V" "[method]descriptor.read-via-stream" (func $via (param i32 i64 i32)))
  (import "wasi:filesystem/types@V" "[resource-drop]descriptor" (func $drop-descriptor (param i32)))
  (import "wasi:io/streams@V" "[method]input-stream.read" (func $read (param i32 i64 i32)))
  (import "wasi:io/streams@V" "[method]output-stream.blocking-write-and-flush" (func $write (param i32 i32 i32 i32)))
  (import "wasi:cli/stdout@V" "get-stdout" (func $stdout (result i32)))
  (import "wasi:clocks/monotonic-clock@V" "subscribe-duration" (func $subscribe (param i64) (result i32)))
  (import "wasi:io/poll@V" "[method]pollable.ready" (func $ready (param i32) (result i32)))
  (import "wasi:io/poll@V" "[method]pollable.block" (func $block (param i32)))
  (import "wasi:random/random@V" "get-random-u64" (func $random (result i64)))
  (import "wasi:http/types@V" "[constructor]fields" (func $fields (result i32)))
  (import "wasi:http/types@V" "[method]fields.append" (func $append (param i32 i32 i32 i32 i32 i32)))
  (import "wasi:http/types@V" "[method]fields.has" (func $has (param i32 i32 i32) (result i32)))
  (import "[export]test:keeper/box" "[resource-new]item" (func $new (param i32) (result i32)))
  (import "[export]test:keeper/box" "[resource-rep]item" (func $rep (param i32) (result i32)))
  (import "[export]test:keeper/box" "[resource-drop]item" (func $drop-item (param i32)))
  (memory (export "memory") 2)
  (data (i32.const 64) "work/a.txt")
  (data (i32.const 80) "said")
  (data (i32.const 96) "x-kept")
  (table $t 4 funcref) (elem (i32.const 0) $one)
  (elem declare func $two)
  (global $bumps (mut i32) (i32.const 0))
  (global $file (mut i32) (i32.const 0)) (global $stream (mut i32) (i32.const 0)) (global $out (mut i32) (i32.const 0))
  (global $timer (mut i32) (i32.const 0)) (global $kept (mut i32) (i32.const 0))
  (global $alive (mut i32) (i32.const 0)) (global $items (mut i32) (i32.const 32768)) (global $next (mut i32) (i32.const 65536))
  (func $one (result i32) (i32.const 1))
  (func $two (result i32) (i32.const 2))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (global.set $next (i32.add (i32.const 65536) (i32.and (i32.add (global.get $next) (i32.const 1024)) (i32.const 32767))))
    (global.get $next))
  (func (export "bump") (result i32) (global.set $bumps (i32.add (global.get $bumps) (i32.const 1))) (global.get $bumps))
  (func (export "set-entry") (param i32) (table.set (local.get 0) (ref.func $two)))
  (func (export "call-entry") (param i32) (result i32) (call_indirect (type $entry) (local.get 0)))
  (func (export "open") (result i32)
    (call $dirs (i32.const 0))
    (call $open-at (i32.load (i32.load (i32.const 0))) (i32.const 0) (i32.const 64) (i32.const 10) (i32.const 0) (i32.const 1) (i32.const 16))
    (if (i32.load8_u (i32.const 16)) (then (return (i32.const 100))))
    (global.set $file (i32.load (i32.const 20)))
    (call $via (global.get $file) (i64.const 0) (i32.const 16))
    (global.set $stream (i32.load (i32.const 20)))
    (i32.load8_u (i32.const 16)))
  (func (export "next") (result i32)
    (call $read (global.get $stream) (i64.const 1) (i32.const 16))
    (if (result i32) (i32.load8_u (i32.const 16)) (then (i32.const 0)) (else (i32.load8_u (i32.load (i32.const 20))))))
  (func (export "drop-file") (call $drop-descriptor (global.get $file)))
  (func (export "say")
    (if (i32.eqz (global.get $out)) (then (global.set $out (call $stdout))))
    (call $write (global.get $out) (i32.const 80) (i32.const 4) (i32.const 16)))
  (func (export "timer") (param i32)
    (global.set $timer (call $subscribe (i64.mul (i64.extend_i32_u (local.get 0)) (i64.const 1000000)))))
  (func (export "ready") (result i32) (call $ready (global.get $timer)))
  (func (export "block") (call $block (global.get $timer)))
  (func (export "random") (result i64) (call $random))
  (func (export "header")
    (global.set $kept (call $fields))
    (call $append (global.get $kept) (i32.const 96) (i32.const 6) (i32.const 96) (i32.const 1) (i32.const 16)))
  (func (export "has-header") (result i32) (call $has (global.get $kept) (i32.const 96) (i32.const 6)))
  (func $make (param i32) (result i32)
    (global.set $items (i32.add (global.get $items) (i32.const 4)))
    (i32.store (global.get $items) (local.get 0))
    (global.set $alive (i32.add (global.get $alive) (i32.const 1)))
    (call $new (global.get $items)))
  (func (export "test:keeper/box#[constructor]item") (param i32) (result i32) (call $make (local.get 0)))
  (func (export "test:keeper/box#[static]item.twin") (param i32) (result i32) (call $make (i32.mul (local.get 0) (i32.const 2))))
  (func (export "test:keeper/box#[method]item.get") (param i32) (result i32) (i32.load (local.get 0)))
  (func (export "test:keeper/box#[method]item.add") (param i32 i32)
    (i32.store (local.get 0) (i32.add (i32.load (local.get 0)) (local.get 1))))
  (func (export "test:keeper/box#[dtor]item") (param i32) (global.set $alive (i32.sub (global.get $alive) (i32.const 1))))
  (func (export "test:keeper/box#take") (param i32) (result i32) (local i32)
    (local.set 1 (i32.load (call $rep (local.get 0)))) (call $drop-item (local.get 0)) (local.get 1))
  (func (export "test:keeper/box#both") (param i32 i32) (result i32)
    (i32.add (i32.load (local.get 0)) (i32.load (local.get 1))))
  (func (export "test:keeper/box#many") (param i32) (result i32) (local i32)
    (block $end (loop $more (br_if $end (i32.eq (local.get 1) (local.get 0)))
      (i32.store (i32.add (i32.const 65536) (i32.shl (local.get 1) (i32.const 2))) (call $make (local.get 1)))
      (local.set 1 (i32.add (local.get 1) (i32.const 1))) (br $more)))
    (i32.store (i32.const 32) (i32.const 65536)) (i32.store (i32.const 36) (local.get 0)) (i32.const 32))
  (func (export "test:keeper/box#alive") (result i32) (global.get $alive)))`;

/** The component that the tests of copies use. */
export async function keeperComponent(): Promise<Uint8Array<ArrayBuffer>> {
  const binary = await wat(CORE.replaceAll("@V", `@${VERSION}`));
  return Uint8Array.from(await componentNew(await componentEmbed({ binary, witSource: WIT, world: "keeper" }), []));
}
