import { componentEmbed, componentNew, parse, print } from "@bytecodealliance/jco";
import { replaceModules } from "../../../src/engine/component/replace-modules.ts";
import { decodeModule } from "../../../src/engine/binary/decode-module.ts";
import type { StateImage } from "../../../src/engine/snapshot/state-image.ts";
import { RUN_EXPORTS } from "../../../src/guests/python/python-exports.ts";
import type { ImageFacts } from "../../../src/guests/python/python-runtime.ts";
import { prepareModule } from "../prepare-module.ts";
import { trampolineModule } from "../trampoline-module.ts";
import { componentText } from "./component-text.ts";
import { embedImage } from "./embed-image.ts";
import { sortImports } from "./interpreter-imports.ts";
import { libraryModule } from "./library-module.ts";

export interface ComponentInputs {
  /** Pyodide's module as it comes. */
  readonly interpreter: Uint8Array;
  readonly image: StateImage;
  readonly facts: Pick<ImageFacts, "entry" | "deadlockError" | "trampolineIndex">;
  readonly stdlib: Uint8Array;
  /** The compiled adapter. */
  readonly adapter: Uint8Array<ArrayBuffer>;
  /** The text of wit/python.wit. */
  readonly wit: string;
}

/** Two functions of the trampoline are appended to the interpreter's table. */
const TRAMPOLINE_ENTRIES = 2;

/** Puts the component together: a ready interpreter, its library, and the adapter to the world of wit/python.wit. */
export async function buildComponent(inputs: ComponentInputs): Promise<Uint8Array<ArrayBuffer>> {
  const { interpreter, image, facts, stdlib, adapter, wit } = inputs;
  const lowered = WebAssembly.Module.imports(new WebAssembly.Module(adapter)).filter(({ module }) =>
    /^(?:wasi|wardian):/.test(module),
  );
  const frame = await parse(
    componentText({
      declarations: await declarationsOf(wit),
      imports: sortImports(decodeModule(interpreter), adapter),
      lowered,
      facts,
    }),
  );
  const binaries = [
    embedImage(prepareModule(interpreter), {
      image,
      exports: RUN_EXPORTS,
      tableEntries: facts.trampolineIndex + TRAMPOLINE_ENTRIES,
    }),
    trampolineModule(interpreter),
    libraryModule(stdlib),
    adapter,
  ];
  const component = replaceModules(frame, (module) => (isEmpty(module) ? (binaries.shift() ?? module) : module));
  if (binaries.length > 0) throw new Error("Cannot build the component: a module has no place in it");
  return component;
}

/** Only a custom section with its name. */
function isEmpty(module: Uint8Array): boolean {
  return decodeModule(module).sections.every(({ id }) => id === 0);
}

/** The imports of the world as a component declares them: of an empty one that is made of it. */
async function declarationsOf(witSource: string): Promise<string> {
  const dummy = await componentEmbed({ dummy: true, witSource, world: "guest" });
  const text = await print(await componentNew(dummy, []));
  const start = text.indexOf("\n") + 1;
  return text.slice(start, text.indexOf("  (core module "));
}
