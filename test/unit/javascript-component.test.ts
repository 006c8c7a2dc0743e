// The build of the JavaScript runtime: it must stop at the first thing that is not as it was.
import { componentEmbed, componentNew, parse } from "@bytecodealliance/jco";
import { generate } from "@bytecodealliance/jco/component";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { buildComponent } from "../../runtimes/javascript/build-component.ts";
import type { BuiltComponent } from "../../runtimes/javascript/build-component.ts";
import { checkImportMeanings, fillEngineNames, readEngineNames } from "../../runtimes/javascript/engine-names.ts";
import { lowerMemoryFloor } from "../../runtimes/javascript/lower-memory-floor.ts";
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

  test("runs in less memory after a change of one number", () => {
    const lowered = lowerMemoryFloor(engine, 82);
    const changed = [...engine.keys()].filter((at) => engine[at] !== lowered[at]);
    expect(lowered).toHaveLength(engine.length);
    // 256 and 82, as LEB128 of two bytes.
    expect(changed.map((at) => [engine[at], lowered[at]])).toEqual([
      [0x80, 0xd2],
      [0x02, 0x00],
    ]);
    expect(WebAssembly.Module.imports(new WebAssembly.Module(lowered))).toEqual(
      WebAssembly.Module.imports(new WebAssembly.Module(engine)),
    );
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
  test("at an engine whose memory is not imported as it was", async () => {
    const lower = async (wat: string): Promise<Uint8Array> => lowerMemoryFloor(await parse(wat), 82);
    await expect(lower('(module (import "a" "m" (memory 256)))')).resolves.toHaveLength(19);
    await expect(lower("(module (memory 256))")).rejects.toThrow("it has no imports");
    await expect(lower('(module (import "a" "f" (func)))')).rejects.toThrow("it imports none");
    await expect(lower('(module (import "a" "m" (memory 80)))')).rejects.toThrow("it asks for 80 pages");
    await expect(lower('(module (import "a" "g" (global i32)) (import "a" "m" (memory 256)))')).rejects.toThrow(
      "kind 3",
    );
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
