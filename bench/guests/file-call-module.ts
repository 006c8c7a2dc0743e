import { parse } from "@bytecodealliance/jco";

/** The file that the module opens, below the directory that is open as descriptor 3. */
export const FILE = "m/data.bin";

/** A reactor of preview 1 that opens a file once and reads a KiB of it as often as it is told. */
export async function fileCallModule(): Promise<Uint8Array<ArrayBuffer>> {
  return Uint8Array.from(
    await parse(`(module
      (import "wasi_snapshot_preview1" "path_open"
        (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_pread" (func $fd_pread (param i32 i32 i32 i64 i32) (result i32)))
      (memory (export "memory") 1)
      (data (i32.const 0) "${FILE}")
      (global $fd (mut i32) (i32.const -1))
      (func (export "_initialize"))
      (func (export "open") (result i32) (local i32)
        (i32.store (i32.const 64) (i32.const 1024)) (i32.store (i32.const 68) (i32.const 1024))
        (local.set 0 (call $path_open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const ${FILE.length}) (i32.const 0)
          (i64.const 6) (i64.const 0) (i32.const 0) (i32.const 72)))
        (global.set $fd (i32.load (i32.const 72)))
        (local.get 0))
      (func (export "reads") (param i32) (result i32) (local i32)
        (loop $more
          (local.set 1 (i32.or (local.get 1)
            (call $fd_pread (global.get $fd) (i32.const 64) (i32.const 1) (i64.const 0) (i32.const 80))))
          (br_if $more (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
        (local.get 1)))`),
  );
}
