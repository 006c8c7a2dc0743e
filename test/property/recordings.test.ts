// A recording is hostile until it is decoded: whatever is done to its bytes, a replay ends with a typed error or as recorded.
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { ByteWriter } from "../../src/internal/byte-writer.ts";
import { EVENT } from "../../src/capabilities/recording/events.ts";
import { readNumber, readText, writeNumber, writeText } from "../../src/capabilities/recording/payload.ts";
import { recordRandom, replayRandom } from "../../src/capabilities/recording/random-tape.ts";
import { TapeReader } from "../../src/capabilities/recording/tape-reader.ts";
import { TapeWriter } from "../../src/capabilities/recording/tape-writer.ts";
import { replay, Sandbox, tool, WardianError } from "../../src/index.ts";
import { checksum } from "../../src/engine/snapshot/checksum.ts";
import { seededRandom } from "../../src/capabilities/random/seeded-random.ts";
import { decodeRecording, encodeRecording, encodeRun } from "../../src/sandbox/recording/recording-file.ts";
import { ByteReader } from "../../src/internal/byte-reader.ts";

const SOURCE = `
const fs = (await import("node:fs")).default;
fs.writeFileSync("/tmp/a", "abc");
const all = [Math.random(), Date.now(), tools.one.sync({ a: 1 }), fs.readdirSync("/tmp"), fs.statSync("/tmp/a").size];
await new Promise((resolve) => setTimeout(resolve, 1));
console.log(await tools.two({ b: "x" }));
JSON.stringify(all);`;

let recording = new Uint8Array(0);

beforeAll(async () => {
  const sandbox = await Sandbox.create({
    language: "javascript",
    record: true,
    tools: { one: tool({ run: () => [1, "two"] }), two: tool({ run: async () => await Promise.resolve("later") }) },
  });
  const result = await sandbox.run(SOURCE);
  sandbox.close();
  expect(result.status).toBe("ok");
  recording = Uint8Array.from(result.recording ?? []);
});

/** Its checksum put right: what was changed reaches the decoders behind it. */
function sealed(bytes: Uint8Array): Uint8Array {
  const end = bytes.length - 4;
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(end, checksum(bytes.subarray(0, end)), true);
  return bytes;
}

const CODES = new Set(["invalid-recording", "replay-diverged", "replay-timeout"]);

/** How a replay of `bytes` ends: a typed error's code, or "same". Anything else fails the test. */
async function outcomeOf(bytes: Uint8Array): Promise<string> {
  try {
    await replay(bytes, { timeoutMs: 3_000 });
    return "same";
  } catch (error) {
    if (error instanceof WardianError && CODES.has(error.code)) return error.code;
    throw error;
  }
}

