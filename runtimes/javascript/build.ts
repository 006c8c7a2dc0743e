/**
 * Builds dist/runtimes/javascript: the metered core modules, jco's glue, the two boot images and the licences of what is
 * in them. Inputs are pinned by manifest.json; nothing is done if none of them has changed.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { decodeModule } from "../../src/engine/binary/decode-module.ts";
import { meter } from "../../src/engine/index.ts";
import { CORE_MODULES } from "../../src/guests/javascript/artefacts.ts";
import type { Artefacts, CoreModuleName, MeteredNames, ModulesFile } from "../../src/guests/javascript/artefacts.ts";
import { adaptEngineMemory } from "./adapt-engine-memory.ts";
import { makeBootImage } from "./boot-image.ts";
import { buildComponent } from "./build-component.ts";
import { bundlePrelude } from "./bundle-prelude.ts";
import { checkPackage, digest, digestTree } from "./package-inputs.ts";
import type { PinnedPackage } from "./package-inputs.ts";

/**
 * The engine's own limit on its C stack, in bytes: a plain recursion gets 1,050 calls deep and ends in an InternalError
 * that the guest can catch. With 256 KiB some recursions (through `valueOf`) overflow V8's default stack first.
 */
const ENGINE_STACK_BYTES = 200 * 1024;

/**
 * The metered depth limit, in bytes of native stack as the meter estimates them. From 1,450,000 on, all but one of 23 kinds
 * of recursion through guest functions reach the engine's own limit first (test/unit/javascript-limits.test.ts has some of
 * them). What recurses in C alone ends at this one, at the same depth on any host: V8's default stack would end first at
 * 1,850,000, JavaScriptCore's at 1,490,000.
 */
const STACK_LIMIT = 1_450_000;

/** The engine's data takes 1.4 pages (64 KiB), its C stack 8: where its heap starts. */
const ENGINE_MEMORY = { pages: 10, stackBytes: 2 ** 19 } as const;

/**
 * The pages that a sandbox starts with. The booted heap ends at page 25, with the type stripper at page 71. The rest is what
 * a run can allocate before its memory grows; each page costs every reset 0.7 µs.
 */
const MEMORY_PAGES = { javascript: 32, typescript: 80 } as const;

interface Manifest {
  readonly engine: PinnedPackage;
  readonly typescript: PinnedPackage;
  readonly glue: PinnedPackage;
}

// This file runs from .build/runtimes/javascript.
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");
const source = path.join(root, "runtimes/javascript");
const target = path.join(root, "dist/runtimes/javascript");
const stampFile = path.join(target, ".stamp");

const stamp = inputStamp();
if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp)
  process.stderr.write("runtime javascript: up to date\n");
else await buildAll();

/** Everything that the output depends on: this room, the meter and what else of the library runs at build, the packages. */
function inputStamp(): string {
  const built = path.join(root, ".build");
  const parts = [
    digestTree(source),
    digestTree(path.join(built, "src/engine")),
    digestTree(path.join(built, "src/guests/javascript")),
  ];
  for (const name of [
    "@jitl/quickjs-wasmfile-release-sync",
    "sucrase",
    "@bytecodealliance/jco",
    "@bytecodealliance/jco-transpile",
    "esbuild",
  ]) {
    parts.push(digest(readFileSync(path.join(root, "node_modules", name, "package.json"))));
  }
  return digest(parts.join("\n"));
}

