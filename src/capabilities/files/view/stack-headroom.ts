/** Together with the width of a frame: about 28 KiB of stack. 16 were too few for an operation that is compiled on the way. Takes about 1 µs. */
const FRAMES = 160;

/**
 * Whether enough of the engine's stack is left for a file operation to run to its end.
 *
 * A guest can recurse until the stack is almost used up and only then call the host. An overflow in the middle of an
 * operation would leave a descriptor open or a directory half changed, so such an operation is not begun.
 */
export function hasStackHeadroom(): boolean {
  try {
    return descend(FRAMES, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0) === FRAMES;
  } catch {
    return false;
  }
}

// Many parameters make a frame wide at little cost; their rotation and the sum keep the engine from merging frames.
function descend(
  frames: number,
  a: number,
  b: number,
  c: number,
  d: number,
  e: number,
  f: number,
  g: number,
  h: number,
  i: number,
  j: number,
  k: number,
  l: number,
  m: number,
  n: number,
  o: number,
): number {
  return frames === 0 ? a : descend(frames - 1, b, c, d, e, f, g, h, i, j, k, l, m, n, o, a) + 1;
}
