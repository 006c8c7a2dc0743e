import type { GuestMemory } from "../../../wasi/preview1/guest-memory.ts";

const DAY = 86_400n;
/** `tm_zone` stays null: CPython then asks `tzname`. */
const TM_BYTES = 44;

/**
 * Fills a `struct tm` in UTC. Civil date from day count: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms",
 * https://howardhinnant.github.io/date_algorithms.html#civil_from_days, in BigInt because any i64 can come.
 */
export function writeCalendarTime(memory: GuestMemory, address: number, seconds: bigint): void {
  const at = address >>> 0;
  if (!memory.clear(at, TM_BYTES)) return;
  const days = floorDivide(seconds, DAY);
  const rest = Number(seconds - days * DAY);
  const { year, month, day } = civilFromDays(days);
  const yearDay = Number(days - daysFromCivil(year, 1, 1));
  const weekDay = Number((((days + 4n) % 7n) + 7n) % 7n);
  const fields = [
    rest % 60,
    Math.floor(rest / 60) % 60,
    Math.floor(rest / 3600),
    day,
    month - 1,
    Number(year - 1900n),
    weekDay,
    yearDay,
  ];
  for (const [index, field] of fields.entries()) memory.setU32(at + index * 4, field);
}

/** Seconds since the epoch of a `struct tm` whose fields may be out of range, as `mktime` allows. */
export function readCalendarTime(memory: GuestMemory, address: number): bigint | undefined {
  const fields: bigint[] = [];
  for (let index = 0; index < 6; index++) {
    const field = memory.i32((address >>> 0) + index * 4);
    if (field === undefined) return undefined;
    fields.push(BigInt(field));
  }
  const [second = 0n, minute = 0n, hour = 0n, day = 0n, month = 0n, year = 0n] = fields;
  const extraYears = floorDivide(month, 12n);
  const days = daysFromCivil(year + 1900n + extraYears, Number(month - extraYears * 12n) + 1, 1) + day - 1n;
  return days * DAY + hour * 3600n + minute * 60n + second;
}

function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by < 0n ? quotient - 1n : quotient;
}

function civilFromDays(days: bigint): { readonly year: bigint; readonly month: number; readonly day: number } {
  const shifted = days + 719_468n;
  const era = floorDivide(shifted, 146_097n);
  const dayOfEra = Number(shifted - era * 146_097n);
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return { year: BigInt(yearOfEra) + era * 400n + (month <= 2 ? 1n : 0n), month, day };
}

function daysFromCivil(year: bigint, month: number, day: number): bigint {
  const shifted = month <= 2 ? year - 1n : year;
  const era = floorDivide(shifted, 400n);
  const yearOfEra = Number(shifted - era * 400n);
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097n + BigInt(dayOfEra) - 719_468n;
}
