/** Milliseconds as whole nanoseconds; in two parts, since nanoseconds since 1970 don't fit a double. */
export function toNanoseconds(ms: number): bigint {
  if (!Number.isFinite(ms)) return 0n;
  const whole = Math.floor(ms);
  return BigInt(whole) * 1_000_000n + BigInt(Math.round((ms - whole) * 1e6));
}

/** An unsigned 64-bit count of nanoseconds, which arrives signed, as milliseconds. */
export function toMilliseconds(ns: bigint): number {
  const unsigned = BigInt.asUintN(64, ns);
  return Number(unsigned / 1_000_000n) + Number(unsigned % 1_000_000n) / 1e6;
}
