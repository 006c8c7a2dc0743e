import { InstructionReader } from "../../binary/instruction-reader.ts";
import type { WasmModule } from "../../binary/module.ts";
import { OP } from "../../binary/opcodes.ts";
import type { RewriteLimits } from "../../limits.ts";
import { checkIndices, enterBody } from "../scan/body-reader.ts";
import { CATCHES } from "../scan/module-scan.ts";
import { COSTS, IMPORT_CALL_COST, prefixedCost } from "../costs/costs.ts";
import { EDIT, type EditList, type FunctionPlan } from "./edits.ts";
import type { Injection } from "../emit/injection.ts";
import { editMovedIndex } from "./moved-indices.ts";
import { isSized } from "../costs/is-sized.ts";
import { editSized } from "./size-charges.ts";

/**
 * Plans the naive mode: every straight piece of code charges its cost and checks where it begins.
 *
 * A piece ends at each instruction that control can leave or enter. There is nothing clever here on purpose: this mode
 * is the oracle for the other.
 */
export function planExact(
  module: WasmModule,
  injection: Injection,
  edits: EditList,
  limits: RewriteLimits,
): FunctionPlan[] {
  const reader = new InstructionReader(module.bytes, 0, 0, limits.branchTargets);
  reader.types = module.types.length;
  const plans: FunctionPlan[] = [];
  let encodings = 0;
  for (let defined = 0; defined * 2 < module.bodies.length; defined++) {
    const locals = enterBody(reader, module, defined, limits);
    const first = edits.length;
    const code = reader.position;
    encodings |= planBody(reader, module, injection, edits, limits, locals);
    plans.push({
      first,
      last: edits.length,
      debtLocal: false,
      stackLocal: false,
      checkLocal: true,
      locals,
      code,
      prepaid: 0,
    });
  }
  injection.guardSlowPath(encodings);
  return plans;
}

/** Returns how the function catches exceptions: flags of `CATCHES`. */
function planBody(
  reader: InstructionReader,
  module: WasmModule,
  injection: Injection,
  edits: EditList,
  limits: RewriteLimits,
  locals: number,
): number {
  let depth = 1;
  let encodings = 0;
  // The edit that pays for the current piece. It is added in its place before the cost is known.
  let piece = edits.add(EDIT.chargeAndCheck, reader.position, reader.position, 0);
  let cost = 0;
  while (reader.next()) {
    const { op } = reader;
    if (depth === 0) reader.fail("code behind the end of a function", reader.start);
    if (!checkIndices(reader, locals, module.types.length)) reader.fail("local or type does not exist", reader.start);
    cost += op > 0xff ? prefixedCost(op) : (COSTS[op] as number);
    if ((op === OP.call || op === OP.returnCall) && reader.index < module.importedFunctions) cost += IMPORT_CALL_COST;
    editMovedIndex(edits, injection, reader);
    if (isSized(op)) editSized(edits, injection, reader);
    if (op === OP.block || op === OP.loop || op === OP.if || op === OP.try || op === OP.tryTable) {
      depth++;
      if (op === OP.try) encodings |= CATCHES.try;
      else if (op === OP.tryTable) encodings |= CATCHES.tryTable;
      if (depth > limits.nesting) reader.tooLarge("nesting of blocks", depth, limits.nesting);
    } else if (op === OP.end || op === OP.delegate) {
      depth--;
    } else if (!isLeaving(op)) continue;
    edits.setA(piece, cost);
    // A loop's own header costs a unit: a turn of an empty loop must not be free.
    cost = op === OP.loop ? 1 : 0;
    piece = edits.add(EDIT.chargeAndCheck, reader.position, reader.position, 0);
  }
  if (depth !== 0) reader.fail("function has no end");
  return encodings;
}

/** Whether control can go elsewhere at an instruction, or come from elsewhere behind it. */
function isLeaving(op: number): boolean {
  return (
    op === OP.else ||
    op === OP.catch ||
    op === OP.catchAll ||
    (op >= OP.br && op <= OP.returnCallRef) ||
    (op >= OP.throw && op <= OP.throwRef) ||
    op === OP.unreachable ||
    op === OP.brOnNull ||
    op === OP.brOnNonNull ||
    op === OP.brOnCast ||
    op === OP.brOnCastFail
  );
}
