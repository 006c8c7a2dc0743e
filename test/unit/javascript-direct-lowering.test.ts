import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { directImports } from "../../src/guests/javascript/direct-lowering.ts";
import type { Reply } from "../../src/guests/javascript/host-interface.ts";
import type { ComponentImports } from "#runtimes/javascript";

const PAGE = 65_536;
const decoder = new TextDecoder();

type Call = (...values: (number | bigint)[]) => unknown;

/** The imports over one page of memory, whose allocator gives out addresses as told. */
function lowered(reply: Reply, allocate: (bytes: number) => number = () => 512) {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 4 });
  const seen: unknown[] = [];
  const stops: unknown[] = [];
  const parts = {
    "wardian:javascript/host": {
      callTool: (name: Uint8Array, json: Uint8Array) => (
        seen.push([decoder.decode(name), decoder.decode(json)]),
        reply
      ),
      file: (op: number, text: Uint8Array, data: Uint8Array) => (seen.push([op, decoder.decode(text), data]), reply),
    },
    "wasi:clocks/wall-clock": { now: () => ({ seconds: 1_700_000_000n, nanoseconds: 5 }) },
    "wasi:clocks/monotonic-clock": { now: () => 2n ** 40n },
  };
  const imports = directImports(
    memory,
    parts as unknown as ComponentImports,
    { stop: (reason) => void stops.push(reason.kind) },
    (_old, _oldBytes, _align, bytes) => allocate(bytes),
  ) as unknown as Readonly<Record<string, Call>>;
  const bytes = (): Uint8Array => new Uint8Array(memory.buffer);
  bytes().set(new TextEncoder().encode("name{}"), 16);
  return { memory, imports, seen, stops, bytes, view: () => new DataView(memory.buffer) };
}

const text = (value: string): Reply => ({ tag: "text", val: new TextEncoder().encode(value) });

describe("imports that are lowered by hand", () => {
  test("read two texts and write the answer where it was asked for", () => {
    const { imports, seen, stops, view, bytes } = lowered(text("v1"));
    imports["call-tool"]?.(16, 4, 20, 2, 64);
    expect([seen, stops]).toEqual([[["name", "{}"]], []]);
    expect([view().getUint8(64), view().getUint32(68, true), view().getUint32(72, true)]).toEqual([0, 512, 2]);
    expect(decoder.decode(bytes().subarray(512, 514))).toBe("v1");
  });

  test("hand over a copy of data, and say bytes or nothing", () => {
    const file = lowered({ tag: "bytes", val: Uint8Array.of(7) });
    file.imports["file"]?.(-1, 20, 2, 16, 4, 64);
    const [[op, json, data] = []] = file.seen as [number, string, Uint8Array][];
    expect([op, json, data]).toEqual([2 ** 32 - 1, "{}", new TextEncoder().encode("name")]);
    file.bytes().fill(0, 16, 20);
    expect(data?.[0]).toBe(0x6e);
    expect(file.view().getUint8(64)).toBe(1);
    const nothing = lowered({ tag: "nothing" });
    nothing.imports["file"]?.(1, 20, 2, 16, 4, 64);
    expect(nothing.view().getUint8(64)).toBe(2);
  });

  test("tell the time", () => {
    const { imports, view } = lowered(text(""));
    expect(imports["monotonic-clock"]?.()).toBe(2n ** 40n);
    imports["wall-clock"]?.(128);
    expect([view().getBigUint64(128, true), view().getUint32(136, true)]).toEqual([1_700_000_000n, 5]);
  });

  test("see memory that has grown while they were answering", () => {
    const grown = lowered(text("far"), () => {
      grown.memory.grow(1);
      return PAGE + 8;
    });
    grown.imports["call-tool"]?.(16, 4, 20, 2, 64);
    expect([grown.stops, decoder.decode(grown.bytes().subarray(PAGE + 8, PAGE + 11))]).toEqual([[], "far"]);
  });

  test("stop the guest for any address outside, and write nothing there", () => {
    const number = fc.oneof(
      fc.constantFrom(-1, 0, 16, PAGE - 1, PAGE, PAGE - 4, 2 ** 31 - 1, -(2 ** 31)),
      fc.integer(),
    );
    fc.assert(
      fc.property(
        fc.constantFrom("call-tool", "file", "wall-clock"),
        fc.array(number, { minLength: 6, maxLength: 6 }),
        number,
        (name, values, address) => {
          const { imports, stops, memory } = lowered(text("answer"), () => address);
          imports[name]?.(...values);
          expect(stops.every((kind) => kind === "trap")).toBe(true);
          expect(memory.buffer.byteLength).toBe(PAGE);
        },
      ),
      { numRuns: 2_000 },
    );
    for (const values of [
      [16, PAGE, 20, 2, 64],
      [16, 4, PAGE - 1, 2, 64],
      [16, 4, 20, 2, PAGE - 8],
      [-5, 4, 20, 2, 64],
    ]) {
      const { imports, stops } = lowered(text("answer"));
      imports["call-tool"]?.(...values);
      expect(stops).toEqual(["trap"]);
    }
  });
});
