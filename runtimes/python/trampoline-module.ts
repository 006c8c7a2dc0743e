import { decodeModule } from "../../src/engine/binary/decode-module.ts";
import { SECTION } from "../../src/engine/binary/module.ts";
import type { WasmModule } from "../../src/engine/binary/module.ts";
import { ByteReader } from "../../src/internal/byte-reader.ts";
import { ByteWriter } from "../../src/internal/byte-writer.ts";

/**
 * Makes the module through which CPython calls C functions whose declared type differs from their table entry's
 * (`_PyEM_TrampolineCall`). Emscripten does it in JavaScript, or in Wasm with garbage-collection types, which Node 20 lacks.
 * The number of parameters of each table entry of the interpreter is known now: a `br_table` picks the call. For what a
 * linker puts behind them there is a table of callers, one for each entry, which the linker fills.
 *
 * Exports `call(success, function, self, args, kwargs) -> object`, `signal(handler, number)`, `raise(class) -> -1`, which
 * sets the exception, the table `callers` and what can stand in it: `call0` to `call3` and `refuse`.
 */
export function trampolineModule(interpreter: Uint8Array): Uint8Array<ArrayBuffer> {
  const parameters = tableParameters(decodeModule(interpreter));
  const out = new ByteWriter(parameters.length * 2 + 512);
  out.bytes(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
  section(out, SECTION.type, (body) => {
    body.u32(7);
    for (let count = 0; count <= 3; count++) functionType(body, count, 1);
    functionType(body, 5, 1);
    functionType(body, 1, 0);
    functionType(body, 2, 0);
  });
  section(out, SECTION.import, (body) => {
    body.u32(3);
    body.name("env");
    body.name("memory");
    body.bytes(Uint8Array.of(2, 0, 0));
    body.name("env");
    body.name("table");
    body.bytes(Uint8Array.of(1, 0x70, 0, 0));
    body.name("env");
    body.name("PyErr_SetNone");
    body.bytes(Uint8Array.of(0, SIGNAL_TYPE));
  });
  section(out, SECTION.function, (body) => {
    body.u32(FUNCTIONS.length);
    for (const { type } of FUNCTIONS) body.u32(type);
  });
  section(out, SECTION.table, (body) => body.bytes(Uint8Array.of(1, 0x70, 0, 0)));
  section(out, SECTION.export, (body) => {
    body.u32(FUNCTIONS.length + 1);
    for (const [index, { name }] of FUNCTIONS.entries()) {
      body.name(name);
      // Functions count from the import on.
      body.bytes(Uint8Array.of(0, index + 1));
    }
    body.name("callers");
    body.bytes(Uint8Array.of(1, CALLERS));
  });
  section(out, SECTION.code, (body) => {
    body.u32(FUNCTIONS.length);
    functionBody(body, (code) => callBody(code, parameters));
    functionBody(body, (code) => code.bytes(Uint8Array.of(0x20, 1, 0x20, 0, 0x11, SIGNAL_TYPE, 0)));
    functionBody(body, (code) => code.bytes(Uint8Array.of(0x20, 0, 0x10, 0, 0x41, 0x7f))); // call the import, i32.const -1
    for (let count = 0; count <= 3; count++) functionBody(body, (code) => callWith(code, count));
    functionBody(body, refuse);
  });
  return out.finish();
}

const RAISE_TYPE = 1;
const CALL_TYPE = 4;
const SIGNAL_TYPE = 5;
const SIGNAL_WRAPPER_TYPE = 6;

const FUNCTIONS: readonly { readonly name: string; readonly type: number }[] = [
  { name: "call", type: CALL_TYPE },
  { name: "signal", type: SIGNAL_WRAPPER_TYPE },
  { name: "raise", type: RAISE_TYPE },
  ...["call0", "call1", "call2", "call3", "refuse"].map((name) => ({ name, type: CALL_TYPE })),
];
/** Index of the table of callers, behind the interpreter's own. */
const CALLERS = 1;
/** An entry that is no function from up to three i32 to one i32. */
const OTHER = 4;

function section(out: ByteWriter, id: number, write: (body: ByteWriter) => void): void {
  const body = new ByteWriter();
  write(body);
  out.byte(id);
  out.u32(body.length);
  out.bytes(body.finish());
}

function functionType(body: ByteWriter, params: number, results: number): void {
  body.byte(0x60);
  body.u32(params);
  for (let index = 0; index < params; index++) body.byte(0x7f);
  body.u32(results);
  for (let index = 0; index < results; index++) body.byte(0x7f);
}

function functionBody(body: ByteWriter, write: (code: ByteWriter) => void): void {
  const code = new ByteWriter();
  code.byte(0); // no locals
  write(code);
  code.byte(0x0b);
  body.u32(code.length);
  body.bytes(code.finish());
}

function callBody(code: ByteWriter, parameters: readonly number[]): void {
  const empty = 0x40;
  // block $other  block $0  block $1  block $2  block $3
  for (let depth = 0; depth < 5; depth++) code.bytes(Uint8Array.of(0x02, empty));
  code.bytes(Uint8Array.of(0x20, 1, 0x0e)); // local.get $function, br_table
  code.u32(parameters.length);
  for (const count of parameters) code.u32(count === OTHER ? 4 : 3 - count);
  code.u32(4);
  for (let count = 3; count >= 0; count--) {
    code.byte(0x0b); // end of the block that this case leaves
    callWith(code, count);
    code.byte(0x0f); // return
  }
  code.byte(0x0b);
  callLinked(code, parameters.length);
  refuse(code);
}

/** Calls `function` with the first `count` of self, args and kwargs. */
function callWith(code: ByteWriter, count: number): void {
  for (let index = 0; index < count; index++) code.bytes(Uint8Array.of(0x20, index + 2));
  code.bytes(Uint8Array.of(0x20, 1, 0x11, count, 0)); // local.get $function, call_indirect (type $count)
}

/** Where a linker has put functions behind the interpreter's `first`: through the caller that it chose. */
function callLinked(code: ByteWriter, first: number): void {
  const place = (): void => {
    code.bytes(Uint8Array.of(0x20, 1, 0x41));
    code.signed(first);
    code.byte(0x6b); // i32.sub
  };
  // An entry below `first` wraps to one that is far too large.
  place();
  code.bytes(Uint8Array.of(0xfc, 16, CALLERS, 0x49, 0x04, 0x40)); // table.size, i32.lt_u, if
  for (let index = 0; index < 5; index++) code.bytes(Uint8Array.of(0x20, index));
  place();
  code.bytes(Uint8Array.of(0x11, CALL_TYPE, CALLERS, 0x0f, 0x0b)); // call_indirect, return, end
}

/** i32.store 0 to *success: CPython raises SystemError. Then no object. */
function refuse(code: ByteWriter): void {
  code.bytes(Uint8Array.of(0x20, 0, 0x41, 0, 0x36, 2, 0, 0x41, 0));
}

/** For each table entry how many parameters its function takes, or OTHER. */
function tableParameters(module: WasmModule): number[] {
  const elements = module.sections.find(({ id }) => id === SECTION.element);
  const [table] = module.tables;
  if (elements === undefined || table === undefined) throw new Error("Cannot read the interpreter's function table");
  const parameters = Array.from({ length: table.minimum }, () => OTHER);
  const reader = new ByteReader(module.bytes, elements.contents, elements.end);
  for (let segment = 0; segment < elements.count; segment++) {
    // Only the plain form: active, table 0, constant offset, function indices.
    if (reader.u32() !== 0 || reader.byte() !== 0x41)
      throw new Error("Cannot read the interpreter's function table: a segment is of another form");
    const offset = reader.u32();
    if (reader.byte() !== 0x0b)
      throw new Error("Cannot read the interpreter's function table: an offset is no constant");
    const count = reader.u32();
    for (let index = 0; index < count; index++) parameters[offset + index] = parametersOf(module, reader.u32());
  }
  return parameters;
}

function parametersOf(module: WasmModule, index: number): number {
  const type = module.types[module.functionTypes[index] ?? -1];
  if (type?.kind !== "function" || type.results.join() !== "i32" || type.params.length > 3) return OTHER;
  return type.params.every((param) => param === "i32") ? type.params.length : OTHER;
}
