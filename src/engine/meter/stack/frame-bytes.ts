import { ModuleReader } from "../../binary/module-reader.ts";
import type { WasmModule } from "../../binary/module.ts";

/** Return address, frame pointer and the engine's own slots. */
const FRAME_BYTES = 64;
/** Parameters that don't fit into registers stand in the caller's frame as well. */
const PARAMETER_BYTES = 4;
/** Very large functions get slots for values that live nowhere in the source: CPython's evaluation loop, of 79 KB, 3 KB of them. */
const LARGE_CODE = 32_768;
const CODE_FOR_SPILLS = 16;

/**
 * Estimate of the native stack that a call of a defined function takes, in bytes, but for its operands.
 *
 * Measured with V8 11.3 to 14.6: baseline code has a slot for each local, 4 bytes for an i32; optimized code has less
 * but in very large functions.
 */
export function frameBytes(module: WasmModule, defined: number): number {
  const start = module.bodies[defined * 2] as number;
  const end = module.bodies[defined * 2 + 1] as number;
  let bytes = FRAME_BYTES + Math.floor(Math.max(0, end - start - LARGE_CODE) / CODE_FOR_SPILLS);
  const type = module.types[module.functionTypes[module.importedFunctions + defined] as number];
  if (type?.kind === "function") for (const param of type.params) bytes += PARAMETER_BYTES + slotBytes(param);
  const reader = new ModuleReader(module.bytes, start, end);
  for (let groups = reader.u32(); groups > 0; groups--) {
    const count = reader.u32();
    bytes += count * slotBytes(reader.valueType());
  }
  return bytes;
}

function slotBytes(type: string): number {
  if (type === "i32" || type === "f32") return 4;
  return type === "v128" ? 16 : 8;
}
