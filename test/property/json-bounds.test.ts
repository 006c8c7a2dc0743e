// How far JSON of tools may go is said of its text, before it is parsed: held against what the parser makes of it.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { JSON_BOUNDS, jsonExcess } from "../../src/capabilities/tools/json/json-bounds.ts";

/** The depth and the number of values that a parsed text has. */
function measure(value: unknown): { readonly depth: number; readonly values: number } {
  if (typeof value !== "object" || value === null) return { depth: 0, values: 1 };
  const held = Object.values(value).map(measure);
  return {
    depth: 1 + Math.max(0, ...held.map(({ depth }) => depth)),
    values: 1 + held.reduce((sum, { values }) => sum + values, 0),
  };
}

const odd = fc.constantFrom('"', "\\", "[", "]", "{", "}", ",", ':"', '\\"', "\u2028", "\uD800", "");
const text = fc.array(fc.oneof(odd, fc.string({ maxLength: 3 })), { maxLength: 6 }).map((pieces) => pieces.join(""));
const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "medium" },
    fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null)),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(text, tie("value"), { maxKeys: 4 }),
  ),
})).value;

/** All that the grammar is made of. */
const SIGN = fc.constantFrom("[", "]", "{", "}", ",", ":", '"', "\\", " ", "1");

describe("JSON text of any content", () => {
  test.each([undefined, 1, "\t"])("is as deep as what it is parsed to, however it is laid out (%j)", (space) => {
    fc.assert(
      fc.property(json, fc.nat(JSON_BOUNDS.depth + 10), (value, around) => {
        const source = "[".repeat(around) + JSON.stringify(value, undefined, space) + "]".repeat(around);
        const { depth } = measure(JSON.parse(source));
        if (depth <= JSON_BOUNDS.depth) expect(jsonExcess(source)).toBeUndefined();
        else expect(jsonExcess(source)).toBe(`nest deeper than ${JSON_BOUNDS.depth} levels`);
      }),
      { numRuns: 1_000 },
    );
  });

  test("has as many values as what it is parsed to, at the least", () => {
    fc.assert(
      fc.property(json, fc.integer({ min: 1, max: 6 }), (value, times) => {
        const { values } = measure(value);
        const repeat = Math.ceil(JSON_BOUNDS.values / (values * times)) * times + 1;
        const source = `[${Array<string>(repeat).fill(JSON.stringify(value)).join()}]`;
        fc.pre(source.length <= JSON_BOUNDS.characters);
        expect(1 + values * repeat).toBeGreaterThan(JSON_BOUNDS.values);
        expect(jsonExcess(source)).toMatch(/^hold \d+ values, above the 100000 allowed$/u);
      }),
      { numRuns: 60 },
    );
  });

  test("is refused by its length alone", () => {
    expect(jsonExcess(`"${"x".repeat(JSON_BOUNDS.characters - 2)}"`)).toBeUndefined();
    expect(jsonExcess(`"${"x".repeat(JSON_BOUNDS.characters - 1)}"`)).toMatch(/characters of JSON/u);
  });

  test("that is none is not worse than refused or left to the parser", () => {
    fc.assert(
      fc.property(fc.string({ unit: SIGN }), (source) => {
        expect(["string", "undefined"]).toContain(typeof jsonExcess(source));
      }),
    );
  });
});
