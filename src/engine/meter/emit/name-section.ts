import { ByteWriter } from "../../../internal/byte-writer.ts";
import { ModuleReader } from "../../binary/module-reader.ts";
import type { WasmModule } from "../../binary/module.ts";
import type { Injection } from "./injection.ts";

/** Subsections of the name section that are keyed by function: function names, and local and label names within. */
const FUNCTIONS = 1;
const LOCALS = 2;
const LABELS = 3;
const GLOBALS = 7;

/**
 * The contents of the name section with new indices, or undefined if it is malformed: engines ignore such a section,
 * so it is dropped.
 */
export function renumberNames(
  module: WasmModule,
  start: number,
  end: number,
  injection: Injection,
): Uint8Array | undefined {
  const reader = new ModuleReader(module.bytes, start, end);
  const out = new ByteWriter(end - start + 16);
  try {
    while (reader.position < end) {
      const id = reader.byte();
      const size = reader.u32();
      const from = reader.position;
      reader.skip(size);
      if (id === LABELS || (id === GLOBALS && injection.shiftedGlobals !== Number.POSITIVE_INFINITY)) continue;
      const contents = new ByteWriter(size + 16);
      if (id === FUNCTIONS || id === LOCALS) renumberMap(module.bytes, from, from + size, id, injection, contents);
      else contents.copy(module.bytes, from, from + size);
      out.byte(id);
      out.u32(contents.length);
      out.bytes(contents.view());
    }
  } catch {
    return undefined;
  }
  return out.finish();
}

/** Moves the entry of the function that moves to the place where its new index belongs: the end. */
function renumberMap(
  bytes: Uint8Array,
  start: number,
  end: number,
  id: number,
  injection: Injection,
  out: ByteWriter,
): void {
  const reader = new ModuleReader(bytes, start, end);
  const count = reader.u32();
  out.u32(count);
  let moved: { readonly from: number; readonly to: number } | undefined;
  for (let entry = 0; entry < count; entry++) {
    const at = reader.position;
    const index = reader.u32();
    const from = reader.position;
    if (id === FUNCTIONS) reader.skip(reader.u32());
    else {
      for (let names = reader.u32(); names > 0; names--) {
        reader.u32();
        reader.skip(reader.u32());
      }
    }
    if (index === injection.exhausted) moved = { from, to: reader.position };
    else out.copy(bytes, at, reader.position);
  }
  if (moved === undefined) return;
  out.u32(injection.movedTo);
  out.copy(bytes, moved.from, moved.to);
}
