import { expect, test } from "vitest";
import { formatTime } from "../../src/guests/languages/emscripten/strftime.ts";

/** A date as C numbers its fields. */
function calendarTime(iso: string): Parameters<typeof formatTime>[1] {
  const date = new Date(iso);
  const year = date.getUTCFullYear();
  return {
    second: date.getUTCSeconds(),
    minute: date.getUTCMinutes(),
    hour: date.getUTCHours(),
    day: date.getUTCDate(),
    month: date.getUTCMonth(),
    year,
    weekDay: date.getUTCDay(),
    yearDay: Math.floor((date.getTime() - Date.UTC(year, 0, 1)) / 86_400_000),
  };
}

test.each([
  ["%Y-%m-%d %H:%M:%S %z %Z %%", "2026-11-22T03:04:05Z", "2026-11-22 03:04:05 +0000 UTC %"],
  ["%a %A %b %B %c", "2026-11-22T03:04:05Z", "Sun Sunday Nov November Sun Nov 22 03:04:05 2026"],
  ["%I %p %r", "2026-11-22T00:04:05Z", "12 AM 12:04:05 AM"],
  ["%I %p %e %j %Ey %Od", "2026-01-02T13:04:05Z", "01 PM  2 002 26 02"],
  // Weeks, as GNU date has them.
  ["%G-W%V-%u %U %W", "2026-11-22T00:00:00Z", "2026-W47-7 47 46"],
  ["%G-W%V-%u %U %W", "2021-01-03T00:00:00Z", "2020-W53-7 01 00"],
  ["%G-W%V-%u %U %W", "2024-12-30T00:00:00Z", "2025-W01-1 52 53"],
  ["%Q %", "2026-01-02T13:04:05Z", "%Q %"],
])("strftime has %s for %s", (pattern, iso, expected) => {
  expect(formatTime(pattern, calendarTime(iso))).toBe(expected);
});
