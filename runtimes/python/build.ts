/**
 * Builds dist/runtimes/python from npm's pyodide: the metered interpreter, its trampoline, the standard library as bytecode
 * and the image of a ready interpreter. Run as `.build/runtimes/python/build.js`; skips work when nothing has changed.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { decodeModule } from "../../src/engine/binary/decode-module.ts";
import { meter } from "../../src/engine/index.ts";
import type { ExportRequest } from "../../src/engine/index.ts";
import { encodeImage } from "../../src/engine/snapshot/image-file.ts";
import { captureState } from "../../src/engine/snapshot/capture-state.ts";
import { memoryDirectory } from "../../src/capabilities/files/memory/memory-directory.ts";
import { RUN_EXPORTS } from "../../src/guests/python/python-exports.ts";
import type { ImageFacts } from "../../src/guests/python/python-runtime.ts";
import { ENTRY_TABLE, FILL_ENTRIES } from "../../src/guests/python/linker/linkage.ts";
import { addEntryTable } from "./entry-table.ts";
import { LINK_EXPORTS, linkageOf } from "./linkage.ts";
import { BOOT_EXPORTS, bootPython } from "./boot.ts";
import type { BootedPython } from "./boot.ts";
import { prepareModule, withoutMemory } from "./prepare-module.ts";
import { trampolineModule } from "./trampoline-module.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const source = path.join(root, "runtimes", "python");
const output = path.join(root, "dist", "runtimes", "python");

/**
 * Depth of calls, in bytes of native stack as the meter estimates them. Of 90 kinds of recursion the deepest frames, those
 * of the evaluation loop as V8 11.3 optimizes it, fill V8's default stack at 1,117,000. From 850,000 on, all recursion
 * that passes through Python code ends in RecursionError first.
 */
const STACK_LIMIT = 900_000;

interface Manifest {
  readonly package: string;
  readonly version: string;
  readonly inputs: Readonly<Record<string, string>>;
}

function readManifest(): Manifest {
  return JSON.parse(readFileSync(path.join(source, "manifest.json"), "utf8")) as Manifest;
}

/** Reads an input and refuses it unless it is the pinned one. */
function readInput(manifest: Manifest, name: string): Uint8Array<ArrayBuffer> {
  const file = path.join(root, "node_modules", manifest.package, name);
  if (!existsSync(file)) throw new Error(`Cannot build the Python runtime: ${manifest.package} has no file "${name}"`);
  const bytes = new Uint8Array(readFileSync(file));
  const digest = sha256(bytes);
  if (digest !== manifest.inputs[name]) {
    throw new Error(
      `Cannot build the Python runtime: "${name}" of ${manifest.package} has the digest ${digest}, pinned is ${manifest.inputs[name] ?? "none"}`,
    );
  }
  return bytes;
}

function checkVersion(manifest: Manifest): void {
  const installed = JSON.parse(
    readFileSync(path.join(root, "node_modules", manifest.package, "package.json"), "utf8"),
  ) as {
    readonly version: string;
  };
  if (installed.version !== manifest.version) {
    throw new Error(
      `Cannot build the Python runtime: ${manifest.package} is ${installed.version}, pinned is ${manifest.version}`,
    );
  }
}

