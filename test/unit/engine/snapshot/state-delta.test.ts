import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { captureState, viewState } from "../../../../src/engine/snapshot/capture-state.ts";
import { decodeDelta, encodeDelta } from "../../../../src/engine/snapshot/image-file.ts";
import { restoreState } from "../../../../src/engine/snapshot/restore-state.ts";
import { applyDelta, deltaBetween } from "../../../../src/engine/snapshot/state-delta.ts";
import { BLOCK_BYTES } from "../../../../src/engine/snapshot/state-image.ts";

const PAGE = 65_536;
const digest = new Uint8Array(32);

interface Write {
  readonly at: number;
  readonly length: number;
  readonly byte: number;
}

const writes = fc.array(
  fc.record({
    at: fc.nat(3 * PAGE - 1),
    length: fc.integer({ min: 1, max: 20_000 }),
    // Zero often: blocks that are cleared again.
    byte: fc.oneof(fc.constant(0), fc.nat(255)),
  }),
  { maxLength: 15 },
);

function write(memory: WebAssembly.Memory, list: readonly Write[]): void {
  for (const { at, length, byte } of list) new Uint8Array(memory.buffer).fill(byte, at, at + length);
}

describe("the difference between two images", () => {
  test("leads from one to the other, through a file", () => {
    fc.assert(
      fc.property(writes, writes, fc.nat(2), (before, after, growth) => {
        const memory = new WebAssembly.Memory({ initial: 3, maximum: 9 });
        const state = { memories: [memory], globals: [new WebAssembly.Global({ value: "i32", mutable: true }, 7)] };
        write(memory, before);
        const base = captureState(state);
        memory.grow(growth);
        write(memory, after);
        for (const global of state.globals) global.value = 8;
        const file = encodeDelta(deltaBetween(base, viewState(state)), digest);
        const expected = new Uint8Array(memory.buffer).slice();
        const image = applyDelta(base, decodeDelta(file, digest));
        const fresh = new WebAssembly.Memory({ initial: 1, maximum: 9 });
        const copy = { memories: [fresh], globals: [new WebAssembly.Global({ value: "i32", mutable: true }, 0)] };
        expect(restoreState(image, copy)).toStrictEqual({ kind: "restored", exact: true });
        expect(Buffer.compare(new Uint8Array(fresh.buffer), expected)).toBe(0);
        expect(copy.globals[0]?.value).toBe(8);
      }),
      { numRuns: 300 },
    );
  });

  test("holds what was written since, and nothing else", () => {
    const memory = new WebAssembly.Memory({ initial: 3 });
    const state = { memories: [memory], globals: [] };
    const bytes = new Uint8Array(memory.buffer);
    bytes.fill(1, 0, 2 * PAGE);
    const base = captureState(state);
    bytes[PAGE] = 2;
    bytes.fill(0, PAGE + 2 * BLOCK_BYTES, PAGE + 4 * BLOCK_BYTES);
    const delta = deltaBetween(base, viewState(state));
    expect(delta.memories[0]?.runs.map((run) => [run.offset, run.bytes.length])).toStrictEqual([[PAGE, BLOCK_BYTES]]);
    expect(delta.memories[0]?.cleared).toStrictEqual([{ offset: PAGE + 2 * BLOCK_BYTES, byteLength: 2 * BLOCK_BYTES }]);
  });

  test("compares at odd addresses too", () => {
    const memory = new WebAssembly.Memory({ initial: 1 });
    const bytes = new Uint8Array(memory.buffer);
    bytes.fill(3, 0, BLOCK_BYTES);
    const shifted = new Uint8Array(BLOCK_BYTES + 1).fill(3).subarray(1);
    const base = { memories: [{ byteLength: PAGE, runs: [{ offset: 0, bytes: shifted }] }], globals: [], tables: [] };
    const image = viewState({ memories: [memory], globals: [] });
    expect(deltaBetween(base, image).memories[0]?.runs).toStrictEqual([]);
    bytes[BLOCK_BYTES - 1] = 4;
    expect(deltaBetween(base, image).memories[0]?.runs).toHaveLength(1);
  });
});
