import { EINVAL } from "./errno";
import { result } from "./memory";
import { clockResolution, monotonicClock, wallClock } from "./wasi";

// Clocks and calendar. The guest's zone is UTC.

const CLOCK_REALTIME: i32 = 0;
/** Realtime, monotonic, and the two CPU-time clocks, which count as monotonic. */
const LAST_CLOCK: i32 = 3;

function wallNanoseconds(): i64 {
  wallClock(result());
  return load<i64>(result()) * 1_000_000_000 + load<u32>(result(), 8);
}

export function emscripten_date_now(): f64 {
  return <f64>wallNanoseconds() / 1e6;
}

export function emscripten_get_now(): f64 {
  return <f64>monotonicClock() / 1e6;
}

export function clock_time_get(clock: i32, _precision: i64, into: usize): i32 {
  if (<u32>clock > <u32>LAST_CLOCK) return EINVAL;
  store<i64>(into, clock == CLOCK_REALTIME ? wallNanoseconds() : monotonicClock());
  return 0;
}

export function clock_res_get(clock: i32, into: usize): i32 {
  if (<u32>clock > <u32>LAST_CLOCK) return EINVAL;
  store<i64>(into, clockResolution());
  return 0;
}

/** "UTC" and its NUL. */
const UTC: u32 = 0x0043_5455;

export function _tzset_js(zone: usize, daylight: usize, standardName: usize, summerName: usize): void {
  store<i32>(zone, 0);
  store<i32>(daylight, 0);
  store<u32>(standardName, UTC);
  store<u32>(summerName, UTC);
}

export function _gmtime_js(seconds: i64, into: usize): void {
  writeCalendar(into, seconds);
}

export function _localtime_js(seconds: i64, into: usize): void {
  writeCalendar(into, seconds);
}

export function _timegm_js(calendar: usize): i64 {
  const seconds = readCalendar(calendar);
  writeCalendar(calendar, seconds);
  return seconds;
}

export function _mktime_js(calendar: usize): i64 {
  return _timegm_js(calendar);
}

const DAY: i64 = 86_400;
/** `tm_zone` stays null: CPython then asks `tzname`. */
const TM_BYTES: usize = 44;

/**
 * Fills a `struct tm`. Civil date from day count: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms",
 * https://howardhinnant.github.io/date_algorithms.html#civil_from_days
 */
function writeCalendar(into: usize, seconds: i64): void {
  memory.fill(into, 0, TM_BYTES);
  const days = floorDivide(seconds, DAY);
  const rest = <i32>(seconds - days * DAY);
  const shifted = days + 719_468;
  const era = floorDivide(shifted, 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
  const dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
  const shiftedMonth = (5 * dayOfYear + 2) / 153;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  store<i32>(into, rest % 60);
  store<i32>(into, (rest / 60) % 60, 4);
  store<i32>(into, rest / 3_600, 8);
  store<i32>(into, <i32>(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1), 12);
  store<i32>(into, <i32>month - 1, 16);
  store<i32>(into, <i32>(year - 1_900), 20);
  store<i32>(into, <i32>((((days + 4) % 7) + 7) % 7), 24);
  store<i32>(into, <i32>(days - daysFromCivil(year, 1, 1)), 28);
}

/** Seconds since the epoch of a `struct tm` whose fields may be out of range, as `mktime` allows. */
function readCalendar(from: usize): i64 {
  const month = <i64>load<i32>(from, 16);
  const extraYears = floorDivide(month, 12);
  const year = <i64>load<i32>(from, 20) + 1_900 + extraYears;
  const days = daysFromCivil(year, month - extraYears * 12 + 1, 1) + <i64>load<i32>(from, 12) - 1;
  return days * DAY + <i64>load<i32>(from, 8) * 3_600 + <i64>load<i32>(from, 4) * 60 + <i64>load<i32>(from);
}

function daysFromCivil(year: i64, month: i64, day: i64): i64 {
  const shifted = month <= 2 ? year - 1 : year;
  const era = floorDivide(shifted, 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468;
}

function floorDivide(value: i64, by: i64): i64 {
  return value / by - (value % by < 0 ? 1 : 0);
}
