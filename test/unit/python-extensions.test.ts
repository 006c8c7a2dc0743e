// Extension modules: linked to the interpreter, under its limits, part of its state.
import { beforeAll, describe, expect, test } from "vitest";
import { EXHAUSTED_IMPORT, meter, verifyMetering } from "../../src/engine/index.ts";
import { loadImage, prepare, Sandbox } from "../../src/index.ts";
import type { SandboxOptions } from "../../src/index.ts";
import { canSuspend } from "../../src/engine/instance/suspending-check.ts";
import { fernlib, nativeWheel, SUFFIX } from "../support/extension/build-extension.ts";
import { wat } from "../support/wat.ts";

let packages: readonly Uint8Array[] = [];
const module = `fernlib${SUFFIX}`;

beforeAll(async () => {
  packages = [nativeWheel({ [module]: await fernlib() })];
});

async function open(options: Partial<SandboxOptions> = {}): Promise<Sandbox> {
  return await Sandbox.create({
    language: "python",
    packages,
    ...options,
    // A busy machine must not end a run that is not about time.
    limits: { timeoutMs: 60_000, ...options.limits },
  });
}

async function valueOf(sandbox: Sandbox, source: string): Promise<unknown> {
  const result = await sandbox.run(source);
  if (result.status !== "ok") throw new Error(JSON.stringify(result));
  return result.value;
}

test("an extension module is imported and called", async () => {
  const sandbox = await open();
  expect(
    await valueOf(sandbox, "import fernlib; [fernlib.count(), fernlib.count(), fernlib.none(), fernlib.spin(10)]"),
  ).toEqual([
    // 7 was written by its constructor.
    108,
    209,
    null,
    55,
  ]);
  // A weak function that it defines itself, its own and the interpreter's functions by address: (30 + 1) + 5 * 2.
  expect(await valueOf(sandbox, "fernlib.forms()")).toBe(41);
  expect(await valueOf(sandbox, "fernlib.__file__")).toBe(`/lib/python3.14/site-packages/${module}`);
  expect(await valueOf(sandbox, "fernlib.spin.__name__")).toBe("spin");
  sandbox.close();
});

describe("in an extension module", () => {
  test("fuel is charged by what it does, the same every time, and ends it", async () => {
    const sandbox = await open();
    const fuel = async (of: Sandbox, turns: number): Promise<number> =>
      (await of.run(`fernlib.spin(${turns})`)).usage.fuel;
    const fixed = { clock: "fixed", random: { seed: 1 } } as const;
    const seen = await Promise.all(
      [await open(fixed), await open(fixed)].map(async (twin) => {
        await twin.run("import fernlib");
        const figures = [await fuel(twin, 1), await fuel(twin, 100_000), await fuel(twin, 300_000)];
        twin.close();
        return figures;
      }),
    );
    expect(seen[0]).toEqual(seen[1]);
    const [, few = 0, many = 0] = seen[0] ?? [];
    // A turn is six instructions that cost a unit each, or nothing.
    expect((many - few) / 200_000).toBeGreaterThanOrEqual(3);
    expect((many - few) / 200_000).toBeLessThanOrEqual(8);
    await sandbox.run("import fernlib");
    expect(await sandbox.run("fernlib.spin(-1)", { limits: { fuel: 50e6 } })).toMatchObject({
      status: "limit",
      limit: "fuel",
    });
    // Back at the start: the module is linked anew.
    expect(await valueOf(sandbox, "import fernlib; fernlib.count()")).toBe(108);
    sandbox.close();
  });

  test("the deadline, the memory limit and the depth of calls hold", async () => {
    const sandbox = await open({ limits: { memoryBytes: 128 * 2 ** 20 } });
    expect(await sandbox.run("import fernlib; fernlib.spin(-1)", { limits: { timeoutMs: 200 } })).toMatchObject({
      status: "limit",
      limit: "time",
    });
    expect(await valueOf(sandbox, "import fernlib; fernlib.eat(8) < 16")).toBe(true);
    expect(await sandbox.run("def f(): return fernlib.deep(f)\nf()")).toMatchObject({
      status: "error",
      error: { name: "RecursionError" },
    });
    sandbox.close();
  });

  test("depth is one for all modules: recursion within it ends as the interpreter's does", async () => {
    const deep = await wat(SELF_RECURSIVE);
    const sandbox = await open({ packages: [nativeWheel({ [`deepest${SUFFIX}`]: deep }, "deepest")] });
    expect(await sandbox.run("import deepest")).toMatchObject({ status: "limit", limit: "stack", allowed: 900_000 });
    sandbox.close();
  });

  test("the metered code is proved", async () => {
    const metered = meter(await fernlib(), {
      fuelImport: { module: "wardian", name: "fuel" },
      stackImport: { module: "wardian", name: "stack" },
      stackLimit: 900_000,
    });
    expect(verifyMetering(metered.bytes, { import: EXHAUSTED_IMPORT, fuelExport: metered.fuelExport })).toMatchObject({
      ok: true,
    });
  });
});

