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
  /** Undefined for the plain one. */
  readonly gauge: FuelGauge | undefined;
}

type Exports = Readonly<Record<string, (...values: number[]) => number>>;

export function plainEngine(bytes: Uint8Array<ArrayBuffer>): RawEngine {
  const memory = new WebAssembly.Memory({ initial: 256, maximum: 32_768 });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { a: engineImports(memory) });
  return start(exports as unknown as Exports, memory, undefined);
}

export function meteredEngine(bytes: Uint8Array<ArrayBuffer>, options?: MeterOptions): RawEngine {
  const metered = meter(bytes, options);
  const memory = new WebAssembly.Memory({ initial: 256, maximum: 32_768 });
  const { gauge, cell } = armedGauge();
  const imports = { a: engineImports(memory), wardian: { exhausted: cell.exhausted } };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(metered.bytes), imports);
  cell.attach(exports[metered.fuelExport] as WebAssembly.Global<"i32">);
  return start(exports as unknown as Exports, memory, gauge);
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
  return {
    gauge,
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
