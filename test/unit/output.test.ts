import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createEnvironment } from "../../src/capabilities/environment/create-environment.ts";
import { inputSource } from "../../src/capabilities/environment/input-source.ts";
import type { OutputChunk } from "../../src/capabilities/output/output-listener.ts";
import { createOutputSink } from "../../src/capabilities/output/output-sink.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("createOutputSink", () => {
  test("keeps both streams apart", () => {
    const sink = createOutputSink();
    sink.write("stdout", bytes("out "));
    sink.write("stderr", bytes("err"));
    sink.write("stdout", bytes("put"));
    expect([sink.text("stdout"), sink.text("stderr"), sink.keptBytes, sink.writtenBytes, sink.truncated]).toEqual([
      "out put",
      "err",
      10,
      10,
      false,
    ]);
    expect(sink.bytes("stderr")).toEqual(bytes("err"));
  });

  test("copies what it is given: guests write views of their memory", () => {
    const chunks: OutputChunk[] = [];
    const sink = createOutputSink({ onOutput: (chunk) => chunks.push(chunk) });
    const memory = bytes("first");
    sink.write("stdout", memory);
    memory.fill(0x58);
    sink.bytes("stdout").fill(0);
    expect(sink.text("stdout")).toBe("first");
    expect(chunks[0]?.bytes).toEqual(bytes("first"));
  });

  test("keeps as much as the limit for both streams together, and counts the rest for each", () => {
    const chunks: string[] = [];
    const sink = createOutputSink({ maxBytes: 10, onOutput: ({ stream, text }) => chunks.push(`${stream}:${text}`) });
    sink.write("stdout", bytes("123456"));
    sink.write("stderr", bytes("abcdef"));
    sink.write("stdout", bytes("789"));
    sink.write("stderr", new Uint8Array(0));
    sink.flush();
    expect([sink.text("stdout"), sink.text("stderr")]).toEqual(["123456", "abcd"]);
    expect([sink.dropped("stdout"), sink.dropped("stderr"), sink.keptBytes, sink.writtenBytes, sink.truncated]).toEqual(
      [3, 2, 10, 15, true],
    );
    expect(chunks).toEqual(["stdout:123456", "stderr:abcd"]);
  });

  test("leaves out the character that the limit cut, in the text and in the stream", () => {
    const chunks: string[] = [];
    const sink = createOutputSink({ maxBytes: 5, onOutput: ({ text }) => chunks.push(text) });
    sink.write("stdout", bytes("ab🪴"));
    sink.flush();
    expect([sink.text("stdout"), sink.dropped("stdout"), sink.bytes("stdout").length, chunks]).toEqual([
      "ab",
      1,
      5,
      ["ab"],
    ]);
  });

  test("can keep nothing at all", () => {
    const sink = createOutputSink({ maxBytes: 0 });
    sink.write("stdout", bytes("x"));
    expect([sink.text("stdout"), sink.truncated, sink.writtenBytes]).toEqual(["", true, 1]);
  });

  test("costs no object a byte: 200,000 single bytes are kept in one buffer", () => {
    const sink = createOutputSink();
    const one = bytes("x");
    for (let index = 0; index < 200_000; index += 1) sink.write("stdout", one);
    expect(sink.text("stdout")).toBe("x".repeat(200_000));
  });

  test("keeps byte order marks and shows what is no UTF-8 as U+FFFD", () => {
    const chunks: string[] = [];
    const sink = createOutputSink({ onOutput: ({ text }) => chunks.push(text) });
    sink.write("stdout", Uint8Array.of(0xef, 0xbb, 0xbf, 0x61, 0xff, 0x62, 0xe2, 0x82));
    expect(chunks).toEqual(["\uFEFFa\uFFFDb"]);
    sink.flush();
    sink.flush();
    expect(chunks).toEqual(["\uFEFFa\uFFFDb", "\uFFFD"]);
    expect(sink.text("stdout")).toBe("\uFEFFa\uFFFDb\uFFFD");
  });

  test("streams text that is never split in a character, and joined is what was written", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 40 }),
        fc.array(fc.nat(5), { maxLength: 60 }),
        (text, sizes) => {
          const wellFormed = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes(text));
          const all = bytes(wellFormed);
          const chunks: OutputChunk[] = [];
          const sink = createOutputSink({ onOutput: (chunk) => chunks.push(chunk) });
          let at = 0;
          for (const size of sizes) {
            sink.write("stdout", all.subarray(at, at + size));
            at = Math.min(all.length, at + size);
          }
          sink.write("stdout", all.subarray(at));
          sink.flush();
          expect(chunks.map((chunk) => chunk.text).join("")).toBe(wellFormed);
          for (const chunk of chunks) {
            expect(chunk.bytes).toEqual(bytes(chunk.text));
            expect(chunk.text).not.toBe("");
          }
          expect(sink.text("stdout")).toBe(wellFormed);
        },
      ),
    );
  });

  test("streams any bytes as a decoder would show them", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 6 }), { maxLength: 12 }), (pieces) => {
        const chunks: OutputChunk[] = [];
        const sink = createOutputSink({ onOutput: (chunk) => chunks.push(chunk) });
        for (const piece of pieces) sink.write("stderr", piece);
        sink.flush();
        expect(Buffer.concat(chunks.map((chunk) => chunk.bytes))).toEqual(Buffer.concat(pieces));
        expect(chunks.map((chunk) => chunk.text).join("")).toBe(sink.text("stderr"));
      }),
    );
  });

  test("keeps what the callback throws away from the guest, and does not call it again", () => {
    let calls = 0;
    const sink = createOutputSink({
      onOutput: () => {
        calls += 1;
        throw new Error(`call ${calls}`);
      },
    });
    for (let index = 0; index < 3; index += 1) expect(() => sink.write("stdout", bytes("x"))).not.toThrow();
    expect([calls, sink.text("stdout")]).toEqual([1, "xxx"]);
    expect(sink.takeCallbackError()).toEqual({ error: new Error("call 1") });
    expect(sink.takeCallbackError()).toBeUndefined();
    sink.reset();
    sink.write("stdout", bytes("y"));
    expect(calls).toBe(2);
  });

  test("remembers undefined and rejections too", async () => {
    const thrower = createOutputSink({
      onOutput: () => {
        throw undefined;
      },
    });
    thrower.write("stdout", bytes("x"));
    expect(thrower.takeCallbackError()).toEqual({ error: undefined });
    let calls = 0;
    const rejecter = createOutputSink({
      onOutput: async () => {
        calls += 1;
        throw new Error(`later ${calls}`);
      },
    });
    rejecter.write("stdout", bytes("x"));
    rejecter.write("stdout", bytes("x"));
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(calls).toBe(1);
    expect(rejecter.takeCallbackError()).toEqual({ error: new Error("later 1") });
  });

  test("is empty after reset; a tighter limit holds for that run only", () => {
    const sink = createOutputSink({ maxBytes: 4 });
    sink.write("stdout", bytes("123456"));
    sink.reset({ maxBytes: 2 });
    expect([sink.text("stdout"), sink.truncated, sink.writtenBytes]).toEqual(["", false, 0]);
    sink.write("stdout", bytes("123456"));
    expect(sink.text("stdout")).toBe("12");
    sink.reset({ maxBytes: 100 });
    sink.write("stdout", bytes("123456"));
    expect(sink.text("stdout")).toBe("1234");
    sink.reset();
    sink.write("stdout", bytes("123456"));
    expect(sink.text("stdout")).toBe("1234");
  });

  test("refuses a limit that is none", () => {
    for (const maxBytes of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31]) {
      expect(() => createOutputSink({ maxBytes })).toThrow(RangeError);
      expect(() => createOutputSink().reset({ maxBytes })).toThrow(RangeError);
    }
  });
});

