import { InstructionReader } from "../../../engine/binary/instruction-reader.ts";
import type { WasmModule } from "../../../engine/binary/module.ts";
import { OP } from "../../../engine/binary/opcodes.ts";
import { linkError } from "./link-error.ts";

/**
 * Instructions that change what belongs to the interpreter: its memory's size, which its allocator and our cap keep, and
 * its table, whose content a restored sandbox is given by linking again. No compiler emits them for a side module.
 */
const REFUSED: ReadonlyMap<number, string> = new Map([
  [OP.memoryGrow, "memory.grow"],
  [OP.tableSet, "table.set"],
  [OP.tableGrow, "table.grow"],
  [OP.tableFill, "table.fill"],
  [OP.tableInit, "table.init"],
  [OP.tableCopy, "table.copy"],
]);

/** @throws WardianError "unsealed-module", "invalid-module" */
export function refuseInstructions(module: WasmModule, path: string): void {
  const reader = new InstructionReader(module.bytes, 0, 0);
  reader.types = module.types.length;
  for (let body = 0; body + 1 < module.bodies.length; body += 2) {
    reader.reset(module.bodies[body] ?? 0, module.bodies[body + 1] ?? 0);
    for (let groups = reader.u32(); groups > 0; groups--) {
      reader.u32();
      reader.valueType();
    }
    while (reader.next()) {
      const name = REFUSED.get(reader.op);
      if (name !== undefined)
        throw linkError(path, `it uses ${name}, which is the interpreter's own`, "unsealed-module");
    }
  }
}
