const order = new StaticArray<i32>(16);
const flipped = new StaticArray<i32>(16);
const counts = new StaticArray<i32>(16);

/** Flips pancakes for every permutation of `size` numbers; returns the checksum and the most flips in one number. */
export function fannkuch(size: i32): f64 {
  for (let i = 0; i < size; i++) unchecked((order[i] = i));
  let most = 0;
  let checksum = 0;
  let permutation = 0;
  let rest = size;
  while (true) {
    while (rest != 1) {
      unchecked((counts[rest - 1] = rest));
      rest--;
    }
    for (let i = 0; i < size; i++) unchecked((flipped[i] = order[i]));
    let flips = 0;
    let first = unchecked(flipped[0]);
    while (first != 0) {
      for (let i = 0, j = first; i < j; i++, j--) {
        const value = unchecked(flipped[i]);
        unchecked((flipped[i] = flipped[j]));
        unchecked((flipped[j] = value));
      }
      flips++;
      first = unchecked(flipped[0]);
    }
    if (flips > most) most = flips;
    checksum += permutation & 1 ? -flips : flips;
    while (true) {
      if (rest == size) return <f64>checksum * 100.0 + <f64>most;
      const head = unchecked(order[0]);
      for (let i = 0; i < rest; i++) unchecked((order[i] = order[i + 1]));
      unchecked((order[rest] = head));
      unchecked(counts[rest]--);
      if (unchecked(counts[rest]) > 0) break;
      rest++;
    }
    permutation++;
  }
}
