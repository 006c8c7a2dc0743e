import type { Attack } from "../harness/attack.ts";
import { commandAttempt, holds, moduleAttempt, stops } from "./module-attempt.ts";

const start = (body: string, more = ""): string =>
  `(module ${more} (memory (export "memory") 1) (func (export "_start") ${body}))`;

const wasi = (name: string, parameters: number): string =>
  `(import "wasi_snapshot_preview1" "${name}" (func $call (param ${"i32 ".repeat(parameters)}) (result i32)))`;

/** A program that asks one function of WASI for ever, with pointers that lead nowhere. */
const flood = (name: string, parameters: number, value = "-1"): string =>
  start(`(loop (drop (call $call ${`(i32.const ${value}) `.repeat(parameters)})) (br 0))`, wasi(name, parameters));

const ENDS = /^(limit (fuel|time|memory|stack)|error Trap|refused )/u;

const VARIANTS: Readonly<Record<string, Attack["attempt"]>> = {
  "a loop with a parameter": moduleAttempt(
    `(module (func (export "f") (i32.const 1) (loop (param i32) (br 0 (i32.const 2))) unreachable))`,
    stops,
  ),
  "two tail calls in turn": moduleAttempt(
    `(module (func $f (export "f") (return_call $g)) (func $g (return_call $f)))`,
    stops,
  ),
  "a throw that is caught, for ever": moduleAttempt(
    `(module (tag $t) (func (export "f") loop try throw $t catch $t end br 0 end))`,
    stops,
  ),
  "a chain of forty doubling calls": moduleAttempt(
    `(module ${Array.from({ length: 40 }, (_, i) => `(func $d${i} (call $d${i + 1}) (call $d${i + 1}))`).join("")} (func $d40 (nop)) (func (export "f") (call $d0)))`,
    stops,
  ),
  "memory that is asked for, for ever": moduleAttempt(
    `(module (memory 0 65536) (func (export "f") (loop (drop (memory.grow (i32.const 1))) (br 0))))`,
    stops,
  ),
  "table copies": moduleAttempt(
    `(module (table 100000 funcref) (func (export "f") (loop (table.copy (i32.const 0) (i32.const 1) (i32.const 99999)) (br 0))))`,
    stops,
  ),
  "stack overflow that is caught, for ever": moduleAttempt(
    `(module (tag $t) (func $r (call $r)) (func (export "f") loop try call $r catch_all end br 0 end))`,
    stops,
  ),
  "an atomic loop": moduleAttempt(
    `(module (memory 1 1 shared) (func (export "f") (loop (br_if 0 (i32.eqz (i32.atomic.rmw.add (i32.const 0) (i32.const 0)))))))`,
    stops,
  ),
  "an atomic wait without end": moduleAttempt(
    `(module (memory 1 1 shared) (func (export "f") (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))))`,
    holds,
  ),
  "64-bit memory": moduleAttempt(
    `(module (memory i64 1) (func (export "f") (loop (memory.fill (i64.const 0) (i32.const 0) (i64.const 65536)) (br 0))))`,
    holds,
  ),
  "a program without end": commandAttempt(start("(loop (br 0))"), /^limit fuel/u),
  "a program that never ends before it starts": commandAttempt(
    `(module (memory (export "memory") 1) (func $s (loop (br 0))) (start $s) (func (export "_start")))`,
    /^(limit|error|refused)/u,
  ),
  "a program that calls itself": commandAttempt(start("(call $f)", "(func $f (call $f))"), /^limit (stack|fuel)/u),
  "a program that grows": commandAttempt(
    start("(loop (br_if 0 (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) unreachable"),
    /^(limit memory|error Trap)/u,
  ),
  "a program that reads where nothing is": commandAttempt(start("(drop (i32.load (i32.const -4)))"), /^error Trap/u),
  "a program without memory": commandAttempt(`(module (func (export "_start")))`, /^(refused|ok)/u),
  "a program whose memory is not one": commandAttempt(
    `(module (func $m) (export "memory" (func $m)) (func (export "_start")))`,
    /^(refused|ok)/u,
  ),
  "a program whose memory is the host's": commandAttempt(
    `(module (import "env" "memory" (memory 1)) (func (export "_start")))`,
    /^refused unsealed-module/u,
  ),
  "a program whose start takes arguments": commandAttempt(
    `(module (memory (export "memory") 1) (func (export "_start") (param i32)))`,
    /^(refused|ok|error)/u,
  ),
  "an import of the right name and another type": commandAttempt(
    `(module (import "wasi_snapshot_preview1" "fd_write" (func (param i64) (result f64))) (memory (export "memory") 1) (func (export "_start") (drop (call 0 (i64.const 1)))))`,
    /^(refused|error|ok|limit)/u,
  ),
  "an import as a global": commandAttempt(
    `(module (import "wasi_snapshot_preview1" "fd_write" (global i32)) (memory (export "memory") 1) (func (export "_start")))`,
    /^refused unsealed-module/u,
  ),
  sockets: commandAttempt(
    start(
      "(if (i32.eqz (call $call (i32.const 3) (i32.const 0) (i32.const 8))) (then (unreachable)))",
      wasi("sock_accept", 3),
    ),
    /^(ok|error Denied)/u,
  ),
  "a flood of writes that point nowhere": commandAttempt(flood("fd_write", 4), ENDS),
  "a flood of writes": commandAttempt(flood("fd_write", 4, "1"), ENDS),
  "a flood of random numbers": commandAttempt(flood("random_get", 2, "32768"), ENDS),
  "a flood of polls": commandAttempt(flood("poll_oneoff", 4, "1024"), ENDS),
  "a flood of closing": commandAttempt(flood("fd_close", 1, "3"), ENDS),
  "a flood of arguments": commandAttempt(flood("args_get", 2), ENDS),
  "a flood of preopens": commandAttempt(flood("fd_prestat_dir_name", 3, "3"), ENDS),
  "a flood of renumbering": commandAttempt(flood("fd_renumber", 2, "1"), ENDS),
  "a path above the preopened root": commandAttempt(
    start(
      `(if (i32.eqz (call $call (i32.const 3) (i32.const 1) (i32.const 16) (i32.const 18) (i32.const 0) (i64.const -1) (i64.const -1) (i32.const 0) (i32.const 8))) (then (unreachable)))`,
      `(import "wasi_snapshot_preview1" "path_open" (func $call (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32))) (data (i32.const 16) "../../etc/passwd  ")`,
    ),
    /^ok/u,
  ),
};

export const wasmVariants: readonly Attack[] = Object.entries(VARIANTS).map(([title, attempt], index) => ({
  id: `H+${index + 1}`,
  title,
  attempt,
}));
