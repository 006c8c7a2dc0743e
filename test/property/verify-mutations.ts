import { decodeModule } from "../../src/engine/binary/decode-module.ts";
import { InstructionReader } from "../../src/engine/binary/instruction-reader.ts";
import { OP } from "../../src/engine/binary/opcodes.ts";
import { COSTS, IMPORT_CALL_COST, prefixedCost } from "../../src/engine/meter/costs.ts";
import type { MeteredModule } from "../../src/engine/index.ts";

/** One way to break a metered module: a stretch of bytes and what to write there (filled up with `nop`). */
export interface Mutation {
  readonly kind:
    | "charge dropped"
    | "charge turned into a grant"
    | "check dropped"
    | "debt charge dropped"
    | "debt comparison dropped"
    | "debt forgotten"
    | "flush not checked"
    | "answer ignored";
  readonly function: number;
  readonly start: number;
  readonly end: number;
  readonly bytes: readonly number[];
}

/** The meter's own table: with it, the proof is as sharp as the charges are. */
export function meterCost(op: number): number {
  return op > 0xff ? prefixedCost(op) : (COSTS[op] ?? 1);
}

export { IMPORT_CALL_COST };

interface Instruction {
  readonly op: number;
  readonly index: number;
  readonly start: number;
  readonly end: number;
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
    const reader = new InstructionReader(bytes, module.bodies[body * 2], module.bodies[body * 2 + 1]);
    for (let groups = reader.u32(); groups > 0; groups--) {
      reader.u32();
      reader.valueType();
    }
    const code: Instruction[] = [];
    while (reader.next()) code.push({ op: reader.op, index: reader.index, start: reader.start, end: reader.position });
    const is = (at: number, op: number, immediate?: number): boolean => code[at]?.op === op && (immediate === undefined || code[at]?.index === immediate);
    const add = (kind: Mutation["kind"], from: number, to: number, replacement: readonly number[] = []): void => {
      const [first, last] = [code[from], code[to]];
      if (first !== undefined && last !== undefined) mutations.push({ kind, function: index, start: first.start, end: last.end, bytes: replacement });
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
    for (let at = 0; at < code.length; at++) {
      if (is(at, OP.globalGet, fuel) && is(at + 1, OP.i32Const) && is(at + 2, OP.i32Sub) && is(at + 3, OP.globalSet, fuel)) {
        add("charge dropped", at, at + 3);
        add("charge turned into a grant", at + 2, at + 2, [OP.i32Add]);
      }
      if (is(at, OP.globalGet, fuel) && is(at + 1, OP.i32Const) && is(at + 2, OP.i32Sub) && is(at + 3, OP.localTee) && is(at + 4, OP.globalSet, fuel)) {
        add("charge dropped", at + 1, at + 2);
        add("charge turned into a grant", at + 2, at + 2, [OP.i32Add]);
      }
      if (isCheck(at)) add("check dropped", at, at + 5);
      const local = code[at]?.index;
      if (is(at, OP.localGet) && is(at + 1, OP.i32Const) && is(at + 2, OP.i32Add) && is(at + 3, OP.localSet, local) && isDebt(code, local, fuel)) {
        add("debt charge dropped", at, at + 3);
      }
      if (is(at, OP.localGet) && is(at + 1, OP.i32Const) && is(at + 2, OP.i32GeS) && isDebt(code, local, fuel)) {
        if (is(at + 3, OP.if) && is(at + 8, OP.end)) add("debt comparison dropped", at, at + 8);
        if (is(at + 3, OP.brIf)) add("debt comparison dropped", at, at + 3);
      }
      if (is(at, OP.globalGet, fuel) && is(at + 1, OP.localGet) && is(at + 2, OP.i32Sub) && is(at + 3, OP.localTee) && is(at + 4, OP.globalSet, fuel)) {
        add("debt forgotten", at + 1, at + 2);
        if (isCheck(at + 5)) add("flush not checked", at + 5, at + 10);
      }
      if (is(at, OP.call, module.importedFunctions - 1) && is(at + 1, OP.if) && is(at + 2, OP.unreachable)) {
        add("answer ignored", at + 2, at + 2);
      }
    }
  }
  return mutations;
}

/** A local is the debt if it is compared with the quantum or taken off the fuel. */
function isDebt(code: readonly Instruction[], local: number | undefined, fuel: number): boolean {
  return code.some(
    ({ op, index }, at) =>
      op === OP.localGet &&
      index === local &&
      ((code[at + 1]?.op === OP.i32Sub && code[at - 1]?.op === OP.globalGet && code[at - 1]?.index === fuel) ||
        (code[at + 1]?.op === OP.i32Const && code[at + 1]?.index === 20_000 && code[at + 2]?.op === OP.i32GeS)),
  );
}

export function mutate(bytes: Uint8Array, { start, end, bytes: replacement }: Mutation): Uint8Array<ArrayBuffer> {
  const broken = bytes.slice();
  broken.fill(OP.nop, start, end);
  broken.set(replacement, start);
  return broken as Uint8Array<ArrayBuffer>;
}
