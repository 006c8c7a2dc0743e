import { decodeModule } from "../../src/engine/binary/decode-module.ts";
import { InstructionReader } from "../../src/engine/binary/instruction-reader.ts";
import { OP } from "../../src/engine/binary/opcodes.ts";
import { COSTS, prefixedCost } from "../../src/engine/meter/costs/costs.ts";
import { DEBT_QUANTUM } from "../../src/engine/meter/emit/emit-body.ts";
import type { MeteredModule } from "../../src/engine/index.ts";

/** One way to break a metered module: stretches of bytes and what to write there (filled up with `nop`). */
export interface Mutation {
  readonly kind:
    | "charge dropped"
    | "charge turned into a grant"
    | "all checks of a loop dropped"
    | "debt charge dropped"
    | "debt comparison dropped"
    | "debt forgotten"
    | "answer ignored";
  readonly function: number;
  readonly patches: readonly Patch[];
}

interface Patch {
  readonly start: number;
  readonly end: number;
  readonly bytes: readonly number[];
}

/** The meter's own table: with it, the proof is as sharp as the charges are. */
export function meterCost(op: number): number {
  return op > 0xff ? prefixedCost(op) : (COSTS[op] ?? 1);
}

interface Instruction {
  readonly op: number;
  readonly index: number;
  readonly start: number;
  readonly end: number;
  readonly targets: readonly number[];
}

/** Finds every place where the injected code of a metered module can be broken. */
export function findMutations(metered: MeteredModule): Mutation[] {
  const { bytes } = metered;
  const module = decodeModule(bytes);
  const fuel = module.exports.find(({ name }) => name === metered.fuelExport)?.index ?? -1;
  const mutations: Mutation[] = [];
  const defined = module.functionTypes.length - module.importedFunctions;
  for (let body = 0; body < defined; body++) {
    const index = body + module.importedFunctions;
    const reader = new InstructionReader(bytes, module.bodies[body * 2] ?? 0, module.bodies[body * 2 + 1] ?? 0);
    for (let groups = reader.u32(); groups > 0; groups--) {
      reader.u32();
      reader.valueType();
    }
    const code: Instruction[] = [];
    while (reader.next()) {
      const { op, index: immediate, start, position: end } = reader;
      const targets: number[] = [];
      if (op === OP.brTable) {
        reader.position = reader.entries;
        for (let entry = 0; entry <= reader.count; entry++) targets.push(reader.u32());
      }
      reader.position = end;
      code.push({ op, index: immediate, start, end, targets });
    }
    const debts = debtsOf(code, fuel);
    const isDebt = (local: number | undefined): boolean => local !== undefined && debts.has(local);
    const is = (at: number, op: number, immediate?: number): boolean =>
      code[at]?.op === op && (immediate === undefined || code[at]?.index === immediate);
    const add = (kind: Mutation["kind"], from: number, to: number, replacement: readonly number[] = []): void => {
      mutations.push({ kind, function: index, patches: [patch(code, from, to, replacement)] });
    };
    // What is on the stack is fuel: loaded from the global, or from the local that the charge left it in.
    const isCheck = (at: number): boolean =>
      (is(at, OP.globalGet, fuel) || is(at, OP.localGet)) &&
      is(at + 1, OP.i32Const, 0) &&
      is(at + 2, OP.i32LtS) &&
      is(at + 3, OP.if) &&
      is(at + 4, OP.call) &&
      is(at + 5, OP.end) &&
      (is(at, OP.globalGet) || is(at - 1, OP.globalSet, fuel));
    const isSettlement = (at: number): boolean =>
      is(at, OP.localGet) && is(at + 2, OP.i32GeS) && is(at + 3, OP.if) && is(at + 7, OP.call) && is(at + 8, OP.end);
    for (const { from, to } of leafLoops(code, module.functionTypes.length - 8, module.importedFunctions - 1)) {
      const patches: Patch[] = [];
      for (let at = from; at < to; at++) {
        if (isCheck(at)) patches.push(patch(code, at, at + 5));
        if (is(at, OP.localGet) && isDebt(code[at]?.index)) {
          if (isSettlement(at)) patches.push(patch(code, at, at + 8));
          if (is(at + 2, OP.i32GeS) && is(at + 3, OP.brIf)) patches.push(patch(code, at, at + 3));
        }
        if (is(at, OP.globalGet, fuel) && is(at + 1, OP.localTee) && is(at + 4, OP.brIf))
          patches.push(patch(code, at + 2, at + 4, [OP.drop]));
      }
      if (patches.length > 0) mutations.push({ kind: "all checks of a loop dropped", function: index, patches });
    }
    for (let at = 0; at < code.length; at++) {
      if (
        is(at, OP.globalGet, fuel) &&
        is(at + 1, OP.i32Const) &&
        is(at + 2, OP.i32Sub) &&
        is(at + 3, OP.globalSet, fuel)
      ) {
        add("charge dropped", at, at + 3);
        add("charge turned into a grant", at + 2, at + 2, [OP.i32Add]);
      }
      if (
        is(at, OP.globalGet, fuel) &&
        is(at + 1, OP.i32Const) &&
        is(at + 2, OP.i32Sub) &&
        is(at + 3, OP.localTee) &&
        is(at + 4, OP.globalSet, fuel)
      ) {
        add("charge dropped", at + 1, at + 2);
        add("charge turned into a grant", at + 2, at + 2, [OP.i32Add]);
      }
      const local = code[at]?.index;
      if (
        is(at, OP.localGet) &&
        is(at + 1, OP.i32Const) &&
        is(at + 2, OP.i32Add) &&
        is(at + 3, OP.localSet, local) &&
        isDebt(local)
      ) {
        add("debt charge dropped", at, at + 3);
      }
      if (is(at, OP.localGet) && is(at + 1, OP.i32Const) && is(at + 2, OP.i32GeS) && isDebt(local)) {
        // An outer loop's comparison may be covered by one in a loop that each of its turns passes.
        const nested = isNesting(code, at, isSettlement(at) ? at + 9 : -1);
        if (isSettlement(at) && !nested) add("debt comparison dropped", at, at + 8);
        if (is(at + 3, OP.brIf) && !nested) add("debt comparison dropped", at, at + 3);
      }
      if (
        is(at, OP.globalGet, fuel) &&
        is(at + 1, OP.localGet) &&
        is(at + 2, OP.i32Const, 0) &&
        is(at + 3, OP.localSet) &&
        is(at + 4, OP.i32Sub)
      ) {
        add("debt forgotten", at + 4, at + 4, [OP.drop]);
      }
      if (is(at, OP.call, module.importedFunctions - 1) && is(at + 1, OP.if) && is(at + 2, OP.unreachable)) {
        add("answer ignored", at + 2, at + 2);
      }
    }
  }
  return mutations;
}

