import type { ByteWriter } from "../../../internal/byte-writer.ts";
import type { Rewrite } from "./rewrite.ts";

/** Copies a range outside code and renumbers the functions and globals that it names. */
export function copyRenumbered({ module, injection }: Rewrite, payload: ByteWriter, start: number, end: number): void {
  const { bytes, firstFunctionReferences: functions, globalReferences: globals } = module;
  const shifts = injection.shiftedGlobals !== Number.POSITIVE_INFINITY;
  let cursor = start;
  let nextFunction = firstAtOrBehind(functions, start);
  let nextGlobal = shifts ? firstAtOrBehind(globals, start) : globals.length;
  for (;;) {
    const functionAt = functions[nextFunction] ?? Number.POSITIVE_INFINITY;
    const globalAt = globals[nextGlobal] ?? Number.POSITIVE_INFINITY;
    const at = Math.min(functionAt, globalAt);
    if (at >= end) break;
    payload.copy(bytes, cursor, at);
    if (functionAt < globalAt) {
      payload.u32(injection.functionIndex(functions[nextFunction + 2] as number));
      cursor = functions[nextFunction + 1] as number;
      nextFunction += 3;
    } else {
      payload.u32(injection.globalIndex(globals[nextGlobal + 2] as number));
      cursor = globals[nextGlobal + 1] as number;
      nextGlobal += 3;
    }
  }
  payload.copy(bytes, cursor, end);
}

/** Index of the first triple whose place is at or behind `place`. */
function firstAtOrBehind(triples: readonly number[], place: number): number {
  let low = 0;
  let high = triples.length / 3;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((triples[middle * 3] as number) < place) low = middle + 1;
    else high = middle;
  }
  return low * 3;
}
