/* oxlint-disable unicorn/no-thenable -- a keyword of JSON Schema */
import { describe, expect, test } from "vitest";
import { jsonSchema, Sandbox, tool } from "../../../src/index.ts";

/** What the schema finds wrong: "place: message". */
function issues(schema: object, value: unknown): readonly string[] {
  const result = jsonSchema(schema)["~standard"].validate(value);
  if (result instanceof Promise) throw new Error("a JSON Schema answers at once");
  return (result.issues ?? []).map(({ path, message }) => `${(path ?? []).join(".")}: ${message}`);
}

describe("a value by its JSON Schema", () => {
  test.each<[object, readonly unknown[], readonly unknown[]]>([
    [{ type: "integer" }, [1, -0, 1e300], [1.5, "1", null, true, [], {}]],
    [{ type: ["string", "null"] }, ["", null], [0, {}]],
    [{ type: "string", nullable: true }, ["", null], [0]],
    [{ enum: [1, { a: [1] }] }, [1, { a: [1] }], [{ a: [2] }, { a: [1], b: 1 }, "1"]],
    [{ const: { a: 1, b: 2 } }, [{ b: 2, a: 1 }], [{ a: 1 }]],
    [{ minimum: 1, exclusiveMaximum: 3 }, [1, 2.9, "text"], [0.9, 3]],
    [{ exclusiveMinimum: 0, maximum: 1 }, [1], [0, 1.1]],
    [{ multipleOf: 0.1 }, [0.3, 5], [0.25]],
    [{ multipleOf: 0.5 }, [], [0.75]],
    [{ minLength: 2, maxLength: 2 }, ["ab", "😀é"], ["😀", "abc"]],
    [{ pattern: "^a+$" }, ["aa", 5], ["ab"]],
    [{ minItems: 1, maxItems: 2, items: { type: "number" } }, [[1], [1, 2]], [[], [1, 2, 3], ["1"]]],
    [{ prefixItems: [{ type: "string" }], items: false }, [["a"], []], [["a", 1], [1]]],
    [{ items: [{ type: "string" }], additionalItems: { type: "null" } }, [["a", null]], [["a", 1]]],
    [
      { uniqueItems: true },
      [[1, "1", true]],
      [
        [
          { a: 1, b: 2 },
          { b: 2, a: 1 },
        ],
      ],
    ],
    [{ contains: { type: "null" }, maxContains: 1 }, [[1, null]], [[1], [null, null]]],
    [{ required: ["a", "toString"] }, [{ a: 1, toString: 1 }], [{ a: 1 }]],
    [
      { properties: { a: { type: "number" } }, additionalProperties: false },
      [{ a: 1 }, {}],
      [{ a: "1" }, { b: 1 }, { constructor: 1 }],
    ],
    [
      { additionalProperties: { type: "number" }, patternProperties: { "^s_": { type: "string" } } },
      [{ s_a: "x", b: 1 }],
      [{ s_a: 1 }, { b: "x" }],
    ],
    [
      { propertyNames: { maxLength: 2 }, minProperties: 1, maxProperties: 2 },
      [{ ab: 1 }],
      [{}, { abc: 1 }, { a: 1, b: 1, c: 1 }],
    ],
    [{ dependentRequired: { card: ["name"] } }, [{}, { card: 1, name: 2 }], [{ card: 1 }]],
    [{ allOf: [{ minimum: 1 }, { maximum: 2 }] }, [1], [0, 3]],
    [{ anyOf: [{ type: "string" }, { minimum: 2 }] }, ["a", 2], [1]],
    [{ oneOf: [{ multipleOf: 3 }, { multipleOf: 5 }] }, [3, 5], [15, 1]],
    [{ not: { type: "string" } }, [1], ["a"]],
    [
      { if: { required: ["a"] }, then: { required: ["b"] }, else: { required: ["c"] } },
      [{ a: 1, b: 1 }, { c: 1 }],
      [{ a: 1 }, {}],
    ],
    [{ $ref: "#/$defs/n~1m", $defs: { "n/m": { type: "number" } } }, [1], ["1"]],
    [
      { properties: { next: { $ref: "#" }, v: { type: "number" } }, required: ["v"] },
      [{ v: 1, next: { v: 2 } }],
      [{ v: 1, next: {} }],
    ],
    [
      { properties: JSON.parse('{"__proto__":{"type":"number"}}') as object },
      [JSON.parse('{"__proto__":1}')],
      [JSON.parse('{"__proto__":"1"}')],
    ],
    [{ format: "email", title: "t", default: 1, examples: [] }, ["no address"], []],
  ])("%j", (schema, right, wrong) => {
    for (const value of right) expect(issues(schema, value), JSON.stringify(value)).toEqual([]);
    for (const value of wrong) expect(issues(schema, value).length, JSON.stringify(value)).toBeGreaterThan(0);
  });

  test("is told where and what", () => {
    const schema = {
      type: "object",
      properties: {
        user: { type: "object", properties: { age: { type: "integer", minimum: 0 } } },
        tags: { items: { enum: ["a", "b"] } },
      },
      required: ["id"],
      additionalProperties: false,
    };
    expect(issues(schema, { user: { age: -1 }, tags: ["a", "c"], more: 1 })).toEqual([
      "id: is missing",
      "user.age: expected at least 0",
      'tags.1: expected one of ["a","b"]',
      "more: is not allowed",
    ]);
  });
});

