import { describe, expect, it } from "vitest";
import { GuestMemory } from "../../src/wasi/preview1/guest-memory.ts";
import { ioVectors } from "../../src/wasi/preview1/io-vectors.ts";
import { ERRNO } from "../../src/wasi/preview1/errno.ts";

const PAGE = 65_536;

function memoryOf(pages = 1, maximum = 3): { readonly memory: GuestMemory; readonly bytes: Uint8Array } {
  const wasm = new WebAssembly.Memory({ initial: pages, maximum });
  return { memory: new GuestMemory(wasm), bytes: new Uint8Array(wasm.buffer) };
}

describe("guest memory", () => {
  it("reads and writes inside and answers nothing outside", () => {
    const { memory } = memoryOf();
    expect(memory.setU32(PAGE - 4, 0xfeedbeef)).toBe(true);
    expect(memory.u32(PAGE - 4)).toBe(0xfeedbeef);
    for (const address of [PAGE - 3, PAGE, -1, -4, 2 ** 31, 0xffff_fffc]) {
      expect([memory.u32(address), memory.setU32(address, 1), memory.i32(address)]).toEqual([
        undefined,
        false,
        undefined,
      ]);
    }
    expect([memory.u16(PAGE - 1), memory.i64(PAGE - 7), memory.u8(PAGE), memory.setI64(PAGE - 7, 1)]).toEqual([
      undefined,
      undefined,
      undefined,
      false,
    ]);
  });

  it("gives views only of what is there", () => {
    const { memory } = memoryOf();
    expect(memory.view(0, PAGE)?.length).toBe(PAGE);
    expect(memory.view(PAGE, 0)?.length).toBe(0);
    for (const [address, length] of [
      [0, PAGE + 1],
      [1, PAGE],
      [-1, 1],
      [8, -1],
      [0xffff_ffff, 0xffff_ffff],
    ] as const)
      expect(memory.view(address, length)).toBeUndefined();
    expect(memory.write(PAGE - 1, Uint8Array.of(1, 2))).toBe(false);
    expect(memory.clear(1, PAGE)).toBe(false);
  });

  it("finds the end of a text or says why not", () => {
    const { memory, bytes } = memoryOf();
    bytes.fill(0x61);
    bytes[10] = 0;
    expect(memory.cString(0, 10)?.length).toBe(10);
    expect(memory.cString(0, 9)).toBe("too-long");
    expect(memory.cString(PAGE - 5, 100)).toBeUndefined();
    expect(memory.cString(PAGE, 100)).toBeUndefined();
    expect(memory.cString(-1, 100)).toBeUndefined();
  });

  it("follows growth, up to the maximum", () => {
    const { memory } = memoryOf();
    expect([
      memory.growTo(2 * PAGE),
      memory.size,
      memory.setU32(2 * PAGE - 4, 7),
      memory.growTo(1),
      memory.growTo(9 * PAGE),
      memory.size,
    ]).toEqual([true, 2 * PAGE, true, true, false, 2 * PAGE]);
  });

  it("clamps what does not fit an i64", () => {
    const { memory } = memoryOf();
    const written = [Number.NaN, 1e300, -1e300, 1.9, -1.9].map((value) => {
      memory.setI64(0, value);
      return memory.i64(0);
    });
    expect(written).toEqual([0n, 2n ** 63n - 1n, -(2n ** 63n), 1n, -1n]);
  });
});

describe("io vectors", () => {
  it("are refused if any part lies outside, or if there are too many", () => {
    const { memory } = memoryOf();
    memory.setU32(0, 100);
    memory.setU32(4, 5);
    memory.setU32(8, PAGE - 2);
    memory.setU32(12, 3);
    expect(ioVectors(memory, 0, 1)).toHaveLength(1);
    expect(ioVectors(memory, 0, 2)).toBe(ERRNO.EFAULT);
    expect(ioVectors(memory, PAGE - 4, 1)).toBe(ERRNO.EFAULT);
    expect(ioVectors(memory, 0, -1)).toBe(ERRNO.EINVAL);
    expect(ioVectors(memory, 0, 1025)).toBe(ERRNO.EINVAL);
  });
});