/** A local is a debt if it is compared with the quantum or taken off the fuel. */
function debtsOf(code: readonly Instruction[], fuel: number): ReadonlySet<number> {
  const debts = new Set<number>();
  for (const [at, { op, index }] of code.entries()) {
    if (op !== OP.localGet) continue;
    const next = code[at + 1];
    const paid =
      next?.op === OP.i32Const && next.index === 0 && code[at + 2]?.op === OP.localSet && code[at + 2]?.index === index;
    if (paid && code[at - 1]?.op === OP.globalGet && code[at - 1]?.index === fuel) debts.add(index);
    if (next?.op === OP.i32Const && next.index === DEBT_QUANTUM && code[at + 2]?.op === OP.i32GeS) debts.add(index);
  }
  return debts;
}

/** Whether the innermost loop around a place has a loop inside, other than the one that begins at `doubled`. */
function isNesting(code: readonly Instruction[], at: number, doubled: number): boolean {
  let depth = 1;
  for (let next = at; next < code.length && depth > 0; next++) {
    const op = code[next]?.op;
    if (op === OP.loop && next !== doubled) return true;
    if (op === OP.block || op === OP.loop || op === OP.if || op === OP.try || op === OP.tryTable) depth++;
    else if (op === OP.end || op === OP.delegate) depth--;
  }
  return false;
}

/** Loops that some branch goes back to, and that call nothing that could check for them. */
function leafLoops(
  code: readonly Instruction[],
  injected: number,
  exhausted: number,
): { readonly from: number; readonly to: number }[] {
  const found: { readonly from: number; readonly to: number }[] = [];
  const open: { readonly at: number; readonly loop: boolean; repeats: boolean; calls: boolean }[] = [];
  const branch = (label: number): void => {
    const block = open[open.length - 1 - label];
    if (block !== undefined) block.repeats = true;
  };
  for (const [at, { op, index, targets }] of code.entries()) {
    if (op === OP.block || op === OP.if || op === OP.loop || op === OP.try || op === OP.tryTable)
      open.push({ at, loop: op === OP.loop, repeats: false, calls: false });
    else if (op === OP.br || op === OP.brIf) branch(index);
    else if (op === OP.brTable) for (const target of targets) branch(target);
    else if (
      op > OP.return &&
      op <= OP.returnCallRef &&
      !(op === OP.call && (index >= injected || index === exhausted))
    )
      for (const block of open) block.calls = true;
    else if (op === OP.end) {
      const block = open.pop();
      if (block?.loop === true && block.repeats && !block.calls) found.push({ from: block.at, to: at });
    }
  }
  return found;
}

function patch(code: readonly Instruction[], from: number, to: number, bytes: readonly number[] = []): Patch {
  const [first, last] = [code[from], code[to]];
  if (first === undefined || last === undefined) throw new RangeError("No such instruction");
  return { start: first.start, end: last.end, bytes };
}

export function mutate(bytes: Uint8Array, { patches }: Mutation): Uint8Array<ArrayBuffer> {
  const broken = Uint8Array.from(bytes);
  for (const { start, end, bytes: replacement } of patches) {
    broken.fill(OP.nop, start, end);
    broken.set(replacement, start);
  }
  return broken;
}
