import type { WasmModule } from "../binary/module.ts";

/** Offset of the body of a function, by its index. */
export function bodyOf(module: WasmModule, index: number): number {
  return module.bodies[(index - module.importedFunctions) * 2] ?? 0;
}
