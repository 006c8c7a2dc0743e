const LIMIT: i32 = 200000;
const composite = new StaticArray<u8>(LIMIT);

/** Counts the primes below 200,000 by the sieve of Eratosthenes, `times` times over. */
export function sieve(times: i32): f64 {
  let count = 0;
  for (let time = 0; time < times; time++) {
    memory.fill(changetype<usize>(composite), 0, LIMIT);
    for (let i = 2; i < LIMIT; i++) {
      if (unchecked(composite[i])) continue;
      count++;
      for (let j = i + i; j < LIMIT; j += i) unchecked((composite[j] = 1));
    }
  }
  return <f64>count;
}
