import { SECTION } from "../../../src/engine/binary/module.ts";
import { ByteWriter } from "../../../src/internal/byte-writer.ts";

/**
 * A module that holds an archive as a passive data segment, so that it takes no linear memory:
 *
 * ```wat
 * (import "env" "memory" (memory 0))
 * (func (export "copy") (param $to i32) (param $from i32) (param $length i32)
 *   (memory.init 0 (local.get $to) (local.get $from) (local.get $length)))
 * (func (export "size") (result i32) (i32.const …))
 * (data "…")
 * ```
 */
export function libraryModule(archive: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new ByteWriter(archive.length + 256);
  out.bytes(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
  section(out, SECTION.type, (body) => {
    body.bytes(Uint8Array.of(2, 0x60, 3, 0x7f, 0x7f, 0x7f, 0, 0x60, 0, 1, 0x7f));
  });
  section(out, SECTION.import, (body) => {
    body.u32(1);
    body.name("env");
    body.name("memory");
    body.bytes(Uint8Array.of(2, 0, 0));
  });
  section(out, SECTION.function, (body) => body.bytes(Uint8Array.of(2, 0, 1)));
  section(out, SECTION.export, (body) => {
    body.u32(2);
    body.name("copy");
    body.bytes(Uint8Array.of(0, 0));
    body.name("size");
    body.bytes(Uint8Array.of(0, 1));
  });
  section(out, SECTION.dataCount, (body) => body.u32(1));
  section(out, SECTION.code, (body) => {
    body.u32(2);
    // local.get 0, 1, 2; memory.init segment 0, memory 0; end.
    const copy = Uint8Array.of(0, 0x20, 0, 0x20, 1, 0x20, 2, 0xfc, 8, 0, 0, 0x0b);
    body.u32(copy.length);
    body.bytes(copy);
    const size = new ByteWriter();
    size.bytes(Uint8Array.of(0, 0x41));
    size.signed(archive.length);
    size.byte(0x0b);
    body.u32(size.length);
    body.bytes(size.finish());
  });
  section(out, SECTION.data, (body) => {
    body.bytes(Uint8Array.of(1, 1));
    body.u32(archive.length);
    body.bytes(archive);
  });
  return out.finish();
}

function section(out: ByteWriter, id: number, write: (body: ByteWriter) => void): void {
  const body = new ByteWriter();
  write(body);
  out.byte(id);
  out.u32(body.length);
  out.bytes(body.view());
}
