import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { meter } from "../../src/engine/index.ts";
import { decodeModule } from "../../src/engine/binary/decode-module.ts";
import { SECTION } from "../../src/engine/binary/module.ts";
import type { RuntimeAssets } from "../../src/guests/guest.ts";
import type { ImageFacts } from "../../src/guests/python/python-runtime.ts";
import { ByteWriter } from "../../src/internal/byte-writer.ts";
import { prepareModule, withoutMemory } from "../../runtimes/python/prepare-module.ts";

const require = createRequire(import.meta.url);
const artefacts = path.resolve(import.meta.dirname, "../../../dist/runtimes/python");

/** The artefacts of the build, but the interpreter rewritten here: metered by the meter as it is now, or not at all. */
export interface PythonTwins {
  readonly metered: RuntimeAssets;
  readonly plain: RuntimeAssets;
  readonly control: RuntimeAssets;
}

export function pythonTwins(): PythonTwins {
  const facts = JSON.parse(readFileSync(path.join(artefacts, "image.json"), "utf8")) as ImageFacts;
  const prepared = prepareModule(readFileSync(require.resolve("pyodide/pyodide.asm.wasm")));
  const built = WebAssembly.Module.exports(new WebAssembly.Module(readFileSync(path.join(artefacts, "python.wasm"))));
  const keep = built
    .map(({ name }) => name)
    .filter((name) => ![facts.fuelExport, facts.stackExport, ...facts.stateGlobals].includes(name));
  const globals = ownMutableGlobals(prepared);
  if (globals.length !== facts.stateGlobals.length)
    throw new Error("The built Python image is of another interpreter: run `npm run build`");
  const state = facts.stateGlobals.map((name, at) => ({ kind: "global" as const, index: globals[at] ?? -1, name }));
  // As the guest's build meters it, depth limit and all.
  const { stackLimit } = facts;
  const metered = meter(prepared, { addExports: state, keepExports: keep, stackLimit });
  const { fuelExport, stackExport = "" } = metered;
  const plain = withExports(withoutMemory(prepared), keep, state, [facts.fuelExport, facts.stackExport]);
  return {
    metered: assets(withoutMemory(metered.bytes), { ...facts, fuelExport, stackExport }),
    plain: assets(plain, facts),
    control: assets(withNote(plain, "control"), facts),
  };
}

function assets(interpreter: Uint8Array<ArrayBuffer>, facts: ImageFacts): RuntimeAssets {
  const bytes = (name: string): Uint8Array<ArrayBuffer> => {
    if (name === "python/python.wasm") return interpreter;
    // The image is tied to the built module's digest, which the facts repeat: it fits any module with the same state.
    if (name === "python/image.json") return new TextEncoder().encode(JSON.stringify(facts));
    return Uint8Array.from(readFileSync(path.join(artefacts, "..", name)));
  };
  return {
    bytes: async (name) => await Promise.resolve(bytes(name)),
    module: async (name) => await WebAssembly.compile(bytes(name)),
    peerFile: async (name) => await Promise.reject(new Error(`the bench has no package ${name}`)),
  };
}

/**
 * The same module as far as it runs. Engines share the code of equal modules, and with it what has been counted towards
 * its compilation: without the note, plain and control together would warm up twice as fast as metered does alone.
 */
function withNote(bytes: Uint8Array, note: string): Uint8Array<ArrayBuffer> {
  const name = new TextEncoder().encode(note);
  const out = new ByteWriter(bytes.length + name.length + 3);
  out.bytes(bytes);
  out.byte(0); // a custom section: its size, and a name
  out.u32(name.length + 1);
  out.u32(name.length);
  out.bytes(name);
  return out.finish();
}

function ownMutableGlobals(bytes: Uint8Array): number[] {
  const { globals, importedGlobals } = decodeModule(bytes);
  return globals.flatMap(({ mutable }, index) => (mutable && index >= importedGlobals ? [index] : []));
}

/** The same exports as the metered module has, so that the same driver runs it; the added globals are there, and nothing ever uses them. */
function withExports(
  bytes: Uint8Array,
  keep: readonly string[],
  state: readonly { readonly index: number; readonly name: string }[],
  addedGlobals: readonly string[],
): Uint8Array<ArrayBuffer> {
  const module = decodeModule(bytes);
  const out = new ByteWriter(bytes.length);
  out.bytes(bytes.subarray(0, 8));
  for (const section of module.sections) {
    const payload = new ByteWriter();
    if (section.id === SECTION.global) {
      payload.u32(section.count + addedGlobals.length);
      payload.bytes(bytes.subarray(section.contents, section.end));
      for (const _name of addedGlobals) payload.bytes(Uint8Array.of(0x7f, 1, 0x41, 0, 0x0b)); // mutable i32, starts as 0
    } else if (section.id === SECTION.export) {
      const kept = module.exports.filter(({ name }) => keep.includes(name));
      const added = [...state, ...addedGlobals.map((name, at) => ({ name, index: module.globals.length + at }))];
      payload.u32(kept.length + added.length);
      for (const { start, end } of kept) payload.bytes(bytes.subarray(start, end));
      for (const { name, index } of added) {
        const text = new TextEncoder().encode(name);
        payload.u32(text.length);
        payload.bytes(text);
        payload.byte(3); // a global
        payload.u32(index);
      }
    } else payload.bytes(bytes.subarray(section.start, section.end));
    out.byte(section.id);
    out.u32(payload.length);
    out.bytes(payload.view());
  }
  return out.finish();
}
