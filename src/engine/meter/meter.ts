import { WardianError } from "../../errors.ts";
import { decodeModule } from "../binary/decode-module.ts";
import type { ExternalKind, WasmModule } from "../binary/module.ts";
import { describeModule } from "../inspect.ts";
import { DEFAULT_REWRITE_LIMITS, type RewriteLimits } from "../limits.ts";
import { storeCaps } from "./caps.ts";
import { EditList } from "./plan/edits.ts";
import { Injection, I32 } from "./emit/injection.ts";
import { EXHAUSTED_IMPORT, type MeteredModule } from "./metered-module.ts";
import type { MeterOptions } from "./options.ts";
import { planExact } from "./plan/plan-exact.ts";
import { planOptimized } from "./plan/plan-optimized.ts";
import { writeModule, type Rewrite } from "./emit/write-module.ts";

/**
 * Rewrites a core module so that it pays fuel for what it does and stops when the fuel is used up.
 *
 * The result is equivalent to the input but for one more import (`wardian.exhausted`) and one more export, the fuel
 * global. The same input and options give the same bytes everywhere. The result still has to be validated by the
 * engine that runs it: `meter` reads structure and refuses what it cannot decode, it does not check types.
 *
 * @throws WardianError `invalid-module`, `module-too-large`, or `unsealed-module` if the input itself imports from
 * `wardian`; `invalid-option`.
 */
export function meter(bytes: Uint8Array, options: MeterOptions = {}): MeteredModule {
  const limits: RewriteLimits = { ...DEFAULT_REWRITE_LIMITS, ...options.limits };
  checkOptions(options);
  const module = decodeModule(bytes, limits);
  for (const { module: from, name } of module.imports) {
    if (from === EXHAUSTED_IMPORT.module) {
      throw new WardianError(
        "unsealed-module",
        `Cannot meter module: it imports "${name}" from "${from}", a name that is reserved`,
      );
    }
  }
  const injection = new Injection(module, options.fuelImport !== undefined);
  injection.type([], [I32]);
  const edits = new EditList();
  const named = nameExports(module, injection, options);
  const entered = named.exports.flatMap(({ kind, index }) => (kind === "function" ? [index] : []));
  if (module.start !== undefined) entered.push(module.start);
  const plans =
    options.mode === "exact"
      ? planExact(module, injection, edits, limits)
      : planOptimized(module, injection, edits, limits, entered, options.stackLimit !== undefined);
  const rewrite: Rewrite = {
    module,
    injection,
    edits,
    plans,
    caps: storeCaps(module, options),
    fuelImport: options.fuelImport,
    stackLimit: options.stackLimit,
    removeStart: options.start === "export",
    exports: named.exports,
    branchHints: options.branchHints ?? true,
    limits,
  };
  return {
    bytes: writeModule(rewrite),
    import: EXHAUSTED_IMPORT,
    ...named.result,
    description: describeModule(module),
  };
}

function checkOptions(options: MeterOptions): void {
  const { memoryMaxBytes, tableMaxElements, stackLimit, mode } = options;
  if (mode !== undefined && mode !== "optimized" && mode !== "exact") {
    throw new WardianError("invalid-option", `Cannot meter module: option "mode" is neither "optimized" nor "exact"`);
  }
  if (mode === "exact" && stackLimit !== undefined) {
    throw new WardianError("invalid-option", `Cannot meter module: option "stackLimit" needs the mode "optimized"`);
  }
  for (const [name, value] of Object.entries({ memoryMaxBytes, tableMaxElements })) {
    if (value !== undefined && (!Number.isSafeInteger(value) || value < 0)) {
      throw new WardianError(
        "invalid-option",
        `Cannot meter module: option "${name}" is not a whole number of 0 or more`,
      );
    }
  }
  if (stackLimit !== undefined && (!Number.isSafeInteger(stackLimit) || stackLimit < 1 || stackLimit > 0x7fff_ffff)) {
    throw new WardianError(
      "invalid-option",
      `Cannot meter module: option "stackLimit" is not a whole number from 1 to 2147483647`,
    );
  }
}

interface NamedExports {
  readonly exports: Rewrite["exports"];
  readonly result: Omit<MeteredModule, "bytes" | "import" | "description">;
}

function nameExports(module: WasmModule, injection: Injection, options: MeterOptions): NamedExports {
  const { keepExports } = options;
  const keep =
    keepExports === undefined
      ? () => true
      : typeof keepExports === "function"
        ? keepExports
        : (name: string) => keepExports.includes(name);
  const exports: { name: string; kind: ExternalKind; index: number; raw?: boolean }[] = [];
  const names = new Set<string>();
  const unique = (base: string): string => {
    let name = base;
    for (let suffix = 2; names.has(name); suffix++) name = `${base}.${suffix}`;
    return name;
  };
  const add = (entry: { name: string; kind: ExternalKind; index: number; raw?: boolean }): string => {
    if (names.has(entry.name))
      throw new WardianError("invalid-option", `Cannot meter module: export name "${entry.name}" is taken`);
    names.add(entry.name);
    exports.push(entry);
    return entry.name;
  };
  for (const { name, kind, index } of module.exports) if (keep(name)) add({ name, kind, index });
  const added: { name: string; kind: ExternalKind; index: number }[] = [];
  const state = { globals: [] as string[], memories: [] as string[], tables: [] as string[] };
  if (options.addExports === "state") {
    const known = new Map(exports.map(({ name, kind, index }) => [`${kind} ${index}`, name]));
    const reach = (kind: ExternalKind, index: number): string => {
      const present = known.get(`${kind} ${index}`);
      if (present !== undefined) return present;
      const name = add({ name: unique(`wardian.${kind}.${index}`), kind, index });
      added.push({ name, kind, index });
      return name;
    };
    module.globals.forEach((global, index) => {
      if (global.mutable) state.globals.push(reach("global", index));
    });
    module.memories.forEach((_, index) => state.memories.push(reach("memory", index)));
    module.tables.forEach((_, index) => state.tables.push(reach("table", index)));
  } else {
    for (const { kind, index, name } of options.addExports ?? []) {
      const sizes = {
        function: module.functionTypes,
        table: module.tables,
        memory: module.memories,
        global: module.globals,
        tag: module.tags,
      };
      if (!(index >= 0 && index < sizes[kind].length)) {
        throw new WardianError("invalid-option", `Cannot meter module: there is no ${kind} ${index} to export`);
      }
      const entry = { name: name ?? unique(`wardian.${kind}.${index}`), kind, index };
      add(entry);
      added.push(entry);
    }
  }
  const fuelExport = add({ name: unique("wardian.fuel"), kind: "global", index: injection.fuel, raw: true });
  const startExport =
    options.start === "export" && module.start !== undefined
      ? add({ name: unique("wardian.start"), kind: "function", index: module.start })
      : undefined;
  const stackExport =
    options.stackLimit === undefined
      ? undefined
      : add({ name: unique("wardian.stack"), kind: "global", index: injection.stack, raw: true });
  return {
    exports,
    result: {
      fuelExport,
      ...(startExport === undefined ? {} : { startExport }),
      ...(stackExport === undefined ? {} : { stackExport }),
      added,
      state,
    },
  };
}
