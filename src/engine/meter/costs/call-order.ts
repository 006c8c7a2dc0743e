import type { ModuleScan } from "../scan/module-scan.ts";

export interface CallOrder {
  /** Defined functions, each behind its direct callees except along edges to heads. */
  readonly order: Int32Array;
  /** 1 for functions that cut cycles: every cycle of direct calls, and every cycle at all, passes through one. */
  readonly heads: Uint8Array;
  /** 1 for functions from which direct calls lead to a head, or out of the module's direct calls. */
  readonly reachesCycle: Uint8Array;
}

/**
 * Chooses the functions that cut all cycles of the call graph, and an order that settles callees before callers.
 *
 * A cycle with an indirect or outgoing call comes back in through an exposed function: all of those that lead out again
 * are heads. Of the cycles of direct calls that remain, the largest function of each strongly connected component is
 * taken first, since a check weighs least there.
 *
 * `exposed`: not 0 for functions that can be entered by anything but direct calls.
 */
export function orderCalls(scan: ModuleScan, exposed: Uint8Array, bodies: Uint32Array): CallOrder {
  const { callsOut } = scan;
  const reachesOut = callsOut.slice();
  spread(reachesOut, scan);
  const heads = new Uint8Array(callsOut.length);
  for (let index = 0; index < heads.length; index++)
    if (exposed[index] !== 0 && reachesOut[index] === 1) heads[index] = 1;
  cutComponents(scan, heads, bodies);
  const order = postOrder(scan, heads);
  const reachesCycle = callsOut.slice();
  for (let index = 0; index < heads.length; index++) if (heads[index] === 1) reachesCycle[index] = 1;
  spread(reachesCycle, scan);
  return { order, heads, reachesCycle };
}

/** Depth-first post-order without recursion. Targets of the back edges that are left become heads. */
function postOrder({ callees, calleeStart }: ModuleScan, heads: Uint8Array): Int32Array {
  const count = heads.length;
  const order = new Int32Array(count);
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
        if (state[callee] === 1) heads[callee] = 1;
        // Edges to heads are not followed: what they hold is settled by assumption.
        if (state[callee] !== 0 || heads[callee] === 1) continue;
        state[callee] = 1;
        stack[depth++] = callee;
      } else {
        state[current] = 2;
        order[ordered++] = current;
        depth--;
      }
    }
  }
  return order;
}

/** Rounds of cutting; cycles left behind the last are cut at back edges. */
const MOST_ROUNDS = 64;
/** In a component of n functions, ⌈n/128⌉ are taken at a time. */
const TAKEN_SHARE = 128;

/** Takes the largest functions of each component with a cycle, again and again, until none is left. */
function cutComponents(scan: ModuleScan, heads: Uint8Array, bodies: Uint32Array): void {
  const size = (defined: number): number => (bodies[defined * 2 + 1] as number) - (bodies[defined * 2] as number);
  let active: Int32Array = new Int32Array(heads.length).map((_, index) => index);
  for (let round = 0; round < MOST_ROUNDS && active.length > 0; round++) {
    const remaining: number[] = [];
    forEachComponent(scan, heads, active, (members) => {
      const sorted = members.slice().sort((a, b) => size(b) - size(a) || a - b);
      const taken = Math.ceil(sorted.length / TAKEN_SHARE);
      for (let index = 0; index < sorted.length; index++) {
        const member = sorted[index] as number;
        if (index < taken) heads[member] = 1;
        else remaining.push(member);
      }
    });
    active = Int32Array.from(remaining);
  }
}

/**
 * Strongly connected components with a cycle among `active` functions that are no heads (Tarjan 1972, without
 * recursion).
 */
function forEachComponent(
  { callees, calleeStart }: ModuleScan,
  heads: Uint8Array,
  active: Int32Array,
  visit: (members: readonly number[]) => void,
): void {
  const count = heads.length;
  const isActive = new Uint8Array(count);
  for (const index of active) if (heads[index] === 0) isActive[index] = 1;
  // Heads found during the walk must not change the graph under it: `isActive` is the graph.
  const number = new Int32Array(count);
  const low = new Int32Array(count);
  const onStack = new Uint8Array(count);
  const next = new Int32Array(count);
  const path: number[] = [];
  const stack: number[] = [];
  let counter = 0;
  for (const root of active) {
    if (isActive[root] === 0 || number[root] !== 0) continue;
    path.push(root);
    while (path.length > 0) {
      const current = path[path.length - 1] as number;
      if (number[current] === 0) {
        number[current] = low[current] = ++counter;
        next[current] = calleeStart[current] as number;
        stack.push(current);
        onStack[current] = 1;
      }
      const edge = next[current] as number;
      if (edge < (calleeStart[current + 1] as number)) {
        next[current] = edge + 1;
        const callee = callees[edge] as number;
        if (isActive[callee] === 0) continue;
        if (number[callee] === 0) path.push(callee);
        else if (onStack[callee] === 1) low[current] = Math.min(low[current] as number, number[callee] as number);
        continue;
      }
      path.pop();
      const parent = path[path.length - 1];
      if (parent !== undefined) low[parent] = Math.min(low[parent] as number, low[current] as number);
      if (low[current] !== number[current]) continue;
      const members: number[] = [];
      let member: number;
      do {
        member = stack.pop() as number;
        onStack[member] = 0;
        members.push(member);
      } while (member !== current);
      if (members.length > 1 || callsItself(current, callees, calleeStart)) visit(members);
    }
  }
}

function callsItself(index: number, callees: Int32Array, calleeStart: Int32Array): boolean {
  for (let edge = calleeStart[index] as number; edge < (calleeStart[index + 1] as number); edge++) {
    if (callees[edge] === index) return true;
  }
  return false;
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
  for (let index = 0; index < count; index++)
    callerStart[index + 1] = (callerStart[index + 1] as number) + (callerStart[index] as number);
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
