/**
 * What is known at one point of a function about every path that leads there.
 *
 * The fields `checked` to `resettled` say how recently something has happened on *all* paths: −1 never since the
 * function was entered, 0 since its entry, k since the last visit of the header of the enclosing loop of depth k. Loops
 * nest, so what has happened since an inner header has happened since the outer ones too, and one number is enough.
 * A branch back to a loop of depth k must find k or more: that is the proof for every cycle through its header.
 */
export const FIELD = {
  /** A check: the fuel global was found not negative, or the host was asked. */
  checked: 0,
  /** A check, or the debt was found below its limit. */
  bounded: 1,
  /** A check, or a charge to the debt. */
  indebted: 2,
  /** A positive charge to fuel or debt. */
  charged: 3,
  /** The debt was found below its limit, or was flushed. */
  resettled: 4,
  /** On some path: deepest loop since whose header the debt was flushed and fuel not checked again. −1: none. */
  flushed: 5,
  /** On some path the debt is not zero. */
  dirty: 6,
  /** On some path a charge of run-time size stands unchecked. */
  unproven: 7,
  /** Local by whose value fuel was charged, −1: none. */
  paidLocal: 8,
  /** log2 of the units charged per unit of `paidLocal`. */
  paidShift: 9,
  /** Local that is known to be at most `cap` (unsigned), −1: none. */
  cappedLocal: 10,
  cap: 11,
  /** The debt is known to be below this since it was compared, −1: not known. */
  below: 12,
  /** The same at the entry of the innermost loop, with no charge since its header, −1: not known. */
  entryBelow: 13,
  /** Smallest difference of units charged and units of work on any path. */
  credit: 14,
  /**
   * On some path the debt was charged and neither compared nor flushed since the last visit of the headers of depth k,
   * for `openFrom` < k <= `openTo`. `openTo` −1: on no path.
   */
  openTo: 15,
  openFrom: 16,
  /** Most units of work since the last check. Work under a debt that is compared counts once more as that debt. */
  run: 17,
  /** Most units on a path without any check; meaningless if `checked` is 0 or more. */
  through: 18,
} as const;

export const FIELDS = 19;

/** A pool of states, addressed by offset. */
export type States = Int32Array;

export function copyState(states: States, to: number, from: number): void {
  states.copyWithin(to, from, from + FIELDS);
}

/** Where two paths meet: what holds on all paths is the weaker of both, what may hold on some path the stronger. */
export function joinState(states: States, into: number, from: number): void {
  for (let field: number = FIELD.checked; field <= FIELD.resettled; field++) {
    states[into + field] = Math.min(at(states, into + field), at(states, from + field));
  }
  for (let field: number = FIELD.flushed; field <= FIELD.unproven; field++) {
    states[into + field] = Math.max(at(states, into + field), at(states, from + field));
  }
  joinPair(states, into, from, FIELD.paidLocal);
  joinPair(states, into, from, FIELD.cappedLocal);
  for (const field of [FIELD.below, FIELD.entryBelow]) {
    const [here, there] = [at(states, into + field), at(states, from + field)];
    states[into + field] = here < 0 || there < 0 ? -1 : Math.max(here, there);
  }
  states[into + FIELD.run] = Math.max(at(states, into + FIELD.run), at(states, from + FIELD.run));
  states[into + FIELD.through] = Math.max(at(states, into + FIELD.through), at(states, from + FIELD.through));
  const open = at(states, from + FIELD.openTo);
  if (open >= 0) {
    const before = at(states, into + FIELD.openTo);
    const openFrom = at(states, from + FIELD.openFrom);
    states[into + FIELD.openTo] = Math.max(before, open);
    states[into + FIELD.openFrom] = before < 0 ? openFrom : Math.min(at(states, into + FIELD.openFrom), openFrom);
  }
  states[into + FIELD.credit] = Math.min(at(states, into + FIELD.credit), at(states, from + FIELD.credit));
}

/** Leaves all loops deeper than `depth`. */
export function leaveLoops(states: States, state: number, depth: number): void {
  for (let field: number = FIELD.checked; field <= FIELD.flushed; field++) {
    if (at(states, state + field) > depth) states[state + field] = depth;
  }
  states[state + FIELD.entryBelow] = -1;
  if (at(states, state + FIELD.openTo) > depth) states[state + FIELD.openTo] = depth;
  if (at(states, state + FIELD.openTo) <= at(states, state + FIELD.openFrom)) states[state + FIELD.openTo] = -1;
}

export function clearState(states: States, state: number): void {
  states.fill(-1, state, state + FIELDS);
  states[state + FIELD.dirty] = 0;
  states[state + FIELD.unproven] = 0;
  states[state + FIELD.credit] = 0;
  states[state + FIELD.run] = 0;
  states[state + FIELD.through] = 0;
}

export function at(states: States, offset: number): number {
  return states[offset] as number;
}

/** A local and a number that belongs to it: kept only if both paths agree. */
function joinPair(states: States, into: number, from: number, field: number): void {
  if (
    at(states, into + field) !== at(states, from + field) ||
    at(states, into + field + 1) !== at(states, from + field + 1)
  ) {
    states[into + field] = -1;
  }
}
