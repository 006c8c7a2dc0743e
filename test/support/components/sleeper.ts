import { componentEmbed, componentNew } from "@bytecodealliance/jco";
import { wat } from "../wat.ts";
import { VERSION, wasiSource } from "./wasi-wit.ts";

const WIT = `package test:sleeper;
world sleeper { import wasi:clocks/monotonic-clock@${VERSION}; import wasi:io/poll@${VERSION}; export wasi:cli/run@${VERSION}; }
${wasiSource()}`;

const CORE = `(module
  (import "wasi:clocks/monotonic-clock@${VERSION}" "subscribe-duration" (func $subscribe (param i64) (result i32)))
  (import "wasi:io/poll@${VERSION}" "[method]pollable.block" (func $block (param i32)))
  (memory (export "memory") 1)
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
  (func (export "wasi:cli/run@${VERSION}#run") (result i32)
    (call $block (call $subscribe (i64.const 400000000)))
    (i32.const 0)))`;

/** A command of WASI 0.2 that waits 400 ms and ends well. */
export async function sleeperComponent(): Promise<Uint8Array<ArrayBuffer>> {
  const embedded = await componentEmbed({ binary: await wat(CORE), witSource: WIT, world: "sleeper" });
  return Uint8Array.from(await componentNew(embedded, []));
}
