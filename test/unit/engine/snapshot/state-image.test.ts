import { parse } from "@bytecodealliance/jco";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { WardianError } from "../../../../src/errors.ts";
import { captureState } from "../../../../src/engine/snapshot/capture-state.ts";
import { NONZERO_SCAN_MODULE } from "../../../../src/engine/snapshot/nonzero-scan-module.ts";
import { nonzeroScan, scanBuffer } from "../../../../src/engine/snapshot/nonzero-scan.ts";
import { restoreState } from "../../../../src/engine/snapshot/restore-state.ts";
import { BLOCK_BYTES } from "../../../../src/engine/snapshot/state-image.ts";

const PAGE = 65_536;

function bytesOf(memory: WebAssembly.Memory): Uint8Array {
  return new Uint8Array(memory.buffer);
}

function state(pages = 4): {
  memories: WebAssembly.Memory[];
  globals: WebAssembly.Global[];
  memory: WebAssembly.Memory;
} {
  const memory = new WebAssembly.Memory({ initial: pages, maximum: 4_096 });
  const globals = [
    new WebAssembly.Global({ value: "i32", mutable: true }, -5),
    new WebAssembly.Global({ value: "i64", mutable: true }, 2n ** 62n),
    new WebAssembly.Global({ value: "f64", mutable: true }, -0),
    new WebAssembly.Global({ value: "f32", mutable: true }, 0.5),
  ];
  return { memories: [memory], globals, memory };
}

