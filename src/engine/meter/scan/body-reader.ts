import type { InstructionReader } from "../../binary/instruction-reader.ts";
import type { WasmModule } from "../../binary/module.ts";
import { OP } from "../../binary/opcodes.ts";
import type { RewriteLimits } from "../../limits.ts";

/**
 * Moves a reader to the first instruction of a defined function.
 *
 * @returns the number of locals, parameters included.
 */
export function enterBody(
  reader: InstructionReader,
  module: WasmModule,
  defined: number,
  limits: RewriteLimits,
): number {
  reader.reset(module.bodies[defined * 2] as number, module.bodies[defined * 2 + 1] as number);
  const type = module.types[module.functionTypes[module.importedFunctions + defined] as number];
  let locals = type?.kind === "function" ? type.params.length : 0;
  for (let groups = reader.u32(); groups > 0; groups--) {
    locals += reader.u32();
    if (locals > limits.locals) reader.tooLarge("number of locals of a function", locals, limits.locals);
    reader.valueType();
  }
  return locals;
}

/**
 * Refuses an access to a local or type that the module does not declare. The engine would do so, but for the locals and
 * types that the rewriter adds: behind it, a guest could reach its debt and its counter.
 */
export function checkIndices({ op, index, largestType }: InstructionReader, locals: number, types: number): boolean {
  if (largestType >= types) return false;
  switch (op) {
    case OP.localGet:
    case OP.localSet:
    case OP.localTee:
      return index < locals;
    case OP.block:
    case OP.loop:
    case OP.if:
    case OP.try:
    case OP.tryTable:
    case OP.callIndirect:
    case OP.returnCallIndirect:
    case OP.callRef:
    case OP.returnCallRef:
      return index < types;
    default:
      return true;
  }
}
