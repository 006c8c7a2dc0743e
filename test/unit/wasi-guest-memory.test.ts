import fc from "fast-check";
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

  // Views and texts are remembered from call to call: what one that has seen much answers, a fresh one must answer too.
  it("answers as if each call were the first, whatever was asked, written and grown before", () => {
    const place = fc.oneof(fc.constantFrom(0, 16, 16, PAGE - 4, PAGE, -1), fc.nat({ max: 40 }));
    const texts = fc.constantFrom("", "/m/a", "/m/a", "/m/ab", "/m", "\u00e9");
    const step = fc.oneof(
      fc.record({ ask: fc.constant("view" as const), at: place, length: fc.constantFrom(0, 4, 4, 8, -1) }),
      fc.record({ ask: fc.constant("ascii" as const), at: place, limit: fc.constantFrom(0, 3, 4, 128) }),
      fc.record({ ask: fc.constant("is" as const), at: place, text: texts }),
      fc.record({ ask: fc.constant("put" as const), at: place, text: texts }),
      fc.constant({ ask: "grow" as const }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const wasm = new WebAssembly.Memory({ initial: 1, maximum: 3 });
        const used = new GuestMemory(wasm);
        for (const made of steps) {
          const fresh = new GuestMemory(wasm);
          if (made.ask === "grow") {
            try {
              wasm.grow(1);
            } catch {
              // It has all that it may have.
            }
          } else if (made.ask === "put") {
            // With its NUL, and without what a longer one left behind.
            used.write(made.at, new TextEncoder().encode(`${made.text}\0\0`));
          } else if (made.ask === "is") {
            expect(used.hasAscii(made.at, made.text)).toBe(fresh.hasAscii(made.at, made.text));
          } else if (made.ask === "ascii") {
            expect(used.asciiText(made.at, made.limit)).toBe(fresh.asciiText(made.at, made.limit));
          } else {
            const [view, other] = [used.view(made.at, made.length), fresh.view(made.at, made.length)];
            expect(view).toEqual(other);
            expect([view?.buffer, view?.byteOffset]).toEqual([other && wasm.buffer, other?.byteOffset]);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it("does not take a longer text for the one before", () => {
    const { memory } = memoryOf();
    const put = (text: string): boolean => memory.write(16, new TextEncoder().encode(`${text}\0`));
    const seen: unknown[] = [];
    for (const text of ["/m/a", "/m/ab", "/m", "", "/m/\u00e9", "/m"]) {
      put(text);
      seen.push(memory.asciiText(16, 4));
    }
    expect(seen).toEqual(["/m/a", undefined, "/m", "", undefined, "/m"]);
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
