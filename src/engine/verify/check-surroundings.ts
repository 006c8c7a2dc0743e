import { SECTION } from "../binary/module.ts";
import type { WasmModule } from "../binary/module.ts";
import type { FunctionScan } from "./scan-functions.ts";

/** Nothing outside of the code may lead to the fuel global or the import. */
export function checkSurroundings(
  module: WasmModule,
  fuel: number,
  exhausted: number,
  scan: FunctionScan,
  whole: (problem: string) => void,
): void {
  const exports = module.exports.filter(({ kind, index }) => kind === "global" && index === fuel);
  if (exports.length !== 1) whole("the fuel global is exported under a second name");
  for (const { kind, index } of module.exports) {
    if (kind === "function" && index === exhausted) whole("the exhausted import is exported");
    if (kind === "function" && scan.settlers[index] === 1) whole("a function that settles debts is exported");
  }
  if (scan.addressTaken[exhausted] === 1) whole("a reference to the exhausted import exists");
  if (module.start === exhausted) whole("the exhausted import is the start function");
  const listed = module.sections.find(({ id }) => id === SECTION.export);
  for (let i = 0; i + 2 < module.globalReferences.length; i += 3) {
    const place = module.globalReferences[i] ?? 0;
    const isExport = listed !== undefined && place >= listed.start && place < listed.end;
    if (module.globalReferences[i + 2] === fuel && !isExport) whole("a constant expression reads the fuel global");
  }
  for (const index of scan.ambiguous) whole(`function ${String(index)} has more than one debt or counter`);
  for (let index = module.importedFunctions; index < module.functionTypes.length; index++) {
    const debt = scan.debts[index] ?? -1;
    if (debt >= 0 && debt === scan.counters[index]) whole(`function ${String(index)} holds fuel in its debt`);
    const type = module.types[module.functionTypes[index] ?? -1];
    if (scan.settlers[index] === 1) {
      if (scan.addressTaken[index] === 1)
        whole(`a reference to function ${String(index)}, which settles debts, exists`);
    } else if (debt >= 0 && type?.kind === "function" && debt < type.params.length)
      whole(`function ${String(index)} takes its debt as a parameter`);
  }
}
