import { VALUE_TYPE_CODES } from "../../../engine/binary/value-type-codes.ts";
import { ByteWriter } from "../../../internal/byte-writer.ts";
import type { SideImport } from "./side-module.ts";

/**
 * A module of one function for each import that its importer defines itself (C++ lets any of several equal definitions be
 * taken): it calls an entry of the table, where the linker puts the definition once it is there. With JavaScript in its place
 * a guest could not be suspended in it.
 *
 * ```wat
 * (module
 *   (import "link" "table" (table 0 funcref))
 *   (import "link" "base" (global i32))
 *   (func (export "0") (param …) (result …) local.get 0 … (i32.add (global.get 0) (i32.const 0)) (call_indirect …))
 *   …)
 * ```
 */
export function selfImportModule(imports: readonly SideImport[]): Uint8Array<ArrayBuffer> {
  const out = new ByteWriter(64 + imports.length * 32);
  out.bytes(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
  const types = imports.map(({ type }) => parseType(type));
  section(out, 1, (body) => {
    body.u32(types.length);
    for (const { params, results } of types) {
      body.byte(0x60);
      for (const list of [params, results]) {
        body.u32(list.length);
        for (const code of list) body.byte(code);
      }
    }
  });
  section(out, 2, (body) => {
    body.u32(2);
    body.name("link");
    body.name("table");
    body.bytes(Uint8Array.of(1, 0x70, 0, 0));
    body.name("link");
    body.name("base");
    body.bytes(Uint8Array.of(3, 0x7f, 0));
  });
  section(out, 3, (body) => {
    body.u32(types.length);
    for (let index = 0; index < types.length; index++) body.u32(index);
  });
  section(out, 7, (body) => {
    body.u32(types.length);
    for (let index = 0; index < types.length; index++) {
      body.name(String(index));
      body.byte(0);
      body.u32(index);
    }
  });
  section(out, 10, (body) => {
    body.u32(types.length);
    for (const [index, { params }] of types.entries()) {
      const code = new ByteWriter();
      code.byte(0); // no locals
      for (let local = 0; local < params.length; local++) {
        code.byte(0x20);
        code.u32(local);
      }
      code.bytes(Uint8Array.of(0x23, 0, 0x41)); // global.get 0, i32.const
      code.signed(index);
      code.bytes(Uint8Array.of(0x6a, 0x11)); // i32.add, call_indirect
      code.u32(index);
      code.bytes(Uint8Array.of(0, 0x0b));
      body.u32(code.length);
      body.bytes(code.finish());
    }
  });
  return out.finish();
}

/** Whether a function of this type can go through such a module. */
export function isPlainType(type: string): boolean {
  return valuesOf(type).every((value) => VALUE_TYPE_CODES.has(value));
}

function parseType(type: string): { readonly params: readonly number[]; readonly results: readonly number[] } {
  const [params = "", results = ""] = type.split(" -> ");
  const codes = (list: string): number[] => valuesOf(list).map((value) => VALUE_TYPE_CODES.get(value) ?? 0x7f);
  return { params: codes(params), results: codes(results) };
}

/** "(i32, f64)": its words. */
function valuesOf(list: string): readonly string[] {
  return list.split(/[(), >-]+/).filter((word) => word !== "");
}

function section(out: ByteWriter, id: number, write: (body: ByteWriter) => void): void {
  const body = new ByteWriter();
  write(body);
  out.byte(id);
  out.u32(body.length);
  out.bytes(body.finish());
}
