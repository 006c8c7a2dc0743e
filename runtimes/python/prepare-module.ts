import { decodeModule } from "../../src/engine/binary/decode-module.ts";
import { SECTION } from "../../src/engine/binary/module.ts";
import type { Section, WasmModule } from "../../src/engine/binary/module.ts";
import { SLEEP_REQUEST } from "../../src/guests/python/host/time-calls.ts";
import { ByteWriter } from "../../src/internal/byte-writer.ts";

/** The interpreter as npm has it, but that it sleeps by asking the host, and without names and notes for a linker. */
export function prepareModule(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const module = decodeModule(bytes);
  const sleep = sleepBody(module);
  return rewrite(module, (section, out) => {
    if (section.id === SECTION.custom) return section.name === "target_features";
    if (section.id !== SECTION.code) return true;
    out.bytes(module.bytes.subarray(section.start, sleep.start));
    out.bytes(sleep.bytes);
    out.bytes(module.bytes.subarray(sleep.end, section.end));
    return true;
  });
}

/** The module without its data segments: every instance starts from the image, which holds what they would write. */
export function withoutData(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return rewrite(decodeModule(bytes), ({ id }) => id !== SECTION.data && id !== SECTION.dataCount);
}

interface Replacement {
  /** Range in the module: the body's size and the body. */
  readonly start: number;
  readonly end: number;
  readonly bytes: Uint8Array;
}

/** `emscripten_thread_sleep` spins until the clock is there: it becomes one call to the host, which knows how to wait. */
function sleepBody(module: WasmModule): Replacement {
  const target = module.exports.find((entry) => entry.kind === "function" && entry.name === "emscripten_thread_sleep");
  const callee = module.imports.find(
    (entry) => entry.kind === "function" && entry.module === "env" && entry.name === "_setitimer_js",
  );
  if (target === undefined || callee === undefined)
    throw new Error("Cannot prepare the interpreter: emscripten_thread_sleep or _setitimer_js is missing");
  expectType(module, target.index, "f64", "");
  expectType(module, callee.index, "i32 f64", "i32");
  const at = (target.index - module.importedFunctions) * 2;
  const [start, end] = [module.bodies[at], module.bodies[at + 1]];
  if (start === undefined || end === undefined)
    throw new Error("Cannot prepare the interpreter: emscripten_thread_sleep has no body");
  const body = new ByteWriter();
  body.byte(0); // no locals
  body.byte(0x41); // i32.const
  body.signed(SLEEP_REQUEST);
  body.bytes(Uint8Array.of(0x20, 0)); // local.get 0
  body.byte(0x10); // call
  body.u32(callee.index);
  body.bytes(Uint8Array.of(0x1a, 0x0b)); // drop, end
  const entry = new ByteWriter();
  entry.u32(body.length);
  entry.bytes(body.finish());
  return { start: start - lebLength(end - start), end, bytes: entry.finish() };
}

function expectType(module: WasmModule, index: number, params: string, results: string): void {
  const type = module.types[module.functionTypes[index] ?? -1];
  if (type?.kind !== "function" || type.params.join(" ") !== params || type.results.join(" ") !== results) {
    throw new Error("Cannot prepare the interpreter: a function that is to be replaced has another type");
  }
}

/** Copies a module section by section. `write` answers whether to keep a section; it may write another payload. */
function rewrite(module: WasmModule, write: (section: Section, out: ByteWriter) => boolean): Uint8Array<ArrayBuffer> {
  const out = new ByteWriter(module.bytes.length);
  out.bytes(module.bytes.subarray(0, 8));
  for (const section of module.sections) {
    const payload = new ByteWriter();
    if (!write(section, payload)) continue;
    if (payload.length === 0) payload.bytes(module.bytes.subarray(section.start, section.end));
    out.byte(section.id);
    out.u32(payload.length);
    out.bytes(payload.view());
  }
  return out.finish();
}

function lebLength(value: number): number {
  let length = 1;
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) length++;
  return length;
}
