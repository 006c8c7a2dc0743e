import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { WardianError } from "../../src/errors.ts";
import { decodeValue, MAX_VALUE_DEPTH } from "../../src/guests/value-codec.ts";

const plain = (entries: Record<string, unknown>): unknown => Object.assign(Object.create(null) as object, entries);

describe("every tag", () => {
  test.each<[string, unknown]>([
    ["null", null],
    ["true", true],
    ["-1.5", -1.5],
    ['"\\u0000\\ud800"', "\0\ud800"],
    ["[1,[2]]", [1, [2]]],
    ['{"o":["b",1,"a",{"o":[]}]}', plain({ b: 1, a: plain({}) })],
    [
      '{"m":[1,"one",{"t":[]},{"s":[]}]}',
      new Map<unknown, unknown>([
        [1, "one"],
        [[], new Set()],
      ]),
    ],
    ['{"s":[1,2]}', new Set([1, 2])],
    ['{"t":[1,2]}', [1, 2]],
    ['{"i":"-123456789012345678901234567890"}', -123456789012345678901234567890n],
    ['{"n":"NaN"}', Number.NaN],
    ['{"n":"-Infinity"}', Number.NEGATIVE_INFINITY],
    ['{"n":"-0"}', -0],
    ['{"b":"AAH/"}', new Uint8Array([0, 1, 255])],
    ['{"d":0}', new Date(0)],
    ['{"u":1}', undefined],
    ['{"x":["function","f() {}"]}', { opaque: "function", text: "f() {}" }],
  ])("%s", (text, value) => {
    expect(decodeValue(text)).toStrictEqual(value);
  });

  test("keeps the order of keys and makes odd names plain keys", () => {
    const value = decodeValue('{"o":["__proto__",1,"constructor",2,"toString",3]}') as object;
    expect(Object.getPrototypeOf(value)).toBeNull();
    expect(Object.entries(value)).toEqual([
      ["__proto__", 1],
      ["constructor", 2],
      ["toString", 3],
    ]);
  });

  test("an invalid date is one", () => {
    expect((decodeValue('{"d":null}') as Date).getTime()).toBeNaN();
  });
});

const deep = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);

test("nests as deep as promised and no deeper", () => {
  expect(() => decodeValue(deep(MAX_VALUE_DEPTH))).not.toThrow();
  expect(() => decodeValue(deep(MAX_VALUE_DEPTH + 1))).toThrow(WardianError);
});

test.each([
  "",
  "{",
  "nope",
  "{}",
  '{"o":[1,2]}',
  '{"o":["a"]}',
  '{"o":{}}',
  '{"a":1,"b":2}',
  '{"m":[1]}',
  '{"i":"1e5"}',
  '{"i":1}',
  `{"i":"${"9".repeat(100_001)}"}`,
  '{"n":"1"}',
  '{"b":"*"}',
  '{"b":1}',
  '{"d":"now"}',
  '{"x":["a"]}',
  '{"x":"a"}',
  '{"__proto__":[]}',
  '{"constructor":[]}',
  '{"unknown":1}',
])("refuses %s", (text) => {
  expect(() => decodeValue(text)).toThrow(expect.objectContaining({ code: "invalid-value" }));
});

test("whatever a guest forges, the answer is data or a typed error", () => {
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
      try {
        const value = decodeValue(text);
        expect(typeof value).not.toBe("function");
      } catch (error) {
        expect(error).toBeInstanceOf(WardianError);
      }
    }),
    { numRuns: 2_000 },
  );
});

test("asks whether to go on every few additions to a Map or Set, and every few thousand nodes", () => {
  const looks = (text: string, allowed: number): number => {
    let count = 0;
    try {
      decodeValue(text, () => ++count <= allowed);
    } catch (error) {
      expect(error).toMatchObject({ code: "invalid-value" });
    }
    return count;
  };
  const numbers = Array.from({ length: 8_000 }, (_, index) => index).join(",");
  expect(looks(`{"s":[${numbers}]}`, Number.POSITIVE_INFINITY)).toBeGreaterThanOrEqual(1_000);
  expect(looks(`{"m":[${numbers}]}`, Number.POSITIVE_INFINITY)).toBeGreaterThanOrEqual(500);
  expect(looks(`[${numbers}]`, Number.POSITIVE_INFINITY)).toBeGreaterThanOrEqual(3);
  expect(looks(`{"s":[${numbers}]}`, 2)).toBe(3);
});
