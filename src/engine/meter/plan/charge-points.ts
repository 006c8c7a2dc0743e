/**
 * Charge points and paths.
 *
 * A charge point is a place that pays, each time control passes it, for code behind it that it dominates. A path is
 * what the walk knows at its current place: which point pays, and how much it has to pay at least and at most on the
 * ways that lead here. A point's charge is the most over all ways, so nothing is ever under-charged. Code joins the
 * dominating point while that charge exceeds what the cheapest way needs by no more than {@link SLACK}; else it gets a
 * point of its own.
 */
export interface ChargePoint {
  /** Index in the edit list. */
  readonly edit: number;
  /** Number of points below it on the chain. */
  readonly depth: number;
  /** Extra points above the innermost loop or the function entry, up to this one. */
  readonly extra: number;
  /** Number of open blocks when it was made: only blocks opened since can hold paths that wait on it. */
  readonly frame: number;
  /** Units to charge. */
  charge: number;
  /** Least cost over the ways that left this point for good. */
  left: number;
  /** Least cost over the ways that left or wait at a label. */
  floor: number;
}

/** The state of the walk at one place. */
export interface Path {
  point: ChargePoint;
  /** Least and most cost that `point` has to pay for on the ways that lead here. */
  least: number;
  most: number;
  /** Where the walk goes on when it gives up `point`: the path as it was when the point was made. */
  below: Path | undefined;
  /** Most units since the last check, or the entry. */
  unchecked: number;
  /** Most units since the entry on the ways without any check; -1 if all ways have had one. */
  through: number;
  /**
   * Set behind an exception: the ways through the `try` body are not known one by one, so points below pay as if this
   * way had taken the dearest.
   */
  caught: boolean;
}

/**
 * Units by which a point may over-charge.
 *
 * Measured on CPython: from 32 to 64, a fifth fewer charges are executed and fuel grows by a fifth to a half; with 128,
 * a third fewer, but fuel would be twice the exact count and more.
 */
export const SLACK = 64;
/** Points above a loop or the entry, so that joining stays cheap on hostile input. */
export const MOST_EXTRA_POINTS = 32;

export function copyPath(path: Path): Path {
  return { ...path };
}

export function leave(point: ChargePoint, least: number): void {
  if (least < point.left) point.left = least;
  if (least < point.floor) point.floor = least;
}

/** Gives up the top point. The root is never given up. */
export function descend(path: Path): Path {
  const { below } = path;
  if (below === undefined) return path;
  leave(path.point, path.least);
  return {
    ...below,
    most: path.caught ? below.point.charge : below.most,
    unchecked: path.unchecked,
    through: path.through,
    caught: path.caught || below.caught,
  };
}

/** Both ways lead on from here: their nearest common point pays. */
export function join(first: Path | undefined, second: Path | undefined): Path | undefined {
  if (first === undefined) return second;
  if (second === undefined) return first;
  let a = first;
  let b = second;
  while (a.point !== b.point) {
    if (a.point.depth >= b.point.depth) a = descend(a);
    else b = descend(b);
  }
  return {
    point: a.point,
    least: Math.min(a.least, b.least),
    most: Math.max(a.most, b.most),
    below: a.below,
    unchecked: Math.max(a.unchecked, b.unchecked),
    through: Math.max(a.through, b.through),
    caught: a.caught || b.caught,
  };
}
