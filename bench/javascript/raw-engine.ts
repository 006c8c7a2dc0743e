import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { meter, type MeterOptions } from "../../src/engine/index.ts";
import type { FuelGauge } from "../../src/engine/instance/fuel-gauge.ts";
import { readEngineNames } from "../../runtimes/javascript/engine-names.ts";
import { armedGauge } from "../harness/armed-gauge.ts";

const require = createRequire(import.meta.url);
const wasmFile = require.resolve("@jitl/quickjs-wasmfile-release-sync/wasm");

/** The engine as npm has it. */
export function engineBytes(): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(readFileSync(wasmFile));
}

/** A QuickJS core module without anything around it, so that a metered one and its plain twin differ in nothing else. */
export interface RawEngine {
  /** Evaluates `source` as a script and returns its completion value, which must be a number. */
  evaluate(source: string): number;
  /** Runs `source` and all promise jobs behind it; answers what was thrown, or undefined. */
  execute(source: string, options?: { readonly module?: boolean }): Thrown | undefined;
  /** A global of the engine as text. */
  globalText(name: string): string;
  /** Undefined for the plain one. */
  readonly gauge: FuelGauge | undefined;
}

/** An exception as the engine prints it: an error as JSON with its name, message and stack, anything else as text. */
export interface Thrown {
  readonly text: string;
}

/** A compiled engine: many instances can be made of it. */
export interface CompiledEngine {
  start(): RawEngine;
}

/** QuickJS's JS_EVAL_TYPE_MODULE and JS_PROMISE_REJECTED (quickjs.h). */
const EVALUATE_MODULE = 1;
const REJECTED = 2;

type Exports = Readonly<Record<string, (...values: number[]) => number>>;

export function plainEngine(bytes: Uint8Array<ArrayBuffer>): RawEngine {
  return compilePlain(bytes).start();
}

export function meteredEngine(bytes: Uint8Array<ArrayBuffer>, options?: MeterOptions): RawEngine {
  return compileMetered(bytes, options).start();
}

export function compilePlain(bytes: Uint8Array<ArrayBuffer>): CompiledEngine {
  const module = new WebAssembly.Module(bytes);
  return {
    start: () => {
      const memory = new WebAssembly.Memory({ initial: 256, maximum: 32_768 });
      const { exports } = new WebAssembly.Instance(module, { a: engineImports(memory) });
      return start(exports as unknown as Exports, memory, undefined);
    },
  };
}

export function compileMetered(bytes: Uint8Array<ArrayBuffer>, options?: MeterOptions): CompiledEngine {
  const metered = meter(bytes, options);
  const module = new WebAssembly.Module(metered.bytes);
  return {
    start: () => {
      const memory = new WebAssembly.Memory({ initial: 256, maximum: 32_768 });
      const { gauge, cell } = armedGauge();
      const imports = { a: engineImports(memory), wardian: { exhausted: cell.exhausted } };
      const { exports } = new WebAssembly.Instance(module, imports);
      cell.attach(exports[metered.fuelExport] as WebAssembly.Global<"i32">);
      return start(exports as unknown as Exports, memory, gauge);
    },
  };
}

/** The programs of a bench ask for nothing: no clock, no output, no modules. Growing memory is all that they need. */
function engineImports(memory: WebAssembly.Memory): WebAssembly.ModuleImports {
  const refuse = (): never => {
    throw new Error("The bench's engine was asked for what it does not have");
  };
  const imports: WebAssembly.ModuleImports = { a: memory };
  for (const letter of "bcdghijmoqrst") imports[letter] = refuse;
  imports["e"] = () => 0;
  imports["f"] = (count: number, size: number) => {
    const view = new DataView(memory.buffer);
    view.setUint32(count, 0, true);
    view.setUint32(size, 0, true);
    return 0;
  };
  imports["i"] = () => 0;
  imports["k"] = (bytes: number) => {
    try {
      memory.grow(Math.ceil((bytes >>> 0) / 65_536) - memory.buffer.byteLength / 65_536 + 64);
      return 1;
    } catch {
      return 0;
    }
  };
  imports["l"] = () => undefined;
  // localtime: UTC, and of all that it fills in the engine reads the offset alone.
  imports["m"] = (_seconds: bigint, tm: number) => {
    new Uint8Array(memory.buffer, tm, 44).fill(0);
  };
  imports["n"] = () => undefined;
  imports["p"] = () => 1_735_689_600_000;
  return imports;
}

function start(exports: Exports, memory: WebAssembly.Memory, gauge: FuelGauge | undefined): RawEngine {
  const names = readEngineNames(readFileSync(wasmFile.replace(/\.wasm$/, ".mjs"), "utf8"));
  const enter = (name: string, ...values: number[]): number => {
    const call = exports[names.get(name) ?? ""];
    if (call === undefined) throw new Error(`The engine has no export for ${name}`);
    if (gauge === undefined) return call(...values);
    const end = gauge.enter(() => call(...values));
    if (end.kind === "stopped") throw new Error(`The engine stopped: ${JSON.stringify(end.reason)}`);
    return end.value;
  };
  const text = (value: string): readonly [address: number, length: number] => {
    const bytes = new TextEncoder().encode(`${value}\0`);
    const address = enter("malloc", bytes.length);
    new Uint8Array(memory.buffer).set(bytes, address);
    return [address, bytes.length - 1];
  };
  const readText = (address: number): string => {
    const bytes = new Uint8Array(memory.buffer);
    return new TextDecoder().decode(bytes.slice(address, bytes.indexOf(0, address)));
  };
  enter("__wasm_call_ctors");
  const runtime = enter("QTS_NewRuntime");
  // What the JavaScript guest allows, too.
  enter("QTS_RuntimeSetMaxStackSize", runtime, 200 * 1024);
  const context = enter("QTS_NewContext", runtime, 0);
  const [filename] = text("bench.js");
  const thrownBy = (value: number): Thrown | undefined => {
    const error = enter("QTS_ResolveException", context, value);
    return error === 0 ? undefined : { text: readText(enter("QTS_Dump", context, error)) };
  };
  const drainJobs = (): Thrown | undefined => {
    const lastContext = enter("malloc", 4);
    const thrown = thrownBy(enter("QTS_ExecutePendingJob", runtime, -1, lastContext));
    enter("free", lastContext);
    return thrown;
  };
  return {
    gauge,
    execute(source, { module = false } = {}) {
      const [address, length] = text(source);
      const value = enter("QTS_Eval", context, address, length, filename, 0, module ? EVALUATE_MODULE : 0);
      enter("free", address);
      const thrown = thrownBy(value) ?? drainJobs();
      if (thrown !== undefined || !module || enter("QTS_PromiseState", context, value) !== REJECTED) return thrown;
      return { text: readText(enter("QTS_Dump", context, enter("QTS_PromiseResult", context, value))) };
    },
    globalText(name) {
      const [address, length] = text(`String(globalThis[${JSON.stringify(name)}])`);
      const value = enter("QTS_Eval", context, address, length, filename, 0, 0);
      enter("free", address);
      return readText(enter("QTS_GetString", context, value));
    },
    evaluate(source) {
      const [address, length] = text(source);
      const value = enter("QTS_Eval", context, address, length, filename, 0, 0);
      enter("free", address);
      const error = enter("QTS_ResolveException", context, value);
      if (error !== 0) throw new Error(readText(enter("QTS_Dump", context, error)));
      const number = enter("QTS_GetFloat64", context, value);
      enter("QTS_FreeValuePointer", context, value);
      return number;
    },
  };
}
