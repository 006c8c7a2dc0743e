import { toStandardJsonSchema } from "@valibot/to-json-schema";
import { type } from "arktype";
import * as v from "valibot";
import { afterAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { Sandbox, tool } from "../../../src/index.ts";
import type { Tool } from "../../../src/index.ts";
import { toolTypes } from "../../../src/capabilities/tools/declarations/tool-types.ts";
import { checkTypeScript } from "../../support/check-typescript.ts";
import { PythonSandbox } from "../../support/python-sandbox.ts";

const run = (): unknown => null;
const declare = (language: "typescript" | "python", tools: Record<string, Tool>): string =>
  toolTypes(new Map(Object.entries(tools)), language);
/** Declarations of one tool whose arguments have the property `x` of the given schema. */
const ofX = (language: "typescript" | "python", schema: unknown, rest: object = {}): string =>
  declare(language, {
    t: tool({ run, inputJsonSchema: { type: "object", properties: { x: schema }, required: ["x"], ...rest } }),
  });

const python = PythonSandbox.create({ limits: { timeoutMs: 60_000 } });
afterAll(async () => (await python).close());

/** Parsed, run and every annotation evaluated by CPython itself; the annotations of `t`. */
async function checkPython(source: string): Promise<unknown> {
  return await (
    await python
  ).value(`
import ast, sys, types, typing
source = ${JSON.stringify(source)}
ast.parse(source)
sys.modules["declared"] = types.ModuleType("declared")
scope = vars(sys.modules["declared"])
exec(source, scope)
seen = {}
for name, value in list(scope.items()):
    if isinstance(value, typing.TypeAliasType):
        value.__value__
    elif isinstance(value, type):
        typing.get_type_hints(value, scope)
        for method in vars(value).values():
            if isinstance(method, types.FunctionType) and not method.__name__.startswith("__"):
                seen[method.__name__] = list(typing.get_type_hints(method, scope))
seen`);
}

const everything = {
  lookup: tool({
    description: "Looks a customer up",
    input: z.object({
      id: z.int().describe("number of the customer"),
      fields: z.array(z.enum(["name", "mail"])).optional(),
      "since-day": z.string().nullable(),
      point: z.tuple([z.number(), z.number()]).optional(),
      flags: z.record(z.string(), z.boolean()).optional(),
    }),
    output: z.union([z.object({ name: z.string(), tags: z.array(z.string()) }), z.null()]),
    run: () => null,
  }),
  tree: tool({
    inputJsonSchema: {
      type: "object",
      properties: { root: { $ref: "#/$defs/tree node" } },
      required: ["root"],
      $defs: {
        "tree node": {
          type: "object",
          properties: { value: {}, next: { $ref: "#/$defs/tree node" }, "left-child": { $ref: "#/$defs/tree node" } },
          required: ["value"],
        },
      },
    },
    outputJsonSchema: {
      $ref: "#/$defs/n",
      $defs: { n: { anyOf: [{ type: "number" }, { type: "array", items: { $ref: "#/$defs/n" } }] } },
    },
    run,
  }),
  nothing: tool({ description: "Takes what it gets", run }),
  class: tool({ input: z.object({ self: z.string(), __private: z.number(), from: z.string() }), run }),
  new: tool({ input: z.object({}), run }),
};

describe("TypeScript declarations", () => {
  test("say what each tool takes and gives", () => {
    expect(declare("typescript", { lookup: everything.lookup, nothing: everything.nothing }))
      .toBe(`/** Why a tool call failed. */
declare class ToolError extends Error {
  readonly code: "failed" | "denied" | "limit" | "unknown" | "invalid-arguments" | "invalid-result";
}

declare const tools: {
  /** Looks a customer up */
  lookup(input: {
    /** number of the customer */
    id: number;
    fields?: ("name" | "mail")[];
    "since-day": string | null;
    point?: [number, number];
    flags?: Record<string, boolean>;
  }): Promise<{ name: string; tags: string[] } | null>;
  /** Takes what it gets */
  nothing(input?: Record<string, unknown>): Promise<unknown>;
};
`);
  });

  test("are checked by the compiler, and hold for calls", () => {
    const use = `
export async function main(): Promise<void> {
  const found = await tools.lookup({ id: 1, "since-day": null, fields: ["mail"], point: [1, 2] });
  const name: string | undefined = found?.name;
  await tools.tree({ root: { value: 1, next: { value: name, "left-child": { value: 2 } } } });
  await tools.nothing(); await tools.nothing({ any: 1 });
  await tools.class({ self: "", __private: 1, from: "" });
  await tools.new();
  // @ts-expect-error -- the id is missing
  await tools.lookup({ "since-day": null });
  // @ts-expect-error -- no such field
  await tools.lookup({ id: 1, "since-day": "x", fields: ["phone"] });
}`;
    expect(checkTypeScript(declare("typescript", everything) + use)).toBe("");
  });
});

describe("Python declarations", () => {
  test("say what each tool takes and gives", () => {
    expect(declare("python", { lookup: everything.lookup, nothing: everything.nothing }))
      .toBe(`from typing import Any, Literal, Never, NotRequired, TypedDict


LookupInput = TypedDict("LookupInput", {
    # number of the customer
    "id": "int",
    "fields": "NotRequired[list[Literal[\\"name\\", \\"mail\\"]]]",
    "since-day": "str | None",
    "point": "NotRequired[tuple[float, float]]",
    "flags": "NotRequired[dict[str, bool]]",
})


class LookupResult(TypedDict):
    name: str
    tags: list[str]


class Tools:
    """A failed call raises wardian.ToolError, whose \`code\` tells why."""

    async def lookup(self, arguments: LookupInput, /) -> LookupResult | None:
        """Looks a customer up"""

    async def nothing(self, **arguments: Any) -> Any:
        """Takes what it gets"""


tools: Tools
`);
  });

  test("are taken by CPython, annotations included", async () => {
    expect(await checkPython(declare("python", everything))).toEqual({
      lookup: ["arguments", "return"],
      tree: ["root", "return"],
      nothing: ["arguments", "return"],
      class_: ["arguments", "return"],
      new: ["return"],
    });
  });

  test("use keyword arguments where they can", () => {
    expect(ofX("python", { type: "integer", description: "how many" }, { required: [] }))
      .toContain(`    async def t(self,
        *,
        # how many
        x: int = ...,
    ) -> Any:`);
  });
});

describe("a schema of", () => {
  test.each<[unknown, string, string]>([
    [true, "unknown", "Any"],
    [false, "never", "Never"],
    [{ type: ["string", "null"] }, "string | null", "str | None"],
    [{ type: "string", nullable: true }, "string | null", "str | None"],
    [{ const: "a'\"\\" }, String.raw`"a'\"\\"`, String.raw`Literal["a'\"\\"]`],
    [{ const: null }, "null", "None"],
    [{ enum: [1, 1.5, true, "x", 1] }, '1 | 1.5 | true | "x"', 'Literal[1, True, "x"] | float'],
    [{ anyOf: [{ type: "number" }, {}] }, "unknown", "Any"],
    [{ allOf: [{ type: "string" }, { minLength: 2 }] }, "string", "str"],
    [{ type: "array" }, "unknown[]", "list[Any]"],
    [{ type: "array", items: { type: ["string", "number"] } }, "(string | number)[]", "list[str | float]"],
    [{ prefixItems: [{ type: "string" }], items: { type: "number" } }, "[string, ...number[]]", "list[str | float]"],
    [{ type: "array", items: [{ type: "string" }], additionalItems: false }, "[string]", "tuple[str]"],
    [{ type: "object", additionalProperties: { type: "integer" } }, "Record<string, number>", "dict[str, int]"],
    [{ type: "object" }, "Record<string, unknown>", "dict[str, Any]"],
    [{ $ref: "https://example.com/elsewhere.json" }, "unknown", "Any"],
    [{ $ref: "#/$defs/missing" }, "unknown", "Any"],
    [{ type: "strange" }, "unknown", "Any"],
    [{ type: "string", format: "date" }, "string", "str"],
    ["not a schema", "unknown", "Any"],
  ])("%j", (schema, typescript, py) => {
    expect(ofX("typescript", schema)).toContain(`t(input: { x: ${typescript} }): Promise<unknown>`);
    expect(ofX("python", schema)).toContain(`async def t(self, *, x: ${py}) -> Any:`);
  });

  test("objects that must be several at once is merged in both", async () => {
    const schema = {
      allOf: [
        { type: "object", properties: { a: { type: "string" } }, required: ["a"] },
        { $ref: "#/$defs/b" },
        { type: "object", properties: { a: { minLength: 1 }, c: { type: "null" } } },
      ],
    };
    const rest = { $defs: { b: { type: "object", properties: { b: { type: "integer" } } } } };
    const typescript = ofX("typescript", schema, rest);
    expect(typescript).toContain("x: { a: string; c?: null } & TInputB");
    expect(checkTypeScript(typescript)).toBe("");
    const py = ofX("python", schema, rest);
    expect(py).toContain("class TInputX(TypedDict):\n    a: str\n    c: NotRequired[None]\n    b: NotRequired[int]");
    await checkPython(py);
  });

  test("properties beside others keeps both", () => {
    const text = ofX("typescript", {
      type: "object",
      properties: { a: { type: "string" } },
      additionalProperties: { type: "number" },
    });
    expect(text).toContain("x: { a?: string } & Record<string, number>");
    expect(checkTypeScript(text)).toBe("");
  });

  test("itself, endlessly, ends", () => {
    const endless: Record<string, unknown> = { type: "object" };
    endless["properties"] = { x: endless };
    expect(ofX("typescript", endless).length).toBeLessThan(20_000);
    expect(ofX("python", endless).length).toBeLessThan(20_000);
    expect(
      ofX("typescript", {
        get type() {
          throw new Error("no");
        },
      }),
    ).toContain("Promise<unknown>");
  });
});

describe("each library's schemas", () => {
  const expected = "t(input: { a: string; b?: number }): Promise<";
  const fields = v.object({ a: v.string(), b: v.optional(v.number()) });
  test.each<[string, Tool]>([
    ["zod", tool({ input: z.object({ a: z.string(), b: z.number().optional() }), run })],
    ["arktype", tool({ input: type({ a: "string", "b?": "number" }), run })],
    ["valibot, by its converter", tool({ input: toStandardJsonSchema(fields), run })],
  ])("%s", (_name, t) => {
    expect(declare("typescript", { t })).toContain(expected);
  });

  test("without a converter nothing is known but that there is a schema", () => {
    expect(declare("typescript", { t: tool({ input: fields, run }) })).toContain("t(input?: Record<string, unknown>)");
  });

  test("what a guest writes and reads differ where a schema changes it", () => {
    const changing = z.object({ n: z.number().default(1) });
    expect(declare("typescript", { t: tool({ input: changing, output: changing, run: () => ({}) }) })).toContain(
      "t(input?: { n?: number }): Promise<{ n: number }>",
    );
  });

  test("what JSON Schema has no word for is unknown", () => {
    expect(declare("typescript", { t: tool({ input: z.object({ d: z.date() }) as never, run }) })).toContain(
      "t(input?: Record<string, unknown>)",
    );
  });
});

describe("hostile descriptions and names", () => {
  const attack = `*/ declare const stolen: 1; /* """\n    import os # \\""" \u2028tools = 1\r\u202e\u0000\ud800 ${"x".repeat(5_000)}`;
  const tools = {
    t: tool({
      description: attack,
      run,
      inputJsonSchema: {
        type: "object",
        properties: {
          [attack]: { const: attack, description: attack },
          ok: { type: "object", properties: { [`"]}) ${attack}`]: { description: attack } } },
        },
      },
      outputJsonSchema: {
        $ref: `#/$defs/${attack.replaceAll("/", "~1")}`,
        $defs: {
          [attack]: { type: "object", properties: { __proto__: { type: "string" }, constructor: { type: "string" } } },
        },
      },
    }),
  };

  test("break out of nothing in TypeScript", () => {
    const text = declare("typescript", tools);
    expect(checkTypeScript(text)).toBe("");
    expect(checkTypeScript(`${text}\nstolen;`)).toContain("Cannot find name 'stolen'");
    // oxlint-disable-next-line no-control-regex -- what must not be there
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u2028\u202e\ud800]/);
  });

  test("break out of nothing in Python", async () => {
    const text = declare("python", tools);
    await checkPython(text);
    expect(
      await (await python).value(`import ast\n[type(n).__name__ for n in ast.parse(${JSON.stringify(text)}).body]`),
    ).toEqual(["ImportFrom", "Assign", "Assign", "ClassDef", "ClassDef", "AnnAssign"]);
  });
});

describe("sandbox.toolTypes", () => {
  test("declares in the sandbox's own language, or the one asked for", async () => {
    const sandbox = await Sandbox.create({ language: "javascript", tools: { t: tool({ run }) } });
    expect(sandbox.toolTypes()).toBe(sandbox.toolTypes("typescript"));
    expect(sandbox.toolTypes("python")).toContain("async def t(self");
    expect(() => sandbox.toolTypes("ruby" as never)).toThrow(
      'language is "ruby", and must be "typescript" or "python"',
    );
    sandbox.close();
  });
});