describe("a recording with changed bytes", () => {
  test("is damaged, by its checksum", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const bytes = recording.slice();
        const index = at % bytes.length;
        bytes[index] = (bytes[index] ?? 0) ^ flip;
        expect(await outcomeOf(bytes)).toBe("invalid-recording");
      }),
      { numRuns: 200, seed: 3 },
    );
  });

  test("ends typed or as recorded, if its checksum fits", async () => {
    const seen = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        async (changes, inTape) => {
          const bytes = recording.slice();
          // The tape is at the end; half of the changes shall be in it.
          const from = inTape ? Math.floor(bytes.length * 0.7) : 0;
          for (const [at, byte] of changes) bytes[from + (at % (bytes.length - 4 - from))] = byte;
          const outcome = await outcomeOf(sealed(bytes));
          seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
        },
      ),
      { numRuns: 400, seed: 4 },
    );
    expect(seen.get("invalid-recording")).toBeGreaterThan(20);
    expect(seen.get("replay-diverged")).toBeGreaterThan(20);
  }, 120_000);

  test("is none if its limits are no limits", async () => {
    const text = new TextDecoder("latin1").decode(recording);
    for (const [from, to] of [
      ['"toolCalls":1000', '"toolCalfs":1000'],
      ['"toolCalls":1000', '"toolCalls":9000'],
      ['"memoryBytes":6', '"memoryBytes":0'],
    ] as const) {
      // The last of them are the run's own, which may only tighten those of the sandbox.
      const at = text.lastIndexOf(from);
      const bytes = recording.slice();
      bytes.set(new TextEncoder().encode(to), at);
      expect(await outcomeOf(sealed(bytes)), `${to} at ${at}`).toBe("invalid-recording");
    }
    expect(text.split('"toolCalls":1000').length).toBeGreaterThan(2);
  });

  test("that was cut short or goes on is none", async () => {
    for (let length = 0; length < recording.length; length += 37) {
      expect(await outcomeOf(recording.slice(0, length))).toBe("invalid-recording");
      if (length > 16) expect(await outcomeOf(sealed(recording.slice(0, length)))).toBe("invalid-recording");
    }
    const longer = new Uint8Array(recording.length + 9);
    longer.set(recording);
    expect(await outcomeOf(sealed(longer))).toBe("invalid-recording");
  });

  test("with a tape cut short diverges where it ends", async () => {
    const { head, runs } = decodeRecording(recording);
    const [run] = runs;
    if (run === undefined) throw new Error("No run");
    for (let length = 0; length < run.tape.length; length += 3) {
      const cut = encodeRecording(head, [encodeRun({ ...run, tape: run.tape.subarray(0, length) })]);
      expect(await outcomeOf(cut)).not.toBe("same");
    }
  });
});

test("another program diverges at the first input that differs, and the message names it", async () => {
  const { head, runs } = decodeRecording(recording);
  const replaced = (from: string, to: string): Uint8Array =>
    encodeRecording(
      head,
      runs.map((run) =>
        encodeRun({ ...run, head: JSON.stringify({ ...JSON.parse(run.head), source: SOURCE.replace(from, to) }) }),
      ),
    );
  expect(await outcomeOf(replaced("", ""))).toBe("same");
  await expect(replay(replaced("{ a: 1 }", "{ a: 2 }"))).rejects.toThrow(
    /^Cannot replay run 1: at input \d+ the guest asks for the tool "one" with \{"a":2\}, and the recording has another call$/,
  );
  await expect(replay(replaced('fs.readdirSync("/tmp")', "Date.now()"))).rejects.toThrow(
    /the guest asks for the wall time, and the recording has a file operation as the next input$/,
  );
  await expect(replay(replaced('"/tmp/a", "abc"', '"/tmp/b", "abc"'))).rejects.toThrow(
    /the guest asks for the file operation lookup\(.*b\), and the recording has another file operation$/,
  );
  await expect(replay(replaced('{ b: "x" }', '{ b: "y" }'))).rejects.toThrow(
    /the guest asks for the tool "two" with \{"b":"y"\}, and the recording has another call$/,
  );
  await expect(replay(replaced("JSON.stringify(all)", "7"))).rejects.toThrow(
    /^Cannot replay run 1: it used \d+ units of fuel where the recorded run used \d+$/,
  );
});

test("a forged recording that runs for ever ends at the replay's own deadline", async () => {
  const { head, runs } = decodeRecording(recording);
  const endless = {
    ...JSON.parse(head),
    limits: { ...JSON.parse(head).limits, fuel: "Infinity", timeoutMs: "Infinity" },
  };
  const bytes = encodeRecording(
    JSON.stringify(endless),
    runs.map((run) => {
      const own = JSON.parse(run.head);
      return encodeRun({ ...run, head: JSON.stringify({ ...own, source: "for (;;) ;", limits: endless.limits }) });
    }),
  );
  await expect(replay(bytes, { timeoutMs: 100 })).rejects.toMatchObject({
    code: "replay-timeout",
    message: "Cannot replay: it took longer than 100 ms",
  });
});

