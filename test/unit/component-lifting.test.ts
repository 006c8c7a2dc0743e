import { componentEmbed, componentNew } from "@bytecodealliance/jco";
import { expect, test } from "vitest";
import { boundLifting } from "../../src/guests/component/lifting.ts";
import { component, Sandbox, tool } from "../../src/index.ts";
import { wat } from "../support/wat.ts";

const TYPES = [
  "string",
  "list<u8>",
  "list<s8>",
  "list<u16>",
  "list<s32>",
  "list<u64>",
  "list<f32>",
  "list<f64>",
  "list<bool>",
  "list<char>",
  "list<string>",
  "list<list<u8>>",
  "list<list<list<string>>>",
  "list<tuple<string, u8>>",
  "option<list<u16>>",
  "result<list<string>, string>",
  "tree",
  "list<shape>",
];

const WIT = `package test:types;
interface many {
  record tree { name: string, leaves: list<string> }
  variant shape { dot, line(string), plane(list<tuple<f64, f64>>) }
  ${TYPES.map((type, index) => `f${index}: func(a: ${type}, b: ${type}) -> ${type};`).join("\n  ")}
}
world both { import many; export many; }`;

test.each(["utf8", "utf16"] as const)(
  "glue for every type of list and string is bounded: %s",
  async (stringEncoding) => {
    const embedded = await componentEmbed({ witSource: WIT, world: "both", dummy: true, stringEncoding });
    const bytes = Uint8Array.from(await componentNew(embedded, []));
    const tools = Object.fromEntries(TYPES.map((_, index) => [`test:types/many#f${index}`, tool({ run: () => 1 })]));
    const sandbox = await Sandbox.create({ guest: component(bytes), tools });
    sandbox.close();
  },
);

test("glue that lifts in another way is refused", () => {
  const head =
    "function instantiate(getCoreModule, imports, instantiateCore = (module, importObject) => new WebAssembly.Instance(module, importObject)) {";
  expect(boundLifting(`${head} }`)).toBe("function instantiate(getCoreModule, imports, instantiateCore, lifting) { }");
  for (const line of [
    "new Uint8Array(memory0.buffer, ptr0, len0);",
    "memory0.buffer.slice(ptr0, ptr0 + len1);",
    "for (let j = 0; j < n && i < len0; j++) {",
  ])
    expect(() => boundLifting(`${head} ${line} }`)).toThrow(expect.objectContaining({ code: "internal" }));
  expect(() => boundLifting("function instantiate() {}")).toThrow("begins otherwise");
});

test("a value of the component's that is many times its memory is refused before it is made", async () => {
  // A list of 4,000 strings, each the same 100,000 characters: 400 MB out of three pages.
  const core = `(module
    (memory (export "memory") 3)
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable)
    (func (export "huge") (result i32) (local i32)
      (memory.fill (i32.const 65536) (i32.const 97) (i32.const 131072))
      (loop $more
        (i32.store (i32.add (i32.const 64) (i32.mul (local.get 0) (i32.const 8))) (i32.const 65536))
        (i32.store (i32.add (i32.const 68) (i32.mul (local.get 0) (i32.const 8))) (i32.const 100000))
        (local.set 0 (i32.add (local.get 0) (i32.const 1)))
        (br_if $more (i32.lt_u (local.get 0) (i32.const 4000))))
      (i32.store (i32.const 0) (i32.const 64)) (i32.store (i32.const 4) (i32.const 4000)) (i32.const 0)))`;
  const witSource = "package test:huge;\nworld huge { export huge: func() -> list<string>; }";
  const embedded = await componentEmbed({ binary: await wat(core), witSource, world: "huge" });
  const bytes = Uint8Array.from(await componentNew(embedded, []));
  const sandbox = await Sandbox.create({ guest: component(bytes) });
  expect(await sandbox.call("huge")).toMatchObject({
    status: "error",
    error: { name: "Trap", message: "a call passed more than 67108864 bytes" },
    sandbox: "reset",
  });
  sandbox.close();
});
