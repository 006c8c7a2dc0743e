import { ByteWriter } from "../../src/internal/byte-writer.ts";

/** Writes the pieces of a core module without looking at them: what a hostile producer would have. */
export function buildModule(
  sections: readonly (readonly [id: number, payload: Uint8Array])[],
): Uint8Array<ArrayBuffer> {
  const out = new ByteWriter(1 << 20);
  out.bytes(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
  for (const [id, payload] of sections) {
    out.byte(id);
    out.u32(payload.length);
    out.bytes(payload);
  }
  return out.finish();
}

/** A vector: its count, then each entry as `write` makes it. */
export function vector(count: number, write: (out: ByteWriter, index: number) => void): Uint8Array<ArrayBuffer> {
  const out = new ByteWriter(1 << 16);
  out.u32(count);
  for (let index = 0; index < count; index++) write(out, index);
  return out.finish();
}

/** A code section of the given bodies; a body is its locals and its instructions with the final `end`. */
export function code(bodies: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new ByteWriter(1 << 16);
  out.u32(bodies.length);
  for (const whole of bodies) {
    out.u32(whole.length);
    out.bytes(whole);
  }
  return out.finish();
}

/** A body without locals, with what `write` puts into it. */
export function body(write: (out: ByteWriter) => void): Uint8Array<ArrayBuffer> {
  const out = new ByteWriter(1 << 16);
  out.byte(0);
  write(out);
  out.byte(0x0b);
  return out.finish();
}

/** The types `[] → []` and `[i32] → []`. */
export const TYPES: Uint8Array<ArrayBuffer> = Uint8Array.of(2, 0x60, 0, 0, 0x60, 1, 0x7f, 0);

/** A module of functions `[i32] → []` with a memory and a table. */
export function functionsModule(bodies: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return buildModule([
    [1, TYPES],
    [3, vector(bodies.length, (out) => out.byte(1))],
    [4, Uint8Array.of(1, 0x70, 0, 1)],
    [5, Uint8Array.of(1, 0, 1)],
    [10, code(bodies)],
  ]);
}
