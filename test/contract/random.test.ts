// What every source of random bytes promises.
import { describe, expect, test } from "vitest";
import type { Random } from "../../src/capabilities/random.ts";
import { secureRandom } from "../../src/capabilities/random/secure-random.ts";
import { seededRandom } from "../../src/capabilities/random/seeded-random.ts";
import { recordRandom } from "../../src/capabilities/recording/random-tape.ts";
import { TapeWriter } from "../../src/capabilities/recording/tape-writer.ts";
import { platform } from "../../src/hosts/node/platform.ts";

function derived(): Random {
  const random = seededRandom("seed");
  random.restore?.({ labels: ["fork"], position: 0 });
  return random;
}

const SOURCES: Readonly<Record<string, () => Random>> = {
  secure: () => secureRandom(platform),
  "seeded by a number": () => seededRandom(42),
  "seeded by text": () => seededRandom("seed"),
  "seeded by bytes": () => seededRandom(new Uint8Array([1, 2, 3])),
  "seeded by a bigint": () => seededRandom(2n ** 200n),
  derived,
  "a recorded one": () => recordRandom(seededRandom(42), new TapeWriter(1e7)),
};

/** The longest that the platform's own source gives at once, and its neighbours. */
const LENGTHS = [0, 1, 3, 31, 32, 33, 63, 64, 65, 255, 4_096, 65_535, 65_536, 65_537, 200_000];

function draw(random: Random, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  random.fill(bytes);
  return bytes;
}

describe.each(Object.entries(SOURCES))("random bytes: %s", (_name, make) => {
  test("fill any length to its end, and nothing beside it", () => {
    const random = make();
    for (const length of LENGTHS) {
      const around = new Uint8Array(length + 32);
      random.fill(around.subarray(16, 16 + length));
      expect([...around.subarray(0, 16), ...around.subarray(16 + length)].every((byte) => byte === 0)).toBe(true);
      // 32 zeros by chance: never.
      if (length >= 32) {
        expect(around.subarray(16, 48).every((byte) => byte === 0)).toBe(false);
        expect(around.subarray(length - 16, length + 16).every((byte) => byte === 0)).toBe(false);
      }
    }
  });

  test("have every value about equally often, and do not repeat", () => {
    const random = make();
    const bytes = draw(random, 256 * 1_000);
    const counts = new Uint32Array(256);
    for (const byte of bytes) counts[byte] = (counts[byte] ?? 0) + 1;
    // 1,000 of each, give or take six standard deviations.
    for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(6 * Math.sqrt(1_000));
    expect(draw(random, 64)).not.toEqual(draw(random, 64));
  });

  test("are the same again behind a reset, if there is one, however they are cut", () => {
    const random = make();
    if (random.reset === undefined) return;
    random.reset();
    const whole = draw(random, 10_000);
    random.reset();
    const pieces: number[] = [];
    for (let length = 1; pieces.length < 10_000; length = (length * 7 + 3) % 611) pieces.push(...draw(random, length));
    expect(Uint8Array.from(pieces.slice(0, 10_000))).toEqual(whole);
  });

  test("go on from a captured place", () => {
    const random = make();
    if (random.capture === undefined || random.restore === undefined) return;
    draw(random, 1_234);
    const state = structuredClone(random.capture());
    const next = draw(random, 100);
    const other = make();
    other.restore?.(state);
    expect(draw(other, 100)).toEqual(next);
  });
});
