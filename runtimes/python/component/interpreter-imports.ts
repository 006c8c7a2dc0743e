import type { WasmModule } from "../../../src/engine/binary/module.ts";
import { decodeModule } from "../../../src/engine/binary/decode-module.ts";
import { importTreatment } from "../../../src/guests/python/host/python-imports.ts";
import { ANSWERS } from "./answers.ts";

/** A function that the interpreter imports, and who answers. */
export interface InterpreterImport {
  readonly module: string;
  readonly name: string;
  readonly params: readonly string[];
  readonly results: readonly string[];
  readonly by: "adapter" | "answer" | "seal";
}

export interface InterpreterImports {
  readonly functions: readonly InterpreterImport[];
  /** Slots for addresses that dynamic linking would fill in: null pointers here. */
  readonly slots: readonly { readonly module: string; readonly name: string }[];
}

/**
 * Sorts the interpreter's imports by who answers. What neither the adapter nor the table of answers knows is sealed,
 * so that a new version fails closed.
 *
 * @throws Error for an import that the direct host serves and this component would seal, or for one of another type.
 */
export function sortImports(interpreter: WasmModule, adapterBytes: Uint8Array): InterpreterImports {
  const served = exportTypes(decodeModule(adapterBytes));
  const functions: InterpreterImport[] = [];
  const slots: { module: string; name: string }[] = [];
  for (const { module, name, kind, index } of interpreter.imports) {
    if (kind === "global" && module === "GOT.func") {
      slots.push({ module, name });
      continue;
    }
    if (kind !== "function") throw new Error(`Cannot seal the interpreter: it imports the ${kind} "${module}.${name}"`);
    const { params, results } = typeOf(interpreter, index);
    const by = served.has(name) ? "adapter" : ANSWERS.has(name) ? "answer" : "seal";
    if (by === "seal" && importTreatment(module, name) === "codec")
      throw new Error(`Cannot seal the interpreter: "${module}.${name}" is served by the direct host`);
    const wanted = `${params.join(" ")} -> ${results.join(" ")}`;
    if (by === "adapter" && served.get(name) !== wanted)
      throw new Error(`Cannot link the adapter: "${name}" is ${served.get(name)}, the interpreter wants ${wanted}`);
    functions.push({ module, name, params, results, by });
  }
  return { functions, slots };
}

function exportTypes(module: WasmModule): ReadonlyMap<string, string> {
  const functions = module.exports.filter(({ kind }) => kind === "function");
  return new Map(
    functions.map(({ name, index }) => {
      const { params, results } = typeOf(module, index);
      return [name, `${params.join(" ")} -> ${results.join(" ")}`];
    }),
  );
}

function typeOf(
  module: WasmModule,
  index: number,
): { readonly params: readonly string[]; readonly results: readonly string[] } {
  const type = module.types[module.functionTypes[index] ?? -1];
  if (type?.kind !== "function") throw new Error(`Cannot read the interpreter: function ${index} has no type`);
  return type;
}
