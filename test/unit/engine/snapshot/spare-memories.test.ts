import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { SpareMemories } from "../../../../src/engine/snapshot/spare-memories.ts";

const PAGE = 65_536;
const MAXIMUM = 16 * PAGE;

const memoryOf = (pages: number): WebAssembly.Memory => new WebAssembly.Memory({ initial: pages, maximum: 16 });
const shape = (pages: number, most = pages): Parameters<SpareMemories["take"]>[0] => ({
  leastBytes: pages * PAGE,
  mostBytes: most * PAGE,
  maximumBytes: MAXIMUM,
});

describe("spare memories", () => {
  test("are blank, whatever was written and wherever", () => {
    const spares = new SpareMemories();
    const memory = memoryOf(3);
    const bytes = new Uint8Array(memory.buffer);
    bytes.fill(7, 0, 5_000);
    for (const at of [8_191, 8_192, 70_000, 131_071, 131_200, 3 * PAGE - 1]) bytes[at] = 1;
    spares.give(memory, MAXIMUM);
    const taken = spares.take(shape(3));
    expect(taken).toBe(memory);
    expect(Buffer.from(memory.buffer).equals(Buffer.alloc(3 * PAGE))).toBe(true);
  });

  test("are taken once, and given once", () => {
    const spares = new SpareMemories();
    const memory = memoryOf(1);
    spares.give(memory, MAXIMUM);
    spares.give(memory, MAXIMUM);
    expect(spares.heldBytes).toBe(PAGE);
    expect(spares.take(shape(1))).toBe(memory);
    expect(spares.take(shape(1))).toBeUndefined();
    expect(spares.heldBytes).toBe(0);
  });

  test("fit in length and in declared maximum, the longest first", () => {
    const spares = new SpareMemories();
    const [short, middle, long] = [memoryOf(1), memoryOf(2), memoryOf(4)];
    for (const memory of [middle, long, short]) spares.give(memory, MAXIMUM);
    expect(spares.take({ ...shape(1, 4), maximumBytes: 8 * PAGE })).toBeUndefined();
    expect(spares.take(shape(3, 3))).toBeUndefined();
    expect(spares.take(shape(1, 3))).toBe(middle);
    expect(spares.take(shape(1, 3))).toBe(short);
    expect(spares.take(shape(1, 9))).toBe(long);
  });

  test("are made new where none fits", () => {
    const spares = new SpareMemories();
    const memory = spares.obtain(shape(2, 5));
    expect(memory.buffer.byteLength).toBe(2 * PAGE);
    expect(() => memory.grow(15)).toThrow(RangeError);
    memory.grow(14);
  });

  test("stay within their room: the oldest goes, and one that is larger is not kept", () => {
    const spares = new SpareMemories(3 * PAGE);
    const first = memoryOf(1);
    spares.give(first, MAXIMUM);
    spares.give(memoryOf(4), MAXIMUM);
    expect(spares.heldBytes).toBe(PAGE);
    const second = memoryOf(1);
    spares.give(second, MAXIMUM);
    spares.give(memoryOf(2), MAXIMUM);
    expect(spares.heldBytes).toBe(3 * PAGE);
    expect(spares.take(shape(1))).toBe(second);
    expect(spares.take(shape(1))).toBeUndefined();
  });

  test("are let go when four collections in a row found them unused", async () => {
    const spares = new SpareMemories();
    spares.give(memoryOf(1), MAXIMUM);
    for (let collection = 1; collection <= 3; collection++) spares.age();
    expect(spares.heldBytes).toBe(PAGE);
    spares.age();
    expect(spares.heldBytes).toBe(0);
    setFlagsFromString("--expose-gc");
    const collect = runInNewContext("gc") as () => void;
    spares.give(memoryOf(1), MAXIMUM);
    for (let round = 0; round < 100 && spares.heldBytes > 0; round++) {
      collect();
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(spares.heldBytes).toBe(0);
  });
});
