import { WardianError } from "../../../errors.ts";
import { guardCall } from "../../../wasi/guard-call.ts";
import { dynamicCalls } from "../linker/dynamic-calls.ts";
import { descriptorCalls } from "./descriptor-calls.ts";
import { fdCalls } from "./fd-calls.ts";
import { heapCalls } from "./heap-calls.ts";
import { mapCalls } from "./map-calls.ts";
import { pathCalls } from "./path-calls.ts";
import { pollCalls } from "./poll-calls.ts";
import { processCalls } from "./process-calls.ts";
import { ERRNO } from "./python-host.ts";
import type { HostCall, PythonHost } from "./python-host.ts";
import { SEALED_IMPORTS } from "./sealed-calls.ts";
import { signalCalls } from "./signal-calls.ts";
import { timeCalls } from "./time-calls.ts";

/** Every import that does something, by module and name. What is in none of these is sealed. */
const calls: ReadonlyMap<string, HostCall> = new Map([
  ...[fdCalls, timeCalls, processCalls].flatMap((table) => named("wasi_snapshot_preview1", table)),
  ...[
    pathCalls,
    descriptorCalls,
    timeCalls,
    pollCalls,
    heapCalls,
    mapCalls,
    processCalls,
    signalCalls,
    dynamicCalls,
  ].flatMap((table) => named("env", table)),
]);

function named(module: string, table: Readonly<Record<string, HostCall>>): [string, HostCall][] {
  return Object.entries(table).map(([name, call]): [string, HostCall] => [`${module}.${name}`, call]);
}

const sealedNames: ReadonlySet<string> = new Set(SEALED_IMPORTS);

/** How an import of this name is answered: "unknown" is sealed too, and tells that the interpreter is of another version. */
export function importTreatment(module: string, name: string): "codec" | "sealed" | "unknown" {
  if (calls.has(`${module}.${name}`)) return "codec";
  return module === "env" && sealedNames.has(name) ? "sealed" : "unknown";
}

/** What the interpreter has its memory from, once the build is done with it. */
export const MEMORY_IMPORT = { module: "env", name: "memory" } as const;

/** The import object of one instance. `exhausted` is the meter's import; the interpreter that boots has its own memory. */
export function pythonImports(
  module: WebAssembly.Module,
  host: PythonHost,
  exhausted: () => number,
  memory?: WebAssembly.Memory,
): WebAssembly.Imports {
  const imports: Record<string, Record<string, WebAssembly.ImportValue>> = {};
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    const group = (imports[from] ??= Object.create(null) as Record<string, WebAssembly.ImportValue>);
    if (kind === "function")
      group[name] = from === "wardian" && name === "exhausted" ? exhausted : importFunction(host, from, name);
    // Addresses of functions that only dynamic linking would provide: null pointers.
    else if (kind === "global" && from === "GOT.func")
      group[name] = new WebAssembly.Global({ value: "i32", mutable: true }, 0);
    else if (memory !== undefined && from === MEMORY_IMPORT.module && name === MEMORY_IMPORT.name) group[name] = memory;
    else
      throw new WardianError(
        "unsealed-module",
        `Cannot start Python: the interpreter imports the ${kind} "${from}.${name}"`,
      );
  }
  return imports;
}

function importFunction(host: PythonHost, module: string, name: string): (...values: never[]) => unknown {
  const call = calls.get(`${module}.${name}`);
  if (call === undefined) return seal(host, module, name);
  const { gauge } = host;
  // Every call costs the host something, whatever else it charges: a loop around the cheapest one must not be free.
  const pay = (): boolean => (host.charge(), true);
  return guardCall(host, call, { fuel: gauge, pay, failure: failureOf(module, name) });
}

/** The function for an import that nothing serves: a call ends the guest. */
export function seal(host: PythonHost, module: string, name: string): () => unknown {
  // `false` converts to every result type there is, i64 included; for the known ones null does, and is no JS value in an externref.
  const result = importTreatment(module, name) === "sealed" ? null : false;
  return () => {
    host.gauge.stop({ kind: "sealed", name });
    return result;
  };
}

/** What a call answers when the guest is being stopped: its own way of saying EIO, so that nothing goes on by mistake. */
function failureOf(module: string, name: string): number | bigint | null {
  if (module === "wasi_snapshot_preview1") return ERRNO.EIO;
  if (name.startsWith("__syscall_") || MAP_CALL.test(name)) return -ERRNO.EIO;
  return I64_CALL.test(name) ? -1n : null;
}

const MAP_CALL = /^_(mmap|msync|munmap)_js$/;
const I64_CALL = /^_(timegm|mktime)_js$/;
