// The build of the JavaScript runtime: it must stop at the first thing that is not as it was.
import { componentEmbed, componentNew, parse } from "@bytecodealliance/jco";
import { generate } from "@bytecodealliance/jco/component";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { adaptEngineMemory } from "../../runtimes/javascript/adapt-engine-memory.ts";
import { buildComponent } from "../../runtimes/javascript/build-component.ts";
import type { BuiltComponent } from "../../runtimes/javascript/build-component.ts";
import { checkImportMeanings, fillEngineNames, readEngineNames } from "../../runtimes/javascript/engine-names.ts";
import { checkPackage, digest, digestTree } from "../../runtimes/javascript/package-inputs.ts";
import { spliceEngine } from "../../runtimes/javascript/splice-engine.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const root = path.resolve(import.meta.dirname, "../..");
const engineFiles = path.join(root, "node_modules/@jitl/quickjs-wasmfile-release-sync/dist");
const engine = Uint8Array.from(readFileSync(path.join(engineFiles, "emscripten-module.wasm")));
const loader = readFileSync(path.join(engineFiles, "emscripten-module.mjs"), "utf8");
const adapter = readFileSync(path.join(root, "runtimes/javascript/adapter.wat"), "utf8");

let component: BuiltComponent;
beforeAll(async () => {
  component = await buildComponent(adapter, engine, loader);
});

