import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { WardianError } from "../../../../src/errors.ts";
import { checksum } from "../../../../src/engine/snapshot/checksum.ts";
import { decodeImage, encodeImage } from "../../../../src/engine/snapshot/image-file.ts";
import { captureState } from "../../../../src/engine/snapshot/capture-state.ts";
import type { StateImage } from "../../../../src/engine/snapshot/state-image.ts";

const digest = Uint8Array.from({ length: 32 }, (_, index) => index * 7);

function sample(): StateImage {
  const memory = new WebAssembly.Memory({ initial: 2 });
  const bytes = new Uint8Array(memory.buffer);
  bytes.fill(3, 5_000, 20_000);
  bytes[131_071] = 1;
  return {
    ...captureState({
      memories: [memory, new WebAssembly.Memory({ initial: 0 })],
      globals: [
        new WebAssembly.Global({ value: "i32", mutable: true }, -1),
        new WebAssembly.Global({ value: "i64", mutable: true }, -(2n ** 63n)),
        new WebAssembly.Global({ value: "f64", mutable: true }, Number.NaN),
        new WebAssembly.Global({ value: "externref", mutable: true }, null),
      ],
    }),
  };
}

/** Makes the checksum right again, so that the checks behind it are reached. */
function sealed(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  view.setUint32(8, bytes.length, true);
  view.setUint32(12, checksum(bytes, 16), true);
  return bytes;
}

function outcome(read: () => unknown): string {
  try {
    read();
    return "read";
  } catch (error) {
    return error instanceof WardianError && error.code === "asset" ? error.message : `unexpected: ${String(error)}`;
  }
}

describe("a state image as a file", () => {
  test("is read back as it was written", () => {
    const image = sample();
    expect(decodeImage(encodeImage(image, digest), digest)).toStrictEqual(image);
  });

  test("is read from a slice at an odd address", () => {
    const file = encodeImage(sample(), digest);
    const shifted = new Uint8Array(file.length + 3);
    shifted.set(file, 3);
    expect(decodeImage(shifted.subarray(3), digest)).toStrictEqual(sample());
  });

  test("refuses live references, tables and a digest of the wrong length", () => {
    expect(() => encodeImage({ memories: [], globals: [{ reference: () => 1 }], tables: [] }, digest)).toThrow(
      "live reference",
    );
    expect(() => encodeImage({ memories: [], globals: [], tables: [[null]] }, digest)).toThrow("tables");
    expect(() => encodeImage(sample(), new Uint8Array(31))).toThrow(RangeError);
  });

  test.each([
    ["another magic", 0, 1, "not a state image"],
    ["another version", 4, 2, "version 2 instead of 1"],
    ["another length", 8, 1, "wrong length"],
    ["another checksum", 12, 1, "wrong checksum"],
    ["another byte of data", -1, 99, "wrong checksum"],
  ])("refuses %s", (_, at, value, message) => {
    const file = encodeImage(sample(), digest);
    file.set([value], at < 0 ? file.length + at : at);
    expect(outcome(() => decodeImage(file, digest))).toBe(`Cannot read a state image: ${message}`);
  });

  test("refuses the state of another module", () => {
    expect(outcome(() => decodeImage(encodeImage(sample(), digest), new Uint8Array(32)))).toContain("another module");
  });

  test.each([
    ["a huge memory count", 48, 0xffff_ffff, "cut short"],
    ["a huge global count", 52, 0xffff_ffff, "cut short"],
    ["a memory above 4 GiB", 56, 65_537, "memory too large"],
    ["a huge number of runs", 60, 0xffff_ffff, "cut short"],
    ["a run outside of the memory", 64, 32, "runs overlap or leave the memory"],
    ["an empty run", 68, 0, "runs overlap or leave the memory"],
    ["a run that reaches into the next", 68, 0x1f, "runs overlap or leave the memory"],
    ["fewer bytes of data than stored", 68, 1, "bytes left over"],
  ])("refuses %s", (_, at, value, message) => {
    const file = encodeImage(sample(), digest);
    new DataView(file.buffer).setUint32(at, value, true);
    expect(outcome(() => decodeImage(sealed(file), digest))).toBe(`Cannot read a state image: ${message}`);
  });

  test("answers any damage with a typed error, even under a right checksum", () => {
    const original = encodeImage(sample(), digest);
    fc.assert(
      fc.property(fc.nat(130), fc.nat(255), fc.nat(original.length), (at, value, cut) => {
        const file = original.slice(0, Math.max(16, cut));
        file[at % file.length] = value;
        expect(outcome(() => decodeImage(sealed(file), digest))).toMatch(/^(read|Cannot read a state image: .+)$/);
      }),
      { numRuns: 500 },
    );
  });

  test("uses the checksum of the specification", () => {
    // XXH32 of the empty input, of "a" and of "Nobody inspects the spammish repetition", seed 0: published test values.
    const of = (text: string): string => checksum(new TextEncoder().encode(text)).toString(16);
    expect([of(""), of("a"), of("Nobody inspects the spammish repetition")]).toStrictEqual([
      "2cc5d05",
      "550d7456",
      "e2293b2f",
    ]);
  });
});