describe("with an extension module linked", () => {
  test("reset goes back, again and again, to the same places", async () => {
    const sandbox = await open();
    const seen: unknown[] = [];
    for (let round = 0; round < 4; round++) {
      const { usage } = await sandbox.run("import fernlib");
      const run = await sandbox.run("[fernlib.count(), fernlib.forms()]");
      seen.push([usage.fuel, run.status === "ok" ? run.value : run.status]);
      await sandbox.reset();
    }
    // The first run finds the table of entries empty.
    expect(new Set(seen.slice(1).map((item) => JSON.stringify(item))).size).toBe(1);
    expect(seen[0]).toMatchObject([expect.any(Number), [108, 41]]);
    sandbox.close();
  });

  test("a fork goes on by itself", async () => {
    const sandbox = await open();
    await sandbox.run("import fernlib; fernlib.count(); f = fernlib.count");
    const fork = await sandbox.fork();
    expect(await valueOf(fork, "[fernlib.count(), f(), fernlib.forms()]")).toEqual([209, 310, 41]);
    expect(await valueOf(sandbox, "fernlib.count()")).toBe(209);
    await fork.reset();
    expect(await valueOf(fork, "import fernlib; fernlib.count()")).toBe(108);
    sandbox.close();
    fork.close();
  });

  test("a snapshot is restored with the same packages, and with no others", async () => {
    const sandbox = await open();
    await sandbox.run("import fernlib; fernlib.count(); keep = bytearray(10_000_000)");
    for (const whole of [false, true]) {
      const snapshot = await sandbox.snapshot({ whole });
      const restored = await Sandbox.restore(snapshot, { language: "python", packages, limits: { timeoutMs: 60_000 } });
      expect(await valueOf(restored, "[fernlib.count(), fernlib.spin(4), fernlib.forms(), len(keep)]")).toEqual([
        209, 10, 41, 10_000_000,
      ]);
      const second = await Sandbox.restore(await restored.snapshot(), {
        language: "python",
        packages,
        limits: { timeoutMs: 60_000 },
      });
      expect(await valueOf(second, "fernlib.count()")).toBe(310);
      restored.close();
      second.close();
      const without = { language: "python", limits: { timeoutMs: 60_000 } } as const;
      await expect(Sandbox.restore(snapshot, without)).rejects.toMatchObject({ code: "foreign-snapshot" });
      await expect(Sandbox.restore(snapshot, { ...without, acceptPolicyChange: true })).rejects.toMatchObject({
        code: "invalid-snapshot",
      });
      const others = [nativeWheel({ [`other${SUFFIX}`]: await fernlib() }, "other")];
      await expect(
        Sandbox.restore(snapshot, { ...without, packages: others, acceptPolicyChange: true }),
      ).rejects.toMatchObject({ code: "invalid-snapshot" });
    }
    sandbox.close();
  });

  test("an instance that has grown too far is replaced", async () => {
    const sandbox = await open({ limits: { memoryBytes: 256 * 2 ** 20 } });
    expect(await valueOf(sandbox, "import fernlib; x = bytearray(150_000_000); fernlib.count()")).toBe(108);
    await sandbox.reset();
    expect(await valueOf(sandbox, "import fernlib; fernlib.count()")).toBe(108);
    sandbox.close();
  });

  test("workers, processes and yielding guests have it", async () => {
    for (const execution of ["worker", "process", ...(canSuspend() ? (["yielding"] as const) : [])] as const) {
      const sandbox = await open({ execution });
      expect(await valueOf(sandbox, "import fernlib; [fernlib.count(), fernlib.spin(3_000_000) != 0]")).toEqual([
        108,
        true,
      ]);
      expect(await sandbox.run("fernlib.spin(-1)", { limits: { timeoutMs: 300 } })).toMatchObject({ limit: "time" });
      sandbox.close();
    }
  });
});