describe("a JSON Schema that can't be checked is refused", () => {
  test.each<[unknown, string]>([
    [
      { properties: { a: { unevaluatedProperties: false } } },
      'at #/properties/a, the keyword "unevaluatedProperties" is not supported',
    ],
    [{ minLenght: 1 }, 'at #, the keyword "minLenght" is not supported'],
    [{ type: "text" }, 'at #, "text" is not a type'],
    [{ anyOf: [true, 5] }, "at #/anyOf/1, a schema is an object or a boolean"],
    [{ allOf: {} }, "at #, allOf must be a list of schemas"],
    [{ properties: [] }, "at #, properties must be an object of schemas"],
    [{ pattern: "(" }, 'at #, "(" is not a regular expression'],
    [{ patternProperties: { "[": true } }, 'at #, "[" is not a regular expression'],
    [{ minLength: -1 }, "at #, minLength must be a whole number, 0 or more"],
    [{ maximum: "1" }, "at #, maximum must be a number"],
    [{ multipleOf: 0 }, "at #, multipleOf must be above 0"],
    [{ required: "a" }, "at #, required must be a list of names"],
    [{ enum: "a" }, "at #, enum must be a list"],
    [{ $ref: "https://example.com/schema" }, 'at #, $ref "https://example.com/schema" leads to nothing in this schema'],
    [{ $ref: "#/$defs/missing" }, 'at #, $ref "#/$defs/missing" leads to nothing in this schema'],
  ])("%j", (schema, message) => {
    expect(() => jsonSchema(schema as object)).toThrow(new TypeError(`Cannot use a JSON Schema: ${message}`));
  });

  test("also if it never ends", () => {
    const endless: Record<string, unknown> = {};
    endless["not"] = endless;
    expect(() => jsonSchema(endless)).toThrow("schemas nest deeper than 100 levels");
    expect(() => issues({ $ref: "#" }, 1)).toThrow("it takes too many steps");
    const many = Array.from({ length: 20 }, () => ({ type: "array", items: { $ref: "#" } }));
    const nested = (depth: number): unknown => (depth === 0 ? "no" : [nested(depth - 1)]);
    expect(() => issues({ anyOf: [{ type: "number" }, ...many] }, nested(8))).toThrow("it takes too many steps");
  });

  test("and a change of the caller's object afterwards changes nothing", () => {
    const given = { properties: { a: { type: "number" } } };
    const schema = jsonSchema(given);
    given.properties.a.type = "string";
    expect(schema["~standard"].validate({ a: 1 })).toEqual({ value: { a: 1 } });
  });
});

test.each(["javascript", "python"] as const)(
  "%s: a tool with a JSON Schema checks and declares itself",
  async (language) => {
    const input = jsonSchema({
      type: "object",
      properties: { n: { type: "integer", description: "how many" } },
      required: ["n"],
    });
    const sandbox = await Sandbox.create({
      language,
      tools: { double: tool({ input, run: ({ n }) => Number(n) * 2 }) },
    });
    const call = (json: string): string => `await tools.double(${json})`;
    expect(await sandbox.run(call('{"n": 21}'))).toMatchObject({ status: "ok", value: 42 });
    expect(await sandbox.run(call('{"n": 1.5}'))).toMatchObject({
      status: "error",
      error: { name: "ToolArgumentError", message: "Invalid arguments: n: expected integer, received number" },
    });
    expect(sandbox.toolTypes()).toContain(language === "python" ? "n: int," : "n: number;");
    sandbox.close();
  },
);
