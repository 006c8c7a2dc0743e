const SIZE: i32 = 96;
const left = new StaticArray<f64>(SIZE * SIZE);
const right = new StaticArray<f64>(SIZE * SIZE);
const product = new StaticArray<f64>(SIZE * SIZE);

/** Multiplies two 96 × 96 matrices of doubles, `times` times over. */
export function matmul(times: i32): f64 {
  for (let i = 0; i < SIZE * SIZE; i++) {
    unchecked((left[i] = <f64>((i * 7) % 31) / 31.0));
    unchecked((right[i] = <f64>((i * 5) % 29) / 29.0));
  }
  let trace = 0.0;
  for (let time = 0; time < times; time++) {
    for (let row = 0; row < SIZE; row++) {
      for (let column = 0; column < SIZE; column++) {
        let sum = 0.0;
        for (let k = 0; k < SIZE; k++) sum += unchecked(left[row * SIZE + k]) * unchecked(right[k * SIZE + column]);
        unchecked((product[row * SIZE + column] = sum));
      }
    }
    for (let i = 0; i < SIZE; i++) trace += unchecked(product[i * SIZE + i]);
  }
  return trace;
}