describe("a state image", () => {
  test("brings memory and globals back after any writes", () => {
    const writes = fc.array(
      fc.record({ at: fc.nat(4 * PAGE - 1), length: fc.integer({ min: 1, max: 9_000 }), byte: fc.nat(255) }),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(writes, writes, (before, after) => {
        const guest = state();
        const write = ({ at, length, byte }: { at: number; length: number; byte: number }): void => {
          bytesOf(guest.memory).fill(byte, at, Math.min(at + length, 4 * PAGE));
        };
        before.forEach(write);
        const expected = bytesOf(guest.memory).slice();
        const image = captureState(guest);
        after.forEach(write);
        for (const global of guest.globals) global.value = typeof global.value === "bigint" ? 1n : 1;
        expect(restoreState(image, guest)).toStrictEqual({ kind: "restored", exact: true });
        expect(Buffer.compare(bytesOf(guest.memory), expected)).toBe(0);
        expect(guest.globals.map((global): unknown => global.value)).toStrictEqual([-5, 2n ** 62n, -0, 0.5]);
      }),
      { numRuns: 60 },
    );
  });

  test("holds only the blocks that are not zero", () => {
    const guest = state();
    bytesOf(guest.memory)[BLOCK_BYTES - 1] = 1;
    bytesOf(guest.memory)[3 * BLOCK_BYTES] = 1;
    bytesOf(guest.memory)[4 * BLOCK_BYTES + 7] = 1;
    const image = captureState(guest);
    expect(image.memories[0]?.runs.map(({ offset, bytes }) => [offset, bytes.length])).toStrictEqual([
      [0, BLOCK_BYTES],
      [3 * BLOCK_BYTES, 2 * BLOCK_BYTES],
    ]);
  });

  test("forks into a fresh instance, growing its memory", () => {
    const guest = state(9);
    bytesOf(guest.memory).set([1, 2, 3], 9 * PAGE - 3);
    const image = captureState(guest);
    const fresh = state(1);
    expect(restoreState(image, fresh)).toStrictEqual({ kind: "restored", exact: true });
    expect(Buffer.compare(bytesOf(fresh.memory), bytesOf(guest.memory))).toBe(0);
  });

  test("clears memory that was grown since, and says that its length differs", () => {
    const guest = state(1);
    const image = captureState(guest);
    guest.memory.grow(3);
    bytesOf(guest.memory).fill(7);
    expect(restoreState(image, guest)).toStrictEqual({ kind: "restored", exact: false });
    expect(bytesOf(guest.memory).every((byte) => byte === 0)).toBe(true);
  });

  test("leaves an instance alone that has grown far", () => {
    const guest = state(1);
    const image = captureState(guest);
    guest.memory.grow(1);
    bytesOf(guest.memory)[5] = 7;
    expect(restoreState(image, guest, { maxGrowthBytes: 0 })).toStrictEqual({ kind: "grown", byteLength: 2 * PAGE });
    guest.memory.grow(600);
    expect(restoreState(image, guest)).toStrictEqual({ kind: "grown", byteLength: 602 * PAGE });
    expect(bytesOf(guest.memory)[5]).toBe(7);
  });

  test("refuses a memory that can't be made long enough", () => {
    const image = captureState(state(9));
    const small = { memories: [new WebAssembly.Memory({ initial: 1, maximum: 2 })], globals: state().globals };
    expect(restoreState(image, small)).toStrictEqual({ kind: "too-small", byteLength: PAGE });
  });

  test("restores tables and reference globals by identity", async () => {
    const source =
      '(module (table (export "t") 3 8 funcref) (elem (i32.const 0) 0 1) (func) (func) (global (export "g") (mut funcref) (ref.func 1)))';
    const instance = new WebAssembly.Instance(new WebAssembly.Module((await parse(source)) as Uint8Array<ArrayBuffer>));
    const { t, g } = instance.exports as { t: WebAssembly.Table; g: WebAssembly.Global };
    const guest = { memories: [], globals: [g], tables: [t] };
    const image = captureState(guest);
    const before: unknown[] = [t.get(0), t.get(1), t.get(2), g.value];
    t.set(0, null);
    t.set(2, t.get(1));
    g.value = null;
    expect(restoreState(image, guest)).toStrictEqual({ kind: "restored", exact: true });
    expect([t.get(0), t.get(1), t.get(2), g.value]).toStrictEqual(before);
    t.grow(2, t.get(0));
    expect(restoreState(image, guest)).toStrictEqual({ kind: "restored", exact: false });
    expect([t.length, t.get(4)]).toStrictEqual([5, null]);
  });

  test("refuses another shape or type of globals before it changes anything", () => {
    const guest = state();
    const image = captureState(guest);
    bytesOf(guest.memory)[0] = 9;
    expect(() => restoreState(image, { memories: guest.memories, globals: [] })).toThrow(WardianError);
    expect(() => restoreState(image, { memories: guest.memories, globals: guest.globals.toReversed() })).toThrow(
      "another type",
    );
    expect(bytesOf(guest.memory)[0]).toBe(9);
  });

  test("refuses to read a v128 global", async () => {
    const source = '(module (global (export "g") (mut v128) (v128.const i64x2 0 0)))';
    const instance = new WebAssembly.Instance(new WebAssembly.Module((await parse(source)) as Uint8Array<ArrayBuffer>));
    expect(() => captureState({ memories: [], globals: [instance.exports["g"] as WebAssembly.Global] })).toThrow(
      "no JavaScript value",
    );
  });
});

describe("the search for non-zero bytes", () => {
  test("is the module of its documentation", async () => {
    const { readFileSync } = await import("node:fs");
    const text = readFileSync(
      new URL("../../../../src/engine/snapshot/nonzero-scan-module.ts", import.meta.url),
      "utf8",
    );
    const wat = /```wat\n([^]*?)```/u.exec(text)?.[1]?.replaceAll(/^ \* ?/gmu, "") ?? "";
    const parsed = await parse(wat);
    expect(Buffer.from(NONZERO_SCAN_MODULE).equals(Buffer.from(parsed))).toBe(true);
  });

  test("agrees in Wasm and in JavaScript, and finds every byte", () => {
    const memory = new WebAssembly.Memory({ initial: 1 });
    const next = nonzeroScan(memory);
    fc.assert(
      fc.property(fc.nat(PAGE - 1), fc.integer({ min: 1, max: 255 }), fc.nat(PAGE / 128 - 1), (at, byte, from) => {
        bytesOf(memory)[at] = byte;
        const found = next(from * 128, PAGE);
        const same = scanBuffer(memory.buffer, from * 128, PAGE);
        bytesOf(memory)[at] = 0;
        expect(found).toBe(at < from * 128 ? PAGE : at - (at % 128));
        expect(same - (same % 128)).toBe(found);
      }),
    );
    expect(next(0, PAGE)).toBe(PAGE);
  });
});