describe("inputSource", () => {
  test("gives its content in pieces, then the end, for ever", () => {
    const source = inputSource("héllo");
    const pieces: string[] = [];
    for (;;) {
      const into = new Uint8Array(2);
      const count = source.read(into);
      if (count === 0) break;
      pieces.push(Buffer.from(into.subarray(0, count)).toString("hex"));
    }
    expect(pieces).toEqual(["68c3", "a96c", "6c6f"]);
    expect(source.read(new Uint8Array(5))).toBe(0);
    expect(inputSource().read(new Uint8Array(5))).toBe(0);
  });

  test("keeps a copy", () => {
    const content = Uint8Array.of(1, 2);
    const source = inputSource(content);
    content.fill(9);
    const into = new Uint8Array(3);
    expect([source.read(into), into]).toEqual([2, Uint8Array.of(1, 2, 0)]);
    expect(() => inputSource(5 as unknown as string)).toThrow(TypeError);
  });
});

describe("createEnvironment", () => {
  test("is empty by default and takes nothing from the host", () => {
    expect(createEnvironment()).toEqual({ env: new Map(), args: [] });
  });

  test("copies names, values and arguments", () => {
    const args = ["--x", ""];
    const env = JSON.parse('{"A":"1","__proto__":"p"}') as Record<string, string>;
    const environment = createEnvironment({ env, args });
    args.push("later");
    env["B"] = "2";
    expect(environment).toEqual({
      env: new Map([
        ["A", "1"],
        ["__proto__", "p"],
      ]),
      args: ["--x", ""],
    });
    expect(createEnvironment({ env: new Map([["A", "a=b"]]) }).env.get("A")).toBe("a=b");
  });

  test("refuses what no process could have, by name", () => {
    const wrong = (env: object, args: unknown[] = []): unknown => {
      try {
        return createEnvironment({ env: env as Record<string, string>, args: args as string[] });
      } catch (error) {
        return `${(error as Error).name}: ${(error as Error).message}`;
      }
    };
    expect(wrong({ A: 1 })).toBe('TypeError: Cannot set the environment variable "A": its value must be a string');
    expect(wrong({ "": "x" })).toBe(
      'RangeError: Cannot set the environment variable "": a name is not empty and has no "="',
    );
    expect(wrong({ "A=B": "x" })).toBe(
      'RangeError: Cannot set the environment variable "A=B": a name is not empty and has no "="',
    );
    expect(wrong({ A: "x\0y" })).toBe('RangeError: Cannot set the environment variable "A": it holds a NUL');
    expect(wrong({ "A\0": "x" })).toBe(
      String.raw`RangeError: Cannot set the environment variable "A\u0000": it holds a NUL`,
    );
    expect(wrong({}, ["ok", 5])).toBe("TypeError: Cannot pass argument 1: it must be a string");
    expect(wrong({}, ["a\0"])).toBe("RangeError: Cannot pass argument 0: it holds a NUL");
    expect(wrong({ A: "x".repeat(2 ** 20) })).toMatch(
      /^RangeError: Cannot pass environment and arguments: they are 1048577 characters long/,
    );
  });
});
