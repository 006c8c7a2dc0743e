import { MAX_PATH_BYTES } from "../../../capabilities/files/guest-path.ts";
import type { LiveInterpreter } from "../interpreter/interpreter.ts";

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

/** A `struct tm`, as C numbers its fields. */
interface CalendarTime {
  readonly second: number;
  readonly minute: number;
  readonly hour: number;
  readonly day: number;
  readonly month: number;
  readonly year: number;
  readonly weekDay: number;
  readonly yearDay: number;
}

/** C's `strftime` in the "C" locale, in UTC: bytes written without the NUL, or 0 if they don't fit. */
export function strftime(live: LiveInterpreter, buffer: number, size: number, format: number, tm: number): number {
  const { memory, host } = live;
  const pattern = memory.asciiText(format, MAX_PATH_BYTES);
  const time = readTime(live, tm);
  if (pattern === undefined || time === undefined) return 0;
  host.fuel.charge(pattern.length * UNITS_PER_CHARACTER);
  const bytes = encoder.encode(formatTime(pattern, time));
  if (bytes.length >= size >>> 0 || !memory.write(buffer, bytes)) return 0;
  return memory.setU8((buffer >>> 0) + bytes.length, 0) ? bytes.length : 0;
}

const UNITS_PER_CHARACTER = 2_000;
const encoder = new TextEncoder();

function readTime({ memory }: LiveInterpreter, address: number): CalendarTime | undefined {
  const fields = Array.from({ length: 8 }, (_, index) => memory.i32((address >>> 0) + index * 4));
  if (fields.includes(undefined)) return undefined;
  const [second = 0, minute = 0, hour = 0, day = 0, month = 0, year = 0, weekDay = 0, yearDay = 0] = fields;
  return { second, minute, hour, day, month, year: year + 1900, weekDay, yearDay };
}

/** Conversions of C99, with E and O modifiers ignored as in the "C" locale; an unknown one stays as it is. */
export function formatTime(pattern: string, time: CalendarTime): string {
  return pattern.replaceAll(/%[EO]?([a-zA-Z%])/g, (whole, conversion: string) => {
    const convert = CONVERSIONS.get(conversion);
    return convert === undefined ? whole : convert(time);
  });
}

type Conversion = (time: CalendarTime) => string;

const CONVERSIONS: ReadonlyMap<string, Conversion> = new Map<string, Conversion>([
  ["a", ({ weekDay }) => (DAYS[weekDay] ?? "?").slice(0, 3)],
  ["A", ({ weekDay }) => DAYS[weekDay] ?? "?"],
  ["b", ({ month }) => (MONTHS[month] ?? "?").slice(0, 3)],
  ["h", ({ month }) => (MONTHS[month] ?? "?").slice(0, 3)],
  ["B", ({ month }) => MONTHS[month] ?? "?"],
  ["c", (time) => formatTime("%a %b %e %H:%M:%S %Y", time)],
  ["C", ({ year }) => two(Math.floor(year / 100))],
  ["d", ({ day }) => two(day)],
  ["D", (time) => formatTime("%m/%d/%y", time)],
  ["e", ({ day }) => String(day).padStart(2)],
  ["F", (time) => formatTime("%Y-%m-%d", time)],
  ["g", (time) => two(isoWeek(time).year % 100)],
  ["G", (time) => String(isoWeek(time).year)],
  ["H", ({ hour }) => two(hour)],
  ["I", ({ hour }) => two(hour % 12 === 0 ? 12 : hour % 12)],
  ["j", ({ yearDay }) => String(yearDay + 1).padStart(3, "0")],
  ["m", ({ month }) => two(month + 1)],
  ["M", ({ minute }) => two(minute)],
  ["n", () => "\n"],
  ["p", ({ hour }) => (hour < 12 ? "AM" : "PM")],
  ["r", (time) => formatTime("%I:%M:%S %p", time)],
  ["R", (time) => formatTime("%H:%M", time)],
  ["S", ({ second }) => two(second)],
  ["t", () => "\t"],
  ["T", (time) => formatTime("%H:%M:%S", time)],
  ["u", ({ weekDay }) => String(weekDay === 0 ? 7 : weekDay)],
  ["U", ({ yearDay, weekDay }) => two(Math.floor((yearDay + 7 - weekDay) / 7))],
  ["V", (time) => two(isoWeek(time).week)],
  ["w", ({ weekDay }) => String(weekDay)],
  ["W", ({ yearDay, weekDay }) => two(Math.floor((yearDay + 7 - ((weekDay + 6) % 7)) / 7))],
  ["x", (time) => formatTime("%m/%d/%y", time)],
  ["X", (time) => formatTime("%H:%M:%S", time)],
  ["y", ({ year }) => two(((year % 100) + 100) % 100)],
  ["Y", ({ year }) => String(year)],
  ["z", () => "+0000"],
  ["Z", () => "UTC"],
  ["%", () => "%"],
]);

function two(value: number): string {
  return String(value).padStart(2, "0");
}

/** The week of ISO 8601, and the year that it belongs to: week 1 has the year's first Thursday. */
function isoWeek({ year, yearDay, weekDay }: CalendarTime): { readonly year: number; readonly week: number } {
  const thursday = yearDay - ((weekDay + 6) % 7) + 3;
  if (thursday < 0) return { year: year - 1, week: Math.floor((thursday + daysOf(year - 1)) / 7) + 1 };
  if (thursday >= daysOf(year)) return { year: year + 1, week: 1 };
  return { year, week: Math.floor(thursday / 7) + 1 };
}

function daysOf(year: number): number {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 366 : 365;
}