async function buildAll(): Promise<void> {
  const manifest = JSON.parse(readFileSync(path.join(source, "manifest.json"), "utf8")) as Manifest;
  const engine = checkPackage(root, manifest.engine);
  checkPackage(root, manifest.typescript);
  checkPackage(root, manifest.glue);
  const component = await buildComponent(
    readFileSync(path.join(source, "adapter.wat"), "utf8"),
    engine.read("dist/emscripten-module.wasm"),
    new TextDecoder().decode(engine.read("dist/emscripten-module.mjs")),
  );
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  writeFileSync(path.join(target, "component.js"), component.glue);
  writeFileSync(path.join(target, "component-yielding.js"), component.yieldingGlue);
  // The package is ESM; the glue has no name that says so.
  const called = engineCalls(component.coreModules);
  const modules = {} as Record<CoreModuleName, WebAssembly.Module>;
  const names = {} as Record<CoreModuleName, MeteredNames>;
  for (const [index, name] of CORE_MODULES.entries()) {
    const bytes = component.coreModules.get(`component.core${index + 2}.wasm`);
    if (bytes === undefined) throw new Error(`Cannot build the JavaScript guest: jco made no core module for ${name}`);
    checkRole(name, bytes);
    const metered = meter(name === "engine" ? adaptEngineMemory(bytes, ENGINE_MEMORY) : bytes, {
      // Each export is an object more for every sandbox: of the engine's 73 functions the adapter calls 31.
      ...(name === "engine" ? { keepExports: called } : {}),
      addExports: "state",
      stackLimit: STACK_LIMIT,
      start: "export",
    });
    writeFileSync(path.join(target, `${name}.wasm`), metered.bytes);
    modules[name] = new WebAssembly.Module(metered.bytes);
    names[name] = {
      fuelExport: metered.fuelExport,
      ...(metered.stackExport === undefined ? {} : { stackExport: metered.stackExport }),
      ...(metered.startExport === undefined ? {} : { startExport: metered.startExport }),
      globals: metered.state.globals,
    };
  }
  const file: ModulesFile = { component: digest(component.bytes), stackLimit: STACK_LIMIT, modules: names };
  writeFileSync(path.join(target, "modules.json"), `${JSON.stringify(file, undefined, 1)}\n`);

  const prelude = await bundlePrelude(root, "runtimes/javascript/prelude/main.ts", { shortNames: true });
  const typescript = await bundlePrelude(root, "runtimes/javascript/prelude/typescript.ts", { shortNames: true });
  const glue = (await import(pathToFileURL(path.join(target, "component.js")).href)) as Artefacts["glue"];
  const artefacts = { glue, file, modules };
  writeFileSync(
    path.join(target, "javascript.image"),
    makeBootImage(
      artefacts,
      { memoryPages: MEMORY_PAGES.javascript, stackBytes: ENGINE_STACK_BYTES },
      prelude.code,
      [],
    ),
  );
  writeFileSync(
    path.join(target, "typescript.image"),
    makeBootImage(artefacts, { memoryPages: MEMORY_PAGES.typescript, stackBytes: ENGINE_STACK_BYTES }, prelude.code, [
      typescript.code,
    ]),
  );
  writeLicences([manifest.engine.name, "@bytecodealliance/jco-transpile", ...prelude.packages, ...typescript.packages]);
  writeFileSync(stampFile, stamp);
}

/** What the other core modules import of the engine. */
function engineCalls(coreModules: ReadonlyMap<string, Uint8Array<ArrayBuffer>>): string[] {
  const imports = [...coreModules.values()].flatMap((bytes) => decodeModule(bytes).imports);
  const called = new Set(imports.filter((entry) => entry.module === "engine").map((entry) => entry.name));
  if (called.size === 0) throw new Error("Cannot build the JavaScript guest: nothing calls the engine");
  return [...called];
}

/** What tells the core modules apart, should jco number them in another order one day. */
function checkRole(name: CoreModuleName, bytes: Uint8Array<ArrayBuffer>): void {
  const marks: Readonly<Record<CoreModuleName, string>> = {
    engine: "_",
    trampolines: "table",
    allocator: "cabi_realloc",
    adapter: "turn",
  };
  const exports = WebAssembly.Module.exports(new WebAssembly.Module(bytes));
  if (!exports.some((item) => item.name === marks[name]))
    throw new Error(`Cannot build the JavaScript guest: core module ${name} is another one`);
}

function writeLicences(packages: readonly string[]): void {
  const texts = [...new Set(packages)].map((name) => {
    const directory = path.join(root, "node_modules", name);
    const { version, license } = JSON.parse(readFileSync(path.join(directory, "package.json"), "utf8")) as {
      readonly version: string;
      readonly license: string;
    };
    const file = ["LICENSE", "LICENSE.md", "LICENSE.txt"]
      .map((candidate) => path.join(directory, candidate))
      .find((candidate) => existsSync(candidate));
    if (file === undefined) throw new Error(`Cannot build the JavaScript guest: ${name} has no licence text`);
    return `${name} ${version} (${license})\n\n${readFileSync(file, "utf8").trim()}\n`;
  });
  writeFileSync(path.join(target, "LICENSES.txt"), texts.join(`\n${"-".repeat(80)}\n\n`));
}