function sha256(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** By code unit: the same everywhere. */
function byName(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Digest of everything that the output depends on: pinned inputs, the sources here, and all compiled code. */
function stampOf(manifest: Manifest): string {
  const parts = [JSON.stringify(manifest)];
  const scripts = [
    "compile_stdlib.py",
    "preload.py",
    "addresses.py",
    "licenses.txt",
    ...readdirSync(path.join(source, "prelude")).map((name) => path.join("prelude", name)),
  ];
  for (const name of scripts.toSorted(byName)) parts.push(name, readFileSync(path.join(source, name), "utf8"));
  const compiled = path.join(root, ".build");
  const folders = [
    "runtimes/python",
    "src/engine",
    "src/capabilities",
    "src/guests/python",
    "src/wasi/preview1",
    "src/internal",
  ];
  for (const folder of folders) {
    for (const name of readdirSync(path.join(compiled, folder), { recursive: true, encoding: "utf8" }).toSorted(
      byName,
    )) {
      if (name.endsWith(".js")) parts.push(name, readFileSync(path.join(compiled, folder, name), "utf8"));
    }
  }
  return sha256(parts.join("\0"));
}

/** The prelude in the order in which its modules need each other. */
const PRELUDE = [
  "channel",
  "values",
  "failures",
  "toolbox",
  "display",
  "web",
  "event_loop",
  "programs",
  "session",
  "refusals",
  "hardening",
];

function readScript(name: string): string {
  return readFileSync(path.join(source, name), "utf8");
}

/** The standard library as bytecode, made by the interpreter it is for. */
function compileStdlib(boot: Omit<Parameters<typeof bootPython>[0], "mounts">): Uint8Array<ArrayBuffer> {
  const target = memoryDirectory({ maxBytes: 64 * 2 ** 20 });
  bootPython({ ...boot, mounts: new Map([["/out", target]]) }).run(readScript("compile_stdlib.py"));
  const file = target.root().lookup("stdlib.zip");
  const handle =
    typeof file !== "string" && file.kind === "file"
      ? file.open({ read: true, write: false, append: false, truncate: false })
      : "EIO";
  const stat = typeof handle === "string" ? handle : handle.stat();
  if (typeof handle === "string" || typeof stat === "string")
    throw new Error("Cannot build the Python runtime: the compiled library is missing");
  const bytes = new Uint8Array(stat.size);
  for (let at = 0; at < bytes.length;) {
    const count = handle.read(bytes.subarray(at), at);
    if (typeof count === "string" || count === 0)
      throw new Error("Cannot build the Python runtime: the compiled library cannot be read");
    at += count;
  }
  return bytes;
}

/** What the image holds that the host has to know by address or number. */
interface ImageAddresses {
  readonly entry: number;
  readonly deadlockError: number;
}

function loadPrelude(python: BootedPython): ImageAddresses {
  python.run(readScript("preload.py"));
  const modules = PRELUDE.map((name) => [name, readScript(`prelude/${name}.py`)]);
  python.run(readScript("prelude/bootstrap.py"), JSON.stringify(modules));
  return JSON.parse(python.run(readScript("addresses.py"))) as ImageAddresses;
}

/** The interpreter's own mutable globals: what an image has to hold beside memory. Imported ones (linker slots) never change. */
function mutableGlobals(interpreter: Uint8Array): ExportRequest[] {
  const { globals, importedGlobals } = decodeModule(interpreter);
  return globals.flatMap(({ mutable }, index): ExportRequest[] =>
    mutable && index >= importedGlobals ? [{ kind: "global", index }] : [],
  );
}

function build(): void {
  const manifest = readManifest();
  const stamp = stampOf(manifest);
  const stampFile = path.join(output, "stamp");
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) return;
  mkdirSync(output, { recursive: true });

  checkVersion(manifest);
  const interpreter = readInput(manifest, "pyodide.asm.wasm");
  const prepared = prepareModule(interpreter);
  const metered = meter(prepared, {
    addExports: mutableGlobals(prepared),
    keepExports: [...RUN_EXPORTS, ...BOOT_EXPORTS, ...LINK_EXPORTS],
    stackLimit: STACK_LIMIT,
  });
  const { fuelExport, stackExport } = metered;
  if (stackExport === undefined) throw new Error("Cannot build the Python runtime: its depth is not limited");
  const trampoline = trampolineModule(interpreter);
  const parts = {
    module: new WebAssembly.Module(metered.bytes),
    fuelExport,
    stackExport,
    stackLimit: STACK_LIMIT,
    trampoline: new WebAssembly.Module(trampoline),
  };
  const stdlib = compileStdlib({ ...parts, stdlib: readInput(manifest, "python_stdlib.zip") });
  const python = bootPython({ ...parts, stdlib });
  const addresses = loadPrelude(python);

  const linkage = linkageOf(prepared, metered);
  const names = { fuelExport, table: ENTRY_TABLE, fill: FILL_ENTRIES };
  const run = addEntryTable(withoutMemory(metered.bytes), linkage.entries, names);
  const stateGlobals = metered.added.map(({ name }) => name);
  const state = {
    memories: [python.exports.memory],
    globals: stateGlobals.map((name) => python.exports[name] as WebAssembly.Global),
  };
  const moduleDigest = sha256(run);
  const facts: ImageFacts = {
    moduleDigest,
    stateGlobals,
    fuelExport,
    stackExport,
    stackLimit: STACK_LIMIT,
    ...addresses,
    signalFlag: Number(python.exports._Py_emscripten_signal_in_memory.value),
    signalClock: Number(python.exports._Py_emscripten_signal_clock.value),
    trampolineIndex: python.trampolineIndex,
  };
  const files: readonly (readonly [string, Uint8Array | string])[] = [
    ["python.wasm", run],
    ["trampoline.wasm", trampoline],
    ["stdlib.zip", stdlib],
    ["image.bin", encodeImage(captureState(state), Uint8Array.from(Buffer.from(moduleDigest, "hex")))],
    ["LICENSES.txt", readScript("licenses.txt")],
    ["image.json", `${JSON.stringify(facts)}\n`],
    ["linkage.json", `${JSON.stringify(linkage.facts)}\n`],
  ];
  for (const [name, content] of files) {
    writeFileSync(path.join(output, name), content);
    process.stderr.write(`python: ${name} ${Math.ceil(content.length / 1024)} KiB\n`);
  }
  // Last: a build that was broken off is done again.
  writeFileSync(stampFile, stamp);
}

build();
