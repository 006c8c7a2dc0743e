import { UsageError } from "./usage-error.ts";

const UNITS: ReadonlyMap<string, number> = new Map([
  ["", 1],
  ["b", 1],
  ["k", 2 ** 10],
  ["kb", 1e3],
  ["kib", 2 ** 10],
  ["m", 2 ** 20],
  ["mb", 1e6],
  ["mib", 2 ** 20],
  ["g", 2 ** 30],
  ["gb", 1e9],
  ["gib", 2 ** 30],
]);

/** Reads a size such as "64MiB", "500kB" or "1048576". */
export function parseSize(flag: string, text: string): number {
  const match = /^([0-9]+(?:\.[0-9]+)?)\s*([a-z]*)$/i.exec(text);
  const unit = match === null ? undefined : UNITS.get((match[2] ?? "").toLowerCase());
  if (match === null || unit === undefined) {
    throw new UsageError(`${flag} takes a size such as 64MiB, 500kB or a number of bytes, not "${text}"`);
  }
  return Math.floor(Number(match[1]) * unit);
}

/** Reads a positive number such as "5000", "1e9" or "50_000". */
export function parseCount(flag: string, text: string, unit: string): number {
  const value = /^[0-9][0-9_]*(?:\.[0-9]+)?(?:e\+?[0-9]+)?$/i.test(text)
    ? Number(text.replaceAll("_", ""))
    : Number.NaN;
  if (!Number.isFinite(value) || value <= 0)
    throw new UsageError(`${flag} takes a positive number of ${unit}, not "${text}"`);
  return value;
}
