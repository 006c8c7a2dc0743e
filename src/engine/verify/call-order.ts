import type { FunctionScan } from "./scan-functions.ts";

/**
 * Orders functions so that callees come before their callers, except along cycles.
 *
 * Depth-first postorder over direct calls, without recursion of its own.
 */
export function calleesFirst(scan: FunctionScan, importedFunctions: number): Uint32Array {
  const count = scan.firstCallee.length;
  const order = new Uint32Array(count - importedFunctions);
  const seen = new Uint8Array(count);
  const next = scan.firstCallee.slice(0, count);
  const path = new Uint32Array(count);
  let length = 0;
  for (let root = importedFunctions; root < count; root++) {
    if (seen[root] === 1) continue;
    let depth = 0;
    path[0] = root;
    seen[root] = 1;
    while (depth >= 0) {
      const current = path[depth] as number;
      const edge = next[current] as number;
      if (edge < (scan.lastCallee[current] as number)) {
        next[current] = edge + 1;
        const callee = scan.callees[edge] as number;
        if (callee < importedFunctions || callee >= count || seen[callee] === 1) continue;
        seen[callee] = 1;
        depth++;
        path[depth] = callee;
      } else {
        order[length++] = current;
        depth--;
      }
    }
  }
  return order;
}
