function place(all: i32, columns: i32, left: i32, right: i32): i32 {
  if (columns == all) return 1;
  let solutions = 0;
  let free = all & ~(columns | left | right);
  while (free) {
    const bit = free & -free;
    free ^= bit;
    solutions += place(all, columns | bit, (left | bit) << 1, (right | bit) >> 1);
  }
  return solutions;
}

/** Counts the ways to put `size` queens on a board by recursion. */
export function queens(size: i32): f64 {
  return <f64>place((1 << size) - 1, 0, 0, 0);
}
