import { InstructionReader } from "../binary/instruction-reader.ts";
import type { WasmModule } from "../binary/module.ts";
import { OP } from "../binary/opcodes.ts";

/** What a first, shallow reading of all bodies finds. Arrays are indexed by function, imports included. */
export interface FunctionScan {
  /** Direct callees of function `f`: `callees[firstCallee[f]] … callees[lastCallee[f] - 1]`. */
  readonly firstCallee: Uint32Array;
  readonly lastCallee: Uint32Array;
  readonly callees: Uint32Array;
  /** The local that is subtracted from fuel, or -1. */
  readonly debts: Int32Array;
  /** The local that holds the value of fuel between a charge and its check, in either order, or -1. */
  readonly counters: Int32Array;
  /** 1 for functions whose only parameter is subtracted from fuel: they may settle a caller's debt. */
  readonly settlers: Uint8Array;
  /** Functions in which two locals are subtracted from fuel, or hold it. */
  readonly ambiguous: readonly number[];
  /** 1 for functions that a reference exists to: through elements, globals, tables or `ref.func`. */
  readonly addressTaken: Uint8Array;
  readonly usesTry: boolean;
}

/** Finds direct calls, references and debt locals. */
export function scanFunctions(module: WasmModule, fuel: number): FunctionScan {
  const count = module.functionTypes.length;
  const reader = new InstructionReader(module.bytes, 0, 0);
  const firstCallee = new Uint32Array(count);
  const lastCallee = new Uint32Array(count);
  let callees = new Uint32Array(1024);
  let length = 0;
  const debts = new Int32Array(count).fill(-1);
  const counters = new Int32Array(count).fill(-1);
  const ambiguous: number[] = [];
  const addressTaken = module.addressTaken.slice();
  const settlers = new Uint8Array(count);
  let usesTry = false;
  const found = (index: number, local: number): void => {
    if (debts[index] !== -1 && debts[index] !== local) ambiguous.push(index);
    debts[index] = local;
  };
  // Backwards, since functions that settle debts are injected behind the module's own.
  for (let index = count - 1; index >= module.importedFunctions; index--) {
    firstCallee[index] = length;
    const defined = index - module.importedFunctions;
    reader.reset(module.bodies[defined * 2] ?? 0, module.bodies[defined * 2 + 1] ?? 0);
    for (let groups = reader.u32(); groups > 0; groups--) {
      reader.u32();
      reader.valueType();
    }
    // Local of a `local.get x`, and of a `global.get fuel; local.get x`, that was just read.
    let local = -1;
    let candidate = -1;
    let afterFuel = false;
    // Instructions since `global.get fuel`; a `local.tee` as the first or third keeps it, or the result of a charge.
    let sinceFuel = 4;
    let charged = false;
    let cleared = false;
    let lifted = -1;
    let liftedFuel = false;
    while (reader.next()) {
      const { op } = reader;
      if (op === OP.call || op === OP.returnCall) {
        if (length === callees.length) {
          const grown = new Uint32Array(length * 2);
          grown.set(callees);
          callees = grown;
        }
        callees[length++] = reader.index;
        if (local >= 0 && settlers[reader.index] === 1) found(index, local);
      } else if (op === OP.refFunc && reader.index < count) addressTaken[reader.index] = 1;
      else if (op === OP.try || op === OP.tryTable) usesTry = true;
      else if (op === OP.i32Sub && candidate >= 0) found(index, candidate);
      sinceFuel++;
      if (op === OP.localTee && (afterFuel || (sinceFuel === 3 && charged))) {
        if (counters[index] !== -1 && counters[index] !== reader.index) ambiguous.push(index);
        counters[index] = reader.index;
      }
      charged = op === OP.i32Sub && sinceFuel === 2;
      // `i32.const 0; local.set x` may stand between, which clears what was just read.
      if (op === OP.localSet && cleared && reader.index === lifted) {
        local = lifted;
        candidate = liftedFuel ? lifted : -1;
        afterFuel = false;
        sinceFuel -= 2;
        cleared = false;
        continue;
      }
      cleared = op === OP.i32Const && reader.index === 0 && local >= 0;
      if (cleared) {
        lifted = local;
        liftedFuel = candidate >= 0;
      }
      local = op === OP.localGet ? reader.index : -1;
      candidate = afterFuel ? local : -1;
      afterFuel = op === OP.globalGet && reader.index === fuel;
      if (afterFuel) sinceFuel = 0;
    }
    lastCallee[index] = length;
    const type = module.types[module.functionTypes[index] ?? -1];
    if (debts[index] === 0 && type?.kind === "function" && type.params.length === 1 && type.results.length === 0)
      settlers[index] = 1;
  }
  return {
    firstCallee,
    lastCallee,
    settlers,
    counters,
    callees: callees.subarray(0, length),
    debts,
    ambiguous,
    addressTaken,
    usesTry,
  };
}
