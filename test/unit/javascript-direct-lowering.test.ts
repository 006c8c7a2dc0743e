import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ToolReply } from "../../src/capabilities/tools/tool-calls.ts";
import type { FuelGauge } from "../../src/engine/instance/fuel-gauge.ts";
import type { GuestCapabilities } from "../../src/guests/guest.ts";
import { directImports } from "../../src/guests/javascript/direct-lowering.ts";
import { hostInterface } from "../../src/guests/javascript/host-interface.ts";
import type { HostInterface, Reply } from "../../src/guests/javascript/host-interface.ts";
import type { ComponentImports } from "#runtimes/javascript";

const PAGE = 65_536;
const decoder = new TextDecoder();

type Call = (...values: (number | bigint)[]) => unknown;

const ENOUGH: Pick<FuelGauge, "charge" | "stopping"> = { charge: () => true, stopping: false };

/** The host's end with tools that answer `call`; nothing else of the capabilities is used. */
function hostWith(call: (name: string, json: string) => ToolReply, fuel: Partial<FuelGauge>): HostInterface {
  const capabilities = { tools: { names: [], call }, environment: {}, files: {}, denials: { note: () => undefined } };
  return hostInterface(capabilities as unknown as GuestCapabilities, fuel as FuelGauge);
}

/** The imports over one page of memory, whose allocator gives out addresses as told. `reply` is what files answer; tools give its text. */
function lowered(reply: Reply, allocate: (bytes: number) => number = () => 512) {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 4 });
  const seen: unknown[] = [];
  const stops: unknown[] = [];
  const stop: FuelGauge["stop"] = (reason) => void stops.push(reason.kind);
  const answer = (): ToolReply => ({ state: "value", json: reply.tag === "nothing" ? "" : decoder.decode(reply.val) });
  const tools = hostWith((name, json) => (seen.push([name, json]), answer()), { ...ENOUGH, stop });
  const parts = {
    "wardian:javascript/host": {
      ...tools,
      file: (op: number, text: Uint8Array, data: Uint8Array) => (seen.push([op, decoder.decode(text), data]), reply),
    },
    "wasi:clocks/wall-clock": { now: () => ({ seconds: 1_700_000_000n, nanoseconds: 5 }) },
    "wasi:clocks/monotonic-clock": { now: () => 2n ** 40n },
    "wasi:random/random": { getRandomU64: () => 2n ** 64n - 1n },
  };
  const imports = directImports(
    memory,
    parts as unknown as ComponentImports,
    { stop },
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

  test("give random numbers", () => {
    expect(lowered(text("")).imports["random-u64"]?.()).toBe(2n ** 64n - 1n);
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

  const texts = fc.oneof(
    fc.string({ unit: "binary", maxLength: 40 }),
    fc.constantFrom(
      "",
      "\u0000",
      "a\u0000b",
      "\uD800",
      "\uDC00x",
      "é",
      "漢字",
      "😀",
      "\uFEFFbom",
      "x".repeat(1_365),
      "é".repeat(1_366),
    ),
  );
  // What the guest writes need not be UTF-8.
  const guestTexts = fc.oneof(
    texts.map((value) => new TextEncoder().encode(value)),
    fc.uint8Array({ maxLength: 40 }),
    fc.constantFrom("echo", "echo", "echoes").map((value) => new TextEncoder().encode(value)),
  );

  test("hand a tool call over as the component's own lowering does, whatever the texts are", () => {
    const seen: (readonly [string, string])[] = [];
    let reply: ToolReply = { state: "value", json: "" };
    const stops: unknown[] = [];
    const host = hostWith((name, json) => (seen.push([name, json]), reply), {
      ...ENOUGH,
      stop: (reason) => void stops.push(reason),
    });
    const memory = new WebAssembly.Memory({ initial: 2 });
    const parts = { "wardian:javascript/host": host } as unknown as ComponentImports;
    const direct = directImports(memory, parts, { stop: () => undefined }, () => 65_536) as unknown as Readonly<
      Record<string, Call>
    >;
    fc.assert(
      fc.property(
        guestTexts,
        guestTexts,
        texts,
        fc.constantFrom("value", "error", "pending"),
        (name, json, text, state) => {
          reply =
            state === "value"
              ? { state, json: text }
              : state === "error"
                ? { state, name: "ToolError", message: text }
                : { state: "pending", id: text.length };
          const bytes = new Uint8Array(memory.buffer);
          bytes.set(name, 1_024);
          bytes.set(json, 8_192);
          direct["call-tool"]?.(1_024, name.length, 8_192, json.length, 256);
          const view = new DataView(memory.buffer);
          const lowered = [
            view.getUint8(256),
            bytes.slice(view.getUint32(260, true), view.getUint32(260, true) + view.getUint32(264, true)),
          ];
          const lifted = host.callTool(name, json);
          expect(lowered).toEqual(lifted.tag === "text" ? [0, lifted.val] : "a text");
          const [byHand, byGlue] = seen.splice(0);
          expect(byHand).toEqual(byGlue);
          expect(stops).toEqual([]);
        },
      ),
      { numRuns: 600 },
    );
  });

  test("answer a tool call into memory that has grown during it", () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 4 });
    const host = hostWith((name, json) => (memory.grow(1), { state: "value", json: `["${name}",${json}]` }), ENOUGH);
    const parts = { "wardian:javascript/host": host } as unknown as ComponentImports;
    const direct = directImports(memory, parts, { stop: () => undefined }, () => PAGE) as unknown as Readonly<
      Record<string, Call>
    >;
    new Uint8Array(memory.buffer).set(new TextEncoder().encode("name{}"), 16);
    direct["call-tool"]?.(16, 4, 20, 2, 64);
    direct["call-tool"]?.(16, 4, 20, 2, 64);
    const view = new DataView(memory.buffer);
    expect(view.getUint32(68, true)).toBe(PAGE);
    expect(decoder.decode(new Uint8Array(memory.buffer, PAGE, view.getUint32(72, true)))).toBe('["name",{}]');
  });

  test("do nothing for a guest that is stopping or has no fuel left, and end the run for a defect of the host", () => {
    const causes: unknown[] = [];
    const call = (fuel: Partial<FuelGauge>): unknown => {
      const memory = new WebAssembly.Memory({ initial: 1 });
      const host = hostWith(
        () => {
          throw new Error("defect");
        },
        { stop: (reason) => void causes.push(reason.kind), ...fuel },
      );
      const parts = { "wardian:javascript/host": host } as unknown as ComponentImports;
      const direct = directImports(memory, parts, { stop: () => undefined }, () => 512) as unknown as Readonly<
        Record<string, Call>
      >;
      direct["call-tool"]?.(16, 4, 20, 2, 64);
      return new DataView(memory.buffer).getUint8(64);
    };
    expect([call({ charge: () => true, stopping: true }), causes]).toEqual([2, []]);
    expect([call({ charge: () => false, stopping: false }), causes]).toEqual([2, []]);
    expect([call(ENOUGH), causes]).toEqual([2, ["host-error"]]);
  });
});
