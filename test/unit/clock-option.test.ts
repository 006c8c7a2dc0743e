import { describe, expect, test } from "vitest";
import { Sandbox, tool } from "../../src/index.ts";
import type { ClockOption, Language } from "../../src/index.ts";

async function valueOf(language: Language, clock: ClockOption, source: string): Promise<unknown> {
  const sandbox = await Sandbox.create({
    language,
    clock,
    tools: { wait: tool({ run: () => new Promise((resolve) => setTimeout(resolve, 30)) }) },
    limits: { timeoutMs: 20_000 },
  });
  const result = await sandbox.run(source);
  sandbox.close();
  return result.status === "ok" ? result.value : result;
}

const AT = Date.UTC(2031, 4, 5, 6, 7, 8);

describe.each([
  [
    "javascript" as const,
    {
      now: "Date.now()",
      work: "const a = Date.now(), b = performance.now(); for (let i = 0; i < 1e6; i++); [Date.now() - a, performance.now() - b]",
      sleep:
        "const a = Date.now(), b = performance.now(); await new Promise((r) => setTimeout(r, 25)); [Date.now() - a, performance.now() - b]",
      tool: "const a = Date.now(); await tools.wait({}); Date.now() - a",
    },
  ],
  [
    "python" as const,
    {
      now: "import time\nround(time.time() * 1000)",
      work: "import time\na, b = time.time(), time.monotonic()\nsum(range(10**6))\n[time.time() - a, time.monotonic() - b]",
      sleep:
        "import time\na, b = time.time(), time.monotonic()\ntime.sleep(0.025)\n[round((time.time() - a) * 1000), round((time.monotonic() - b) * 1000)]",
      tool: "import time\na = time.time()\nawait tools.wait()\nround((time.time() - a) * 1000)",
    },
  ],
])("%s", (language, { now, work, sleep, tool: call }) => {
  test("a frozen clock does not tell how long the guest computes, sleeps exactly, and moves past a tool call", async () => {
    expect(await valueOf(language, "frozen", work)).toEqual([0, 0]);
    expect(await valueOf(language, "frozen", sleep)).toEqual([25, 25]);
    expect(await valueOf(language, { kind: "frozen" }, call)).toBeGreaterThanOrEqual(25);
    expect(Math.abs(Number(await valueOf(language, "frozen", now)) - Date.now())).toBeLessThan(60_000);
  });

  test("a fixed clock stands at its time and a virtual one starts at its own", async () => {
    expect(await valueOf(language, { kind: "fixed", at: AT }, now)).toBe(AT);
    expect(await valueOf(language, { kind: "fixed", at: new Date(AT) }, sleep)).toEqual([0, 25]);
    expect(await valueOf(language, { kind: "virtual", start: AT }, now)).toBe(AT);
    expect(await valueOf(language, { kind: "virtual", start: AT }, sleep)).toEqual([25, 25]);
  });
});

test("a frozen loop that waits for time to pass ends at the deadline", async () => {
  const sandbox = await Sandbox.create({ language: "javascript", clock: "frozen", limits: { timeoutMs: 50 } });
  const result = await sandbox.run("const end = Date.now() + 1; while (Date.now() < end);");
  expect(result).toMatchObject({ status: "limit", limit: "time" });
  sandbox.close();
});

test("a real clock has the resolution that it was asked for", async () => {
  const steps = `const seen = new Set(); for (let i = 0; i < 300; i++) seen.add(performance.now() % 1); [...seen]`;
  expect(await valueOf("javascript", "real", steps)).toEqual([0]);
  const fine = (await valueOf("javascript", { kind: "real", resolutionMs: 0.01 }, steps)) as number[];
  expect(fine.length).toBeGreaterThan(3);
});

test.each([
  ["sundial", 'clock is "sundial", and must be "real", "frozen", "fixed", "virtual", { kind, … } or a Clock'],
  [
    { kind: "moon" },
    'clock is a value of type object, and must be "real", "frozen", "fixed", "virtual", { kind, … } or a Clock',
  ],
  [{ kind: "real", at: 5 }, 'clock.at is not an option of the "real" clock, which has "resolutionMs"'],
])("a wrong clock is refused by name: %j", async (clock, message) => {
  await expect(Sandbox.create({ language: "javascript", clock: clock as ClockOption })).rejects.toThrow(
    `Cannot create a sandbox: ${message}`,
  );
});

test.each([
  [{ kind: "real", resolutionMs: 0 }, 'Cannot make a real clock: "resolutionMs" must be from 0.001 to 1000'],
  [{ kind: "fixed", at: Number.NaN }, "Cannot make a fixed clock: NaN ms is not a time"],
])("a wrong value of a clock is refused before anything runs: %j", async (clock, message) => {
  await expect(Sandbox.create({ language: "javascript", clock: clock as ClockOption })).rejects.toThrow(message);
});