test("a recording of another build, of another version, and what is none, are refused by name", async () => {
  const { head, runs } = decodeRecording(recording);
  const other = encodeRecording(
    JSON.stringify({ ...JSON.parse(head), engine: "javascript:0-0" }),
    runs.map((run) => encodeRun(run)),
  );
  await expect(replay(other)).rejects.toThrow(
    /^Cannot read the recording: it was made with another build of the guest \(javascript:0-0\), and this one is javascript:/,
  );
  const newer = recording.slice();
  newer[8] = 9;
  await expect(replay(sealed(newer))).rejects.toThrow(
    "Cannot read the recording: it has the format 9, and this version of wardian reads 1",
  );
  await expect(replay(new Uint8Array(40))).rejects.toThrow("Cannot read the recording: it is not one");
  await expect(replay("text" as unknown as Uint8Array)).rejects.toThrow(TypeError);
  await expect(replay(recording, { speed: 2 } as never)).rejects.toThrow('Cannot replay: "speed" is not an option');
  await expect(replay(recording, { timeoutMs: -1 })).rejects.toThrow(RangeError);
  await expect(replay(recording, { signal: AbortSignal.abort("enough") })).rejects.toBe("enough");
});

describe("a tape", () => {
  const kinds = [EVENT.sameWallTime, EVENT.sameMonotonicTime, EVENT.sleep] as const;
  const event = fc.oneof(
    fc.constantFrom(...kinds).map((kind) => ({ kind, value: undefined })),
    fc.double().map((value) => ({ kind: EVENT.wallTime, value })),
  );

  test("gives every event back in its order, however many there are of a kind", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(event, fc.integer({ min: 1, max: 5 })), { maxLength: 60 }), (groups) => {
        const events = groups.flatMap(([item, times]) => Array.from({ length: times }, () => item));
        const tape = new TapeWriter(1e6);
        tape.begin();
        for (const { kind, value } of events)
          if (value === undefined) tape.event(kind);
          else tape.event(kind, (out) => writeNumber(out, value));
        const reader = new TapeReader(tape.take() ?? new Uint8Array(0), 1);
        for (const { kind, value } of events) {
          expect(reader.peek()).toBe(kind);
          expect(reader.take(kind, (payload) => (value === undefined ? undefined : readNumber(payload)))).toBe(value);
        }
        expect(reader.atEnd).toBe(true);
      }),
    );
  });

  test("keeps every text, lone surrogates and byte order marks included", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.array(fc.nat(0xffff)), (text, units) => {
        for (const sample of [text, String.fromCharCode(...units), `\ufeff${text}`]) {
          const out = new ByteWriter();
          writeText(out, sample);
          expect(readText(new ByteReader(out.finish()))).toBe(sample);
        }
      }),
    );
  });

  test("says which look at the clock was the last", () => {
    const tape = new TapeWriter(1e6);
    tape.begin();
    tape.event(EVENT.sleep);
    for (const stopped of [false, false, true]) tape.check(stopped);
    const reader = new TapeReader(tape.take() ?? new Uint8Array(0), 1);
    reader.take(EVENT.sleep, () => undefined);
    expect([reader.check(), reader.check(), reader.check(), reader.atEnd]).toEqual([false, false, true, true]);
  });
});

test("recorded random bytes come back whatever the pieces that they were asked for in", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(300), { maxLength: 30 }), (lengths) => {
      const tape = new TapeWriter(1e6);
      tape.begin();
      const recorded = recordRandom(seededRandom("pieces"), tape);
      const draw = (from: { fill(into: Uint8Array): void }): Uint8Array[] =>
        lengths.map((length) => {
          const bytes = new Uint8Array(length);
          from.fill(bytes);
          return bytes;
        });
      const first = draw(recorded);
      const reader = new TapeReader(tape.take() ?? new Uint8Array(0), 1);
      expect(draw(replayRandom("seeded", () => reader))).toEqual(first);
      // A seeded stream does not depend on its pieces.
      const whole = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
      seededRandom("pieces").fill(whole);
      expect(Uint8Array.from(first.flatMap((piece) => [...piece]))).toEqual(whole);
    }),
  );
});
