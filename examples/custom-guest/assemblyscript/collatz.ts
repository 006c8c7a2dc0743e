/** How many steps the Collatz sequence of `start` takes to reach 1. Exported functions take and give numbers. */
export function steps(start: u64): u32 {
  let steps: u32 = 0;
  for (let value = start; value !== 1; steps++) value = value % 2 === 0 ? value / 2 : 3 * value + 1;
  return steps;
}

/** The start below `limit` that takes longest. */
export function longest(limit: u32): u32 {
  let best: u32 = 1;
  let most: u32 = 0;
  for (let start: u32 = 1; start < limit; start++) {
    const taken = steps(start);
    if (taken > most) {
      most = taken;
      best = start;
    }
  }
  return best;
}
