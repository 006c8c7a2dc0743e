import type { ModuleScan } from "./scan-module.ts";

export interface CallOrder {
  /** Defined functions, each behind its direct callees except along back edges. */
  readonly order: Int32Array;
  /** 1 for targets of back edges: every cycle of direct calls passes through one. */
  readonly heads: Uint8Array;
  /** 1 for functions from which direct calls lead to a call of an import, a table entry or a reference. */
  readonly reachesOut: Uint8Array;
}

/** Depth-first post-order of the direct call graph, without recursion. */
export function orderCalls(scan: ModuleScan): CallOrder {
  const { callees, calleeStart, callsOut } = scan;
  const count = callsOut.length;
  const order = new Int32Array(count);
  const heads = new Uint8Array(count);
  const reachesOut = callsOut.slice();
  // 0: not seen, 1: on the stack, 2: done.
  const state = new Uint8Array(count);
  const next = calleeStart.slice(0, count);
  const stack = new Int32Array(count);
  let ordered = 0;
  for (let root = 0; root < count; root++) {
    if (state[root] !== 0) continue;
    let depth = 0;
    stack[depth++] = root;
    state[root] = 1;
    while (depth > 0) {
      const current = stack[depth - 1] as number;
      const edge = next[current] as number;
      if (edge < (calleeStart[current + 1] as number)) {
        next[current] = edge + 1;
        const callee = callees[edge] as number;
        if (state[callee] === 0) {
          state[callee] = 1;
          stack[depth++] = callee;
        } else if (state[callee] === 1) heads[callee] = 1;
      } else {
        state[current] = 2;
        order[ordered++] = current;
        depth--;
      }
    }
  }
  spread(reachesOut, scan);
  return { order, heads, reachesOut };
}

/** Spreads a mark from callees to callers over reversed edges: linear, and right inside cycles too. */
function spread(marks: Uint8Array, { callees, calleeStart }: ModuleScan): void {
  const count = marks.length;
  const callerStart = new Int32Array(count + 1);
  const edges = calleeStart[count] ?? 0;
  for (let edge = 0; edge < edges; edge++) {
    const slot = (callees[edge] as number) + 1;
    callerStart[slot] = (callerStart[slot] as number) + 1;
  }
  for (let index = 0; index < count; index++) callerStart[index + 1] = (callerStart[index + 1] as number) + (callerStart[index] as number);
  const fill = callerStart.slice(0, count);
  const callers = new Int32Array(edges);
  for (let caller = 0; caller < count; caller++) {
    for (let edge = calleeStart[caller] as number; edge < (calleeStart[caller + 1] as number); edge++) {
      const callee = callees[edge] as number;
      const slot = fill[callee] as number;
      callers[slot] = caller;
      fill[callee] = slot + 1;
    }
  }
  const queue = new Int32Array(count);
  let tail = 0;
  for (let index = 0; index < count; index++) if (marks[index] === 1) queue[tail++] = index;
  for (let head = 0; head < tail; head++) {
    const callee = queue[head] as number;
    for (let slot = callerStart[callee] as number; slot < (callerStart[callee + 1] as number); slot++) {
      const caller = callers[slot] as number;
      if (marks[caller] === 1) continue;
      marks[caller] = 1;
      queue[tail++] = caller;
    }
  }
}