describe("an image of prepare", () => {
  const setup = "import fernlib; fernlib.count(); f = fernlib.count";

  test("holds packages and what is linked, as an object and as bytes", async () => {
    const image = await prepare("python", { packages, setup, limits: { timeoutMs: 60_000 } });
    for (const start of [
      image,
      await loadImage(await image.bytes()),
      await loadImage(await image.bytes({ whole: true })),
    ]) {
      const sandbox = await Sandbox.create({ image: start, limits: { timeoutMs: 60_000 } });
      expect(await valueOf(sandbox, "[f(), fernlib.forms()]")).toEqual([209, 41]);
      expect(await sandbox.run("f(); fernlib.spin(-1)", { limits: { fuel: 50e6 } })).toMatchObject({ limit: "fuel" });
      expect(await valueOf(sandbox, "[f(), fernlib.spin(4)]")).toEqual([209, 10]);
      const fork = await sandbox.fork();
      expect(await valueOf(fork, "f()")).toBe(310);
      fork.close();
      await sandbox.reset();
      expect(await valueOf(sandbox, "f()")).toBe(209);
      sandbox.close();
    }
  });

  test("goes to a worker, and brings its packages alone", async () => {
    const image = await prepare("python", { packages, setup, limits: { timeoutMs: 60_000 } });
    const sandbox = await Sandbox.create({ image, execution: "worker", limits: { timeoutMs: 60_000 } });
    expect(await valueOf(sandbox, "[f(), fernlib.forms()]")).toEqual([209, 41]);
    sandbox.close();
    await expect(Sandbox.create({ image, packages })).rejects.toThrow(
      'Cannot create a sandbox: its image brings packages along; leave out "packages"',
    );
  });
});

test("libraries of a wheel are found and linked first", async () => {
  const library = await wat(`(module
    (@dylink.0 (mem-info (memory 4 2)))
    (import "env" "memory" (memory 1))
    (import "env" "__memory_base" (global i32))
    (global (export "moss_number") i32 (i32.const 0))
    (data (global.get 0) "\\2a\\00\\00\\00")
    (func (export "moss_double") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2))))`);
  const user = await wat(`(module
    (@dylink.0 (mem-info) (needed "libmoss.so"))
    (import "env" "memory" (memory 1))
    (import "env" "moss_double" (func $double (param i32) (result i32)))
    (import "env" "PyLong_FromLong" (func $long (param i32) (result i32)))
    (import "GOT.mem" "moss_number" (global $number (mut i32)))
    (import "GOT.func" "moss_double" (global $address (mut i32)))
    (func (export "PyInit_user") (result i32)
      (call $long (i32.add (call $double (i32.load (global.get $number))) (i32.ne (global.get $address) (i32.const 0))))))`);
  const sandbox = await open({
    packages: [nativeWheel({ [`user/user${SUFFIX}`]: user, "user.libs/libmoss.so": library }, "user")],
  });
  // What PyInit returns is no module: the number tells that all was there.
  expect(await sandbox.run("import user.user")).toMatchObject({ status: "error", error: { name: "SystemError" } });
  expect(
    await valueOf(sandbox, "import sys, _imp\ntry:\n  import user.user\nexcept SystemError as e: text = str(e)\ntext"),
  ).toContain("user");
  sandbox.close();
  await expect(open({ packages: [nativeWheel({ [`user${SUFFIX}`]: user }, "user")] })).rejects.toThrow(
    'Cannot load the extension module "user.cpython-314-wasm32-emscripten.so": it needs the library "libmoss.so", which no package has',
  );
});

