import { decodeModule } from "../../src/engine/binary/decode-module.ts";
import { SECTION } from "../../src/engine/binary/module.ts";
import type { Section, WasmModule } from "../../src/engine/binary/module.ts";
import { MEMORY_IMPORT } from "../../src/guests/python/host/python-imports.ts";
import { PARK_REQUEST, SLEEP_REQUEST } from "../../src/guests/python/host/wait-requests.ts";
import { ByteWriter } from "../../src/internal/byte-writer.ts";

/** The interpreter as npm has it, but that it waits by asking the host, and without names and notes for a linker. */
export function prepareModule(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const module = decodeModule(bytes);
  const replacements = [
    // (milliseconds)
    waitByImport(module, {
      name: "emscripten_thread_sleep",
      params: "f64",
      results: "",
      callee: { name: "_setitimer_js", params: "i32 f64", results: "i32" },
      request: SLEEP_REQUEST,
      argument: 0,
    }),
    // (address, expected, size, timeout in nanoseconds, argument, detach)
    waitByImport(module, {
      name: "_PyParkingLot_Park",
      params: "i32 i32 i32 i64 i32 i32",
      results: "i32",
      callee: { name: "__syscall_ftruncate64", params: "i32 i64", results: "i32" },
      request: PARK_REQUEST,
      argument: 3,
    }),
  ].toSorted((left, right) => left.start - right.start);
  return rewrite(module, (section, out) => {
    if (section.id === SECTION.custom) return section.name === "target_features";
    if (section.id !== SECTION.code) return true;
    let copied = section.start;
    for (const { start, end, bytes: body } of replacements) {
      out.bytes(module.bytes.subarray(copied, start));
      out.bytes(body);
      copied = end;
    }
    out.bytes(module.bytes.subarray(copied, section.end));
    return true;
  });
}

/**
 * The module without memory and data of its own, the rest as it is: every instance is given a memory, as the import
 * {@link MEMORY_IMPORT}, and starts from the image, which holds what its data segments would write.
 */
export function withoutMemory(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const module = decodeModule(bytes);
  const [memory, another] = module.memories;
  if (memory === undefined || another !== undefined || module.imports.some(({ kind }) => kind === "memory"))
    throw new Error("Cannot prepare the interpreter: it does not define one memory");
  return rewrite(module, (section, out) => {
    if (section.id === SECTION.import) {
      out.u32(section.count + 1);
      out.bytes(bytes.subarray(section.contents, section.end));
      out.name(MEMORY_IMPORT.module);
      out.name(MEMORY_IMPORT.name);
      out.byte(0x02); // a memory, as it was defined
      out.bytes(bytes.subarray(memory.start, memory.end));
    }
    return section.id !== SECTION.memory && section.id !== SECTION.data && section.id !== SECTION.dataCount;
  });
}

interface Replacement {
  /** Range in the module: the body's size and the body. */
  readonly start: number;
  readonly end: number;
  readonly bytes: Uint8Array;
}

/** A function that waits by spinning, and the import that it is to call instead. */
interface Waiter {
  readonly name: string;
  readonly params: string;
  readonly results: string;
  readonly callee: { readonly name: string; readonly params: string; readonly results: string };
  /** First argument of the call, which tells the import that this is no ordinary call. */
  readonly request: number;
  /** Which of the function's own parameters says how long; it becomes the second argument. */
  readonly argument: number;
}

/** A body that is one call to the host: see src/guests/python/host/wait-requests.ts. */
function waitByImport(module: WasmModule, waiter: Waiter): Replacement {
  const target = module.exports.find((entry) => entry.kind === "function" && entry.name === waiter.name);
  const callee = module.imports.find(
    (entry) => entry.kind === "function" && entry.module === "env" && entry.name === waiter.callee.name,
  );
  if (target === undefined || callee === undefined) {
    throw new Error(`Cannot prepare the interpreter: ${waiter.name} or ${waiter.callee.name} is missing`);
  }
  expectType(module, target.index, waiter.params, waiter.results);
  expectType(module, callee.index, waiter.callee.params, waiter.callee.results);
  const at = (target.index - module.importedFunctions) * 2;
  const [start, end] = [module.bodies[at], module.bodies[at + 1]];
  if (start === undefined || end === undefined)
    throw new Error(`Cannot prepare the interpreter: ${waiter.name} has no body`);
  const body = new ByteWriter();
  body.byte(0); // no locals
  body.byte(0x41); // i32.const
  body.signed(waiter.request);
  body.bytes(Uint8Array.of(0x20, waiter.argument)); // local.get
  body.byte(0x10); // call
  body.u32(callee.index);
  if (waiter.results === "") body.byte(0x1a); // drop
  body.byte(0x0b); // end
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
