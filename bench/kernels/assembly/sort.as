const COUNT: i32 = 50000;
const values = new StaticArray<i32>(COUNT);

function quicksort(low: i32, high: i32): void {
  while (low < high) {
    const pivot = unchecked(values[(low + high) >> 1]);
    let i = low;
    let j = high;
    while (i <= j) {
      while (unchecked(values[i]) < pivot) i++;
      while (unchecked(values[j]) > pivot) j--;
      if (i <= j) {
        const value = unchecked(values[i]);
        unchecked((values[i] = values[j]));
        unchecked((values[j] = value));
        i++;
        j--;
      }
    }
    // The shorter side by recursion, the longer one by the loop: the depth stays logarithmic.
    if (j - low < high - i) {
      quicksort(low, j);
      low = i;
    } else {
      quicksort(i, high);
      high = j;
    }
  }
}

/** Quicksorts 50,000 pseudo-random numbers, `times` times over; returns a checksum of the order. */
export function sort(times: i32): f64 {
  let sum = 0.0;
  for (let time = 0; time < times; time++) {
    let seed: u32 = 12345 + time;
    for (let i = 0; i < COUNT; i++) {
      seed = seed * 1664525 + 1013904223;
      unchecked((values[i] = <i32>(seed >>> 1)));
    }
    quicksort(0, COUNT - 1);
    for (let i = 0; i < COUNT; i += 1000) sum += <f64>unchecked(values[i]) * <f64>i;
  }
  return sum;
}
