/** Counts the iterations of the Mandelbrot set's points on a `size` × `size` grid. */
export function mandelbrot(size: i32): f64 {
  let total = 0;
  for (let y = 0; y < size; y++) {
    const ci = (2.0 * <f64>y) / <f64>size - 1.0;
    for (let x = 0; x < size; x++) {
      const cr = (3.0 * <f64>x) / <f64>size - 2.0;
      let zr = 0.0;
      let zi = 0.0;
      let count = 0;
      while (count < 200) {
        const rr = zr * zr;
        const ii = zi * zi;
        if (rr + ii > 4.0) break;
        zi = 2.0 * zr * zi + ci;
        zr = rr - ii + cr;
        count++;
      }
      total += count;
    }
  }
  return <f64>total;
}