test("a start function runs when a module is linked, and not when it is linked again", async () => {
  const starter = await wat(`(module
    (@dylink.0 (mem-info))
    (import "env" "PyLong_FromLong" (func $long (param i32) (result i32)))
    (import "env" "PySys_SetObject" (func $set (param i32 i32) (result i32)))
    (import "env" "memory" (memory 1))
    (import "env" "__stack_pointer" (global $sp (mut i32)))
    (global $n (mut i32) (i32.const 0))
    (func $start (global.set $n (i32.add (global.get $n) (i32.const 41))))
    (start $start)
    (func (export "PyInit_starter") (result i32)
      ;; sys.x = n + 1
      (global.set $n (i32.add (global.get $n) (i32.const 1)))
      (i32.store (i32.sub (global.get $sp) (i32.const 16)) (i32.const 0x78))
      (drop (call $set (i32.sub (global.get $sp) (i32.const 16)) (call $long (global.get $n))))
      (i32.const 0)))`);
  const options = { packages: [nativeWheel({ [`starter${SUFFIX}`]: starter }, "starter")] };
  const sandbox = await open(options);
  const source = "import sys\ntry:\n  import starter\nexcept (SystemError, ImportError): pass\nsys.x";
  expect(await valueOf(sandbox, source)).toBe(42);
  const fork = await sandbox.fork();
  expect(await valueOf(fork, source)).toBe(43);
  fork.close();
  sandbox.close();
});

