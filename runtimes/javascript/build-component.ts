import { parse } from "@bytecodealliance/jco";
import { generate } from "@bytecodealliance/jco/component";
import { transform } from "esbuild";
import { checkEngineImports, checkImportMeanings, fillEngineNames, readEngineNames } from "./engine-names.ts";
import { spliceEngine } from "./splice-engine.ts";

export interface BuiltComponent {
  /** The component as a whole: the stock engine in the adapter. */
  readonly bytes: Uint8Array;
  /** jco's JavaScript: links core modules and lowers imports. */
  readonly glue: string;
  /** The same with a `turn` that returns a promise and can be suspended (JSPI). */
  readonly yieldingGlue: string;
  /** Core modules by jco's file names. */
  readonly coreModules: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
}

/** Makes the component from the adapter's text and the engine's two files, and its glue. */
export async function buildComponent(
  adapterWat: string,
  engine: Uint8Array<ArrayBuffer>,
  loader: string,
): Promise<BuiltComponent> {
  checkEngineImports(new WebAssembly.Module(engine));
  checkImportMeanings(loader);
  const frame = await parse(fillEngineNames(adapterWat, readEngineNames(loader)));
  const bytes = spliceEngine(frame, engine);
  const inline = await generateGlue(bytes, []);
  const yielding = await generateGlue(bytes, ["turn"]);
  return { bytes, glue: inline.glue, yieldingGlue: yielding.glue, coreModules: inline.coreModules };
}

/** `suspended` are the exports that return promises. */
async function generateGlue(
  component: Uint8Array,
  suspended: string[],
): Promise<Pick<BuiltComponent, "glue" | "coreModules">> {
  const { files } = await generate(component, {
    name: "component",
    instantiation: { tag: "sync" },
    noNodejsCompat: true,
    noTypescript: true,
    map: [],
    ...(suspended.length === 0 ? {} : { asyncMode: { tag: "jspi", val: { imports: [], exports: suspended } } }),
  });
  const coreModules = new Map<string, Uint8Array<ArrayBuffer>>();
  let glue: string | undefined;
  for (const [name, content] of files) {
    if (name.endsWith(".wasm")) coreModules.set(name, Uint8Array.from(content));
    else if (name === "component.js") glue = new TextDecoder().decode(content);
  }
  if (glue === undefined) throw new Error("Cannot build the component: jco made no glue");
  const lean = withoutSuspendMarks(await withoutDebugLog(withoutAsyncTwins(glue, suspended.length)));
  return { glue: checkGlue(lean), coreModules };
}

/**
 * jco makes an asynchronous twin of two exports that nothing here calls. Where the engine has no JSPI each attempt
 * throws, and V8 words that error by parsing the whole glue again: 1.3 of 1.5 ms of an instantiation.
 */
function withoutAsyncTwins(glue: string, kept: number): string {
  const twin = /try \{\s*(\w+Async) = WebAssembly\.promising\(([^)]+)\);\s*\} catch\s*\(err\) \{\s*\1 = \2;\s*\}/g;
  const patched = glue.replaceAll(twin, "$1 = $2;");
  if (patched === glue || patched.split("WebAssembly.promising(").length - 1 !== kept)
    throw new Error("Cannot use jco's glue: its asynchronous exports are not where they were");
  return patched;
}

/**
 * jco logs its steps if the host's environment asks for it, guest data included, and looks there some fifteen times for
 * each import call: a third of the call's cost.
 */
async function withoutDebugLog(glue: string): Promise<string> {
  const log = /const _debugLog = \(\.\.\.args\) => \{[^}]*\}[^}]*\};/;
  if (!log.test(glue)) throw new Error("Cannot use jco's glue: its debug log is not where it was");
  // Without its definition the name is a global one, and esbuild drops calls of globals that it is told are pure.
  const { code } = await transform(glue.replace(log, ""), {
    format: "esm",
    pure: ["_debugLog"],
    minifySyntax: true,
    treeShaking: true,
  });
  if (code.includes("_debugLog")) throw new Error("Cannot use jco's glue: its debug log is still in use");
  return code;
}

/**
 * jco notes on every core function that it cannot suspend, which makes each an object of a shape of its own: a fifth of an
 * instantiation. It looks there for the callbacks of asynchronous exports only, of which there are none.
 */
function withoutSuspendMarks(glue: string): string {
  const mark = /Object\.assign\(((?:[^()]|\([^()]*\))+), \{ _jcoMaySuspend: (?:false|!1) \}\)/g;
  const patched = glue.replaceAll(mark, "$1");
  const [kept, ...others] = patched.match(/\S*\b_jcoMaySuspend\b/g) ?? [];
  if (patched === glue || kept !== "this.#callbackFn._jcoMaySuspend" || others.length > 0)
    throw new Error("Cannot use jco's glue: its notes on suspending are not where they were");
  return patched;
}

/** The glue must load where there is no Node and where making code from text is forbidden. */
function checkGlue(glue: string): string {
  const forbidden = /^\s*import\s|\bimport\(|\bnew Function\(|\beval\(|["']node:|\bprocess\b/m.exec(glue);
  if (forbidden !== null) throw new Error(`Cannot use jco's glue: it has ${JSON.stringify(forbidden[0])}`);
  return glue;
}