describe("the component", () => {
  test("is of the world in wit/javascript.wit", async () => {
    const wit = readFileSync(path.join(root, "wit/javascript.wit"), "utf8");
    const ours = await declarations(component.bytes);
    expect([...ours.keys()]).toHaveLength(9);
    expect(ours).toEqual(await declarations(await dummyOf(wit)));
    expect(ours).not.toEqual(await declarations(await dummyOf(wit.replace("seconds: u64", "seconds: u32"))));
  });

  test("holds the engine unmodified", () => {
    expect(digest(component.coreModules.get("component.core2.wasm") ?? new Uint8Array(0))).toBe(digest(engine));
  });

  test("gets an engine with a smaller stack, that leaves its memory's size to the host, by a few bytes", () => {
    const adapted = adaptEngineMemory(engine, { pages: 10, stackBytes: 2 ** 19 });
    const changed = [...engine.keys()].filter((at) => engine[at] !== adapted[at]);
    expect(adapted).toHaveLength(engine.length);
    expect(changed.map((at) => [engine[at], adapted[at]])).toEqual([
      // 256 and 10, as LEB128 of two bytes.
      [0x80, 0x8a],
      [0x02, 0x00],
      // The stack's top, 0x516060 and 0x096060: of four bytes of LEB128 in a global and, below, in a constant the last two.
      [0xc5, 0xa5],
      [0x02, 0x00],
      // memory.size and i32.const; the zero behind either stays.
      [0x3f, 0x41],
      [0xc5, 0xa5],
      [0x02, 0x00],
      // The same in the data, as it is.
      [0x51, 0x09],
    ]);
    expect(WebAssembly.Module.imports(new WebAssembly.Module(adapted))).toEqual(
      WebAssembly.Module.imports(new WebAssembly.Module(engine)),
    );
  });

  test.each(["javascript", "typescript"])("boots into an image (%s) without what was freed on the way", (name) => {
    const image = readFileSync(path.join(root, `dist/runtimes/javascript/${name}.image`), "latin1");
    // The engine keeps the text of a class for `toString`: once.
    expect(image.split("static canParse(")).toHaveLength(2);
  });

  test("has glue that needs no Node and makes no code from text", () => {
    expect(component.glue).not.toMatch(
      /^\s*import\s|\bimport\(|new Function\(|\beval\(|["']node:|WebAssembly\.promising\(/m,
    );
  });
});

/** An empty component of the world. */
async function dummyOf(witSource: string): Promise<Uint8Array> {
  return await componentNew(await componentEmbed({ witSource, world: "guest", dummy: true }), []);
}

/** What jco declares for each interface of a component, without the comments (they name versions and packages). */
async function declarations(bytes: Uint8Array): Promise<ReadonlyMap<string, string>> {
  const { files } = await generate(bytes, {
    name: "component",
    instantiation: { tag: "sync" },
    noNodejsCompat: true,
    noTypescript: false,
    map: [],
  });
  return new Map(
    [...files]
      .filter(([name]) => name.endsWith(".d.ts"))
      .map(([name, content]): [string, string] => [
        name,
        new TextDecoder()
          .decode(content)
          .replaceAll(/\/\*[^]*?\*\/|\/\/.*$/gm, "")
          .replaceAll(/\s+/g, " "),
      ])
      .sort(([left], [right]) => (left < right ? -1 : 1)),
  );
}

describe("the build stops", () => {
  test("at an engine whose memory is not used as it was", async () => {
    const size = (times: number): string => `(func ${"(drop (memory.size))".repeat(times)})`;
    const top = 5_333_088;
    const stack = `(global (mut i32) (i32.const ${top})) (func (drop (i32.const ${top}))) (data (i32.const 0) "\\60\\60\\51")`;
    const adapt = async (memory: string, code: string, rest = stack): Promise<Uint8Array> =>
      adaptEngineMemory(await parse(`(module ${memory} ${rest} ${code})`), { pages: 10, stackBytes: 2 ** 19 });
    const imported = '(import "a" "a" (memory 256 32768))';
    await expect(adapt(imported, size(1))).resolves.toBeInstanceOf(Uint8Array);
    await expect(adapt("(memory 256 32768)", size(1))).rejects.toThrow("its memory is another one");
    await expect(adapt("", "")).rejects.toThrow("its memory is another one");
    await expect(adapt('(import "a" "a" (memory 80 32768))', size(1))).rejects.toThrow("its memory is another one");
    await expect(adapt(imported, size(0))).rejects.toThrow("in 0 places");
    await expect(adapt(imported, size(2))).rejects.toThrow("in 2 places");
    const other = async (from: string, to: string): Promise<Uint8Array> =>
      await adapt(imported, size(1), stack.replace(from, to));
    await expect(other("(mut i32) (i32.const 5333088)", "(mut i32) (i32.const 5)")).rejects.toThrow("its stack");
    await expect(other("drop (i32.const 5333088)", "nop")).rejects.toThrow("in 0 places instead of one");
    await expect(other("\\60\\60", "\\61\\60")).rejects.toThrow("does not say where the heap begins");
    await expect(adapt(imported, "(func (drop (memory.grow (i32.const 1))))")).rejects.toThrow("grows its memory");
  });

  test("at an export of the engine that is not there", () => {
    expect(() => fillEngineNames("{{malloc}} {{QTS_Nope}}", readEngineNames(loader))).toThrow(
      'the engine has no export for "QTS_Nope"',
    );
    expect(() => readEngineNames(`${loader} d._malloc=b.zz;`)).toThrow('"malloc" is there twice');
    expect(() => readEngineNames("d._malloc=b.v;")).toThrow("the call of its constructors");
  });

  test("at an import that means something else", () => {
    expect(() => checkImportMeanings(loader)).not.toThrow();
    expect(() => checkImportMeanings(loader.replace("p:()=>Date.now()", "p:()=>Math.random()"))).toThrow(
      'import "p" of the engine',
    );
  });

  test("at an engine with other imports", async () => {
    await expect(buildComponent(adapter, Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0), loader)).rejects.toThrow(
      "the engine imports",
    );
  });

  test("at an adapter without one place for the engine", () => {
    expect(() => spliceEngine(Uint8Array.of(0, 97, 115, 109, 13, 0, 1, 0), engine)).toThrow(
      "0 empty core modules instead of one",
    );
    expect(() => spliceEngine(Uint8Array.of(0, 97, 115, 109, 13, 0, 1, 0, 1, 0x80), engine)).toThrow("cut short");
  });

  test("at a package of another version or content", () => {
    const directory = temporaryDirectory();
    const home = path.join(directory, "node_modules/some/dist");
    mkdirSync(home, { recursive: true });
    writeFileSync(path.join(directory, "node_modules/some/package.json"), '{"version":"1.0.0"}');
    writeFileSync(path.join(home, "a"), "content");
    const pinned = {
      name: "some",
      version: "1.0.0",
      licence: "MIT",
      files: { "dist/a": digest("content"), "dist/": digestTree(home) },
    };
    expect(checkPackage(directory, pinned).version).toBe("1.0.0");
    expect(() => checkPackage(directory, { ...pinned, version: "1.0.1" })).toThrow("version 1.0.0 instead of 1.0.1");
    expect(() => checkPackage(directory, { ...pinned, files: { "dist/a": digest("other") } })).toThrow(
      "dist/a has SHA-256",
    );
    writeFileSync(path.join(home, "b"), "new");
    expect(() => checkPackage(directory, pinned)).toThrow("dist/ has SHA-256");
    expect(() => checkPackage(directory, { ...pinned, files: { "dist/c": "" } })).toThrow("ENOENT");
  });

  test("the pinned packages are the installed ones", () => {
    const manifest = JSON.parse(readFileSync(path.join(root, "runtimes/javascript/manifest.json"), "utf8")) as Record<
      string,
      Parameters<typeof checkPackage>[1]
    >;
    for (const pinned of Object.values(manifest)) expect(checkPackage(root, pinned).version).toBe(pinned.version);
  });
});
