import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { realClock } from "../../src/capabilities/clock/real-clock.ts";
import { DenialLog } from "../../src/capabilities/denials/denial-log.ts";
import { createEnvironment } from "../../src/capabilities/environment/create-environment.ts";
import { inputSource } from "../../src/capabilities/environment/input-source.ts";
import { createFileView } from "../../src/capabilities/files/view/create-file-view.ts";
import { createOutputSink } from "../../src/capabilities/output/output-sink.ts";
import { seededRandom } from "../../src/capabilities/random/seeded-random.ts";
import type { ToolCalls } from "../../src/capabilities/tools/tool-calls.ts";
import { createFuelGauge } from "../../src/engine/instance/fuel-gauge.ts";
import type { GuestTurn } from "../../src/guests/guest.ts";
import { pythonGuest } from "../../src/guests/python/python-guest.ts";
import type { PythonSession } from "../../src/guests/python/python-session.ts";
import { platform } from "../../src/hosts/node/platform.ts";

const gauge = createFuelGauge({ now: () => platform.monotonicNow() });
const output = createOutputSink({});
const random = seededRandom(1);
let session: PythonSession;
const tools: ToolCalls = {
  names: ["interrupt"],
  call: () => {
    session.interrupt();
    return { state: "value", json: "null" };
  },
};

beforeAll(async () => {
  session = (await pythonGuest.create({
    language: "python",
    assets: platform.assets,
    fuel: gauge,
    mountPoints: [],
    digest: (bytes) => platform.digest(bytes),
    evaluate: (body) => platform.evaluate(body),
    memoryBytes: 128 * 2 ** 20,
    valueBytes: 1_000_000,
    capabilities: {
      files: createFileView({ mounts: new Map(), now: () => 0 }),
      clock: realClock(platform),
      random,
      environment: createEnvironment({}),
      output,
      input: inputSource(""),
      tools,
      denials: new DenialLog(),
    },
  })) as PythonSession;
});
afterAll(() => session.close());
beforeEach(() => output.reset({}));

function run(source: string, timeoutMs: number, softMs?: number): GuestTurn {
  gauge.arm({ fuel: Number.POSITIVE_INFINITY, timeoutMs });
  const turn = session.start({ source, filename: "main.py", args: [], softMs });
  gauge.disarm();
  return turn;
}

describe("the soft stop", () => {
  it("is a KeyboardInterrupt shortly before the deadline: the program cleans up and its state is kept", () => {
    const turn = run("state = 'kept'\ntry:\n  while True: pass\nfinally: print('cleaned up')", 10_000, 9_000);
    expect(turn).toMatchObject({
      state: "done",
      outcome: { kind: "error", error: { name: "KeyboardInterrupt", line: 3 } },
    });
    expect(output.text("stdout")).toBe("cleaned up\n");
    expect(run("state", 5_000)).toEqual({ state: "done", outcome: { kind: "value", value: "kept" } });
  });

  it("is followed by the hard one if the program does not end", () => {
    const turn = run("while True:\n  try:\n    while True: pass\n  except BaseException: print('no')", 500, 400);
    expect(turn).toEqual({ state: "stopped", reason: { kind: "time", allowedMs: 500 } });
    expect(output.text("stdout")).toBe("no\n");
    session.reset();
    expect(run("1", 5_000)).toEqual({ state: "done", outcome: { kind: "value", value: 1 } });
  });

  it("can come from a host call", () => {
    const turn = run("tools.interrupt()\nfor _ in range(10**9): pass", 60_000);
    expect(turn).toMatchObject({ state: "done", outcome: { kind: "error", error: { name: "KeyboardInterrupt" } } });
  });

  it("does not come without being asked for", () => {
    expect(run("while True: pass", 200)).toEqual({ state: "stopped", reason: { kind: "time", allowedMs: 200 } });
    session.reset();
    expect(run("import time\nt = time.monotonic()\nwhile time.monotonic() < t + 0.05: pass\n'done'", 5_000)).toEqual({
      state: "done",
      outcome: { kind: "value", value: "done" },
    });
  });
});

describe("the gauge's other stops", () => {
  it("ends a program that is out of fuel at the same unit every time", () => {
    const used: number[] = [];
    for (let round = 0; round < 3; round++) {
      session.reset();
      random.reset?.();
      gauge.arm({ fuel: 50_000_000 });
      expect(session.start({ source: "while True: pass", filename: "main.py", args: [] })).toEqual({
        state: "stopped",
        reason: { kind: "fuel", allowed: 50_000_000 },
      });
      used.push(gauge.used);
      gauge.disarm();
    }
    session.reset();
    expect(new Set(used).size).toBe(1);
  });

  it("ends it when the caller aborts", () => {
    const abort = new AbortController();
    abort.abort("enough");
    gauge.arm({ fuel: Number.POSITIVE_INFINITY, signal: abort.signal });
    expect(session.start({ source: "while True: pass", filename: "main.py", args: [] })).toEqual({
      state: "stopped",
      reason: { kind: "abort", reason: "enough" },
    });
    gauge.disarm();
    session.reset();
    expect(run("1", 5_000)).toMatchObject({ state: "done" });
  });
});