describe("an extension module is refused", () => {
  const side = (parts: string, info = "(mem-info)"): string => `(module (@dylink.0 ${info}) ${parts})`;

  async function refusal(text: string): Promise<string> {
    try {
      (await open({ packages: [nativeWheel({ "m.so": await wat(text) }, "m")] })).close();
    } catch (error) {
      if (!(error instanceof Error && "code" in error)) throw error;
      return `${String(error.code)}: ${error.message.replace('Cannot load the extension module "m.so": ', "")}`;
    }
    return "loaded";
  }

  test.each([
    ["nothing wrong", side(""), "loaded"],
    [
      "no section",
      "(module)",
      'invalid-package: it is no side module: it has no section "dylink.0"; link it with -sSIDE_MODULE or -shared',
    ],
    [
      "EM_JS",
      side('(global (export "__em_js__run") i32 (i32.const 0))'),
      'unsealed-module: it carries JavaScript ("__em_js__run"); no sandbox runs that',
    ],
    [
      "EM_ASM",
      side('(global (export "__start_em_asm") i32 (i32.const 0))'),
      'unsealed-module: it carries JavaScript ("__start_em_asm"); no sandbox runs that',
    ],
    ["a memory", side("(memory 1)"), "unsealed-module: it has a memory of its own, which no side module has"],
    ["a table", side("(table 1 funcref)"), "unsealed-module: it has a table of its own, which no side module has"],
    [
      "an i64 variable",
      side("(global (mut i64) (i64.const 0))"),
      "unsealed-module: it has a variable of the type i64, which no side module has",
    ],
    [
      "growing memory",
      side('(import "env" "memory" (memory 1)) (func (drop (memory.grow (i32.const 1))))'),
      "unsealed-module: it uses memory.grow, which is the interpreter's own",
    ],
    [
      "the table written",
      side(
        '(import "env" "__indirect_function_table" (table 1 funcref)) (func (table.set (i32.const 0) (ref.null func)))',
      ),
      "unsealed-module: it uses table.set, which is the interpreter's own",
    ],
    [
      "another table",
      side('(import "env" "__indirect_function_table" (table 1 externref))'),
      "invalid-package: its memory or table is of another kind than the interpreter's",
    ],
    [
      "too much",
      side("", "(mem-info (memory 0xffffffff 2))"),
      "invalid-package: it asks for more memory, alignment or table entries than any module may",
    ],
    [
      "a wrong tag",
      side('(import "env" "__cpp_exception" (tag (param i64)))'),
      'unsealed-module: it is not sealed: it imports "__cpp_exception" (tag), which the interpreter does not provide',
    ],
    [
      "unknown imports",
      side(
        '(import "env" "emscripten_run_script" (func (param i32))) (import "env" "PyLong_AsLong" (func (param i64))) (import "GOT.mem" "nowhere" (global (mut i32))) (import "GOT.func" "neither" (global (mut i32))) (import "env" "emscripten_asm_const_int" (func))',
      ),
      'unsealed-module: it is not sealed: it imports "emscripten_run_script", "PyLong_AsLong" (of type (i64) -> () where it is (i32) -> (i32)), "emscripten_asm_const_int", "neither", "nowhere" (data), which the interpreter does not provide',
    ],
    [
      "other modules",
      side('(import "js" "eval" (func)) (import "env" "g" (global i32)) (import "env" "memory" (global i32))'),
      'unsealed-module: it is not sealed: it imports "js" "eval" (function), "env" "g" (global), "env" "memory" (global), which the interpreter does not provide',
    ],
    [
      "the meter's names",
      side('(import "wardian" "fuel" (global (mut i32)))'),
      'unsealed-module: it is not sealed: it imports "wardian" "fuel" (global), which the interpreter does not provide',
    ],
  ])("for %s", async (_name, text, expected) => {
    expect(await refusal(text)).toBe(expected);
  });

  test("if the guest wrote it", async () => {
    const sandbox = await open();
    const source = `
import sys, shutil
shutil.copy("/lib/python3.14/site-packages/${module}", "/tmp/fernlib2.so")
shutil.copy("/lib/python3.14/site-packages/${module}", "/tmp/fernlib.so")
sys.path.insert(0, "/tmp")
try:
    import fernlib
except ImportError as error:
    text = str(error)
text`;
    const result = await sandbox.run(source);
    expect(result).toMatchObject({
      status: "ok",
      value: "only extension modules of the packages of this sandbox can be loaded",
      denials: [{ what: "import", where: "dynamic library" }],
    });
    sandbox.close();
  });

  test("when its segments lie outside: the run ends, the sandbox goes on", async () => {
    const wild = await wat(
      side('(import "env" "memory" (memory 1)) (data (i32.const -4) "\\01\\02\\03\\04\\05\\06\\07\\08")'),
    );
    const sandbox = await open({ packages: [nativeWheel({ [`wild${SUFFIX}`]: wild }, "wild")] });
    expect(await sandbox.run("import wild")).toMatchObject({ status: "error" });
    expect(await valueOf(sandbox, "6 * 7")).toBe(42);
    sandbox.close();
  });
});

const SELF_RECURSIVE = `(module
  (@dylink.0 (mem-info))
  (import "env" "PyErr_Clear" (func $clear))
  (func $down (param i32) (result i32)
    (call $clear)
    (i32.add (call $down (i32.add (local.get 0) (i32.const 1))) (local.get 0)))
  (func (export "PyInit_deepest") (result i32) (call $down (i32.const 0))))`;
