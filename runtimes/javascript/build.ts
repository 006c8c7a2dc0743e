/**
 * Builds dist/runtimes/javascript: the metered core modules, jco's glue, the two boot images and the licences of what is
 * in them. Inputs are pinned by manifest.json; nothing is done if none of them has changed.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { meter } from "../../src/engine/index.ts";
import { CORE_MODULES } from "../../src/guests/javascript/artefacts.ts";
import type { Artefacts, CoreModuleName, MeteredNames, ModulesFile } from "../../src/guests/javascript/artefacts.ts";
import { makeBootImage } from "./boot-image.ts";
import { buildComponent } from "./build-component.ts";
import { bundlePrelude } from "./bundle-prelude.ts";
import { checkPackage, digest, digestTree } from "./package-inputs.ts";
import type { PinnedPackage } from "./package-inputs.ts";

/**
 * The engine's own limit on its C stack, in bytes: a plain recursion gets 1,350 calls deep and ends in an InternalError
 * that the guest can catch. V8 would allow 2,460 of them on its default stack (measured, Node 20).
 */
const ENGINE_STACK_BYTES = 256 * 1024;

/**
 * The metered depth limit, in stack slots. The lowest that lets all of these reach the engine's own limit first: plain,
 * getter, proxy, constructor, generator, callback recursion (measured: 1,220,000). What recurses in C alone ends here,
 * on any host at the same depth: `JSON.parse` at 2,700 brackets (V8's stack: 9,400), the parser at 190 parentheses (560).
 */
const STACK_LIMIT = 1_250_000;

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
if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) process.stderr.write("runtime javascript: up to date\n");
else await buildAll();

/** Everything that the output depends on: this room, the meter and what else of the library runs at build, the packages. */
function inputStamp(): string {
  const built = path.join(root, ".build");
  const parts = [digestTree(source), digestTree(path.join(built, "src/engine")), digestTree(path.join(built, "src/guests/javascript"))];
  for (const name of ["@jitl/quickjs-wasmfile-release-sync", "sucrase", "@bytecodealliance/jco", "@bytecodealliance/jco-transpile", "esbuild"]) {
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
  // The package is ESM; the glue has no name that says so.
  const modules = {} as Record<CoreModuleName, WebAssembly.Module>;
  const names = {} as Record<CoreModuleName, MeteredNames>;
  for (const [index, name] of CORE_MODULES.entries()) {
    const bytes = component.coreModules.get(`component.core${index + 2}.wasm`);
    if (bytes === undefined) throw new Error(`Cannot build the JavaScript guest: jco made no core module for ${name}`);
    checkRole(name, bytes);
    const metered = meter(bytes, { addExports: "state", stackLimit: STACK_LIMIT, start: "export" });
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

  const prelude = await bundlePrelude(root, "runtimes/javascript/prelude/main.ts");
  const typescript = await bundlePrelude(root, "runtimes/javascript/prelude/typescript.ts", { shortNames: true });
  const glue = (await import(pathToFileURL(path.join(target, "component.js")).href)) as Artefacts["glue"];
  const artefacts = { glue, file, modules };
  writeFileSync(path.join(target, "javascript.image"), makeBootImage(artefacts, ENGINE_STACK_BYTES, prelude.code, []));
  writeFileSync(path.join(target, "typescript.image"), makeBootImage(artefacts, ENGINE_STACK_BYTES, prelude.code, [typescript.code]));
  writeLicences([manifest.engine.name, "@bytecodealliance/jco-transpile", ...prelude.packages, ...typescript.packages]);
  writeFileSync(stampFile, stamp);
}

/** What tells the core modules apart, should jco number them in another order one day. */
function checkRole(name: CoreModuleName, bytes: Uint8Array<ArrayBuffer>): void {
  const marks: Readonly<Record<CoreModuleName, string>> = { engine: "_", trampolines: "table", allocator: "cabi_realloc", adapter: "turn" };
  const exports = WebAssembly.Module.exports(new WebAssembly.Module(bytes));
  if (!exports.some((item) => item.name === marks[name])) throw new Error(`Cannot build the JavaScript guest: core module ${name} is another one`);
}

function writeLicences(packages: readonly string[]): void {
  const texts = [...new Set(packages)].map((name) => {
    const directory = path.join(root, "node_modules", name);
    const { version, license } = JSON.parse(readFileSync(path.join(directory, "package.json"), "utf8")) as { readonly version: string; readonly license: string };
    const file = ["LICENSE", "LICENSE.md", "LICENSE.txt"].map((candidate) => path.join(directory, candidate)).find((candidate) => existsSync(candidate));
    if (file === undefined) throw new Error(`Cannot build the JavaScript guest: ${name} has no licence text`);
    return `${name} ${version} (${license})\n\n${readFileSync(file, "utf8").trim()}\n`;
  });
  writeFileSync(path.join(target, "LICENSES.txt"), texts.join(`\n${"-".repeat(80)}\n\n`));
}
