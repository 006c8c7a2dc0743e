import type { FuelGauge } from "../../../engine/instance/fuel-gauge.ts";
import { WardianError } from "../../../errors.ts";
import { GuestMemory } from "../../../wasi/preview1/guest-memory.ts";
import { CALL_UNITS } from "../../../wasi/preview1/host/preview1-host.ts";
import type { Preview1Host } from "../../../wasi/preview1/host/preview1-host.ts";
import { preview1Imports } from "../../../wasi/preview1/preview1-imports.ts";
import { PREVIEW1_MODULE } from "../../../wasi/preview1/signatures.ts";
import type { HostFile } from "../host-file/host-file.ts";
import { instantiateModule } from "../../module/module-instance.ts";
import type { ModuleInstance } from "../../module/module-instance.ts";
import type { PreparedModule } from "../../module/prepare-module.ts";
import type { ImportCall, InterpreterDriver, LiveInterpreter } from "./interpreter.ts";

/** An instance and its driver's view of it. */
export interface LinkedInterpreter {
  readonly instance: ModuleInstance;
  readonly live: LiveInterpreter;
  /** What the driver's `link` answered. */
  readonly linked: number;
}

/** Makes an instance whose imports act on `host`. To be called inside `fuel.enter`. Runs no code of the guest's. */
export function linkInterpreter(
  prepared: PreparedModule,
  driver: InterpreterDriver,
  host: Preview1Host,
  { file, memoryBytes }: { readonly file: HostFile; readonly memoryBytes: number },
): LinkedInterpreter {
  const late: { live?: LiveInterpreter } = {};
  const imports = importsOf(prepared, driver, host, memoryBytes, late);
  const instance = instantiateModule(prepared, imports, host.fuel);
  if (instance.memory === undefined) throw notOfTheVersion(driver, "memory");
  host.attach(instance.memory);
  const { exports } = instance;
  const table = exports["__indirect_function_table"];
  const depth = prepared.metered.stackExport === undefined ? undefined : exports[prepared.metered.stackExport];
  const live: LiveInterpreter = {
    host,
    memory: new GuestMemory(instance.memory),
    table: table instanceof WebAssembly.Table ? table : undefined,
    depth: depth instanceof WebAssembly.Global ? (depth as WebAssembly.Global<"i32">) : undefined,
    function(name) {
      const found = exports[name];
      if (typeof found !== "function") throw notOfTheVersion(driver, name);
      return found as (...values: readonly (number | bigint)[]) => number;
    },
  };
  late.live = live;
  return { instance, live, linked: driver.link?.(live, file) ?? 0 };
}

function notOfTheVersion({ language }: InterpreterDriver, name: string): WardianError {
  return new WardianError("asset", `Cannot run ${language}: its package is of another version: it has no "${name}"`);
}

function importsOf(
  { description }: PreparedModule,
  driver: InterpreterDriver,
  host: Preview1Host,
  memoryBytes: number,
  late: { readonly live?: LiveInterpreter },
): WebAssembly.Imports {
  const imports: Record<string, Record<string, WebAssembly.ImportValue>> = Object.create(null) as typeof imports;
  imports[PREVIEW1_MODULE] = { ...preview1Imports(host) };
  for (const { module, name, kind } of description.imports) {
    const group = (imports[module] ??= Object.create(null) as Record<string, WebAssembly.ImportValue>);
    if (group[name] !== undefined) continue;
    if (kind === "memory" && driver.memoryImport !== undefined) {
      const { initialPages } = driver.memoryImport;
      group[name] = new WebAssembly.Memory({ initial: initialPages, maximum: memoryBytes / PAGE_BYTES });
    } else if (kind === "function")
      group[name] = importFunction(host.fuel, name, driver.imports?.get(`${module}.${name}`), late);
    else
      throw new WardianError(
        "unsealed-module",
        `Cannot run ${driver.language}: its interpreter imports the ${kind} "${module}.${name}"`,
      );
  }
  return imports;
}

const PAGE_BYTES = 65_536;

function importFunction(
  fuel: FuelGauge,
  name: string,
  call: ImportCall | undefined,
  late: { readonly live?: LiveInterpreter },
): (...values: never[]) => unknown {
  if (call === undefined) {
    return () => {
      fuel.stop({ kind: "sealed", name });
      // Converts to every number type there is, i64 included.
      return false;
    };
  }
  return (...values) => {
    if (late.live === undefined || fuel.stopping || !fuel.charge(CALL_UNITS)) return false;
    try {
      return call(late.live, ...values);
    } catch (cause) {
      if (isUnwinding(cause)) throw cause;
      fuel.stop({ kind: "host-error", cause });
      return false;
    }
  };
}

/** What passes through a host function on its way out of the guest: the engine's traps, and a jump of the guest's own. */
function isUnwinding(cause: unknown): boolean {
  return cause instanceof WebAssembly.RuntimeError || cause instanceof LongJump || cause instanceof RangeError;
}

/** A C `longjmp` on its way to the `invoke_` function that it ends in. */
export class LongJump {
  readonly kind = "longjmp";
}
