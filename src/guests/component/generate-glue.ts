import type { GenerateOptions } from "@bytecodealliance/jco-transpile/component";
import { WardianError } from "../../errors.ts";
import { exposeGlueState } from "./glue-state.ts";
import type { GlueHooks } from "./glue-state.ts";
import { boundLifting } from "./lifting.ts";
import { loadBindgen } from "./load-bindgen.ts";

/** What jco's glue is called with and gives. Interfaces and functions by jco's names: camel case, no versions. */
export type ComponentGlue = (
  getCoreModule: (file: string) => WebAssembly.Module,
  imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  instantiateCore: (module: WebAssembly.Module, imports?: WebAssembly.Imports) => WebAssembly.Instance,
  /** Told of what is lifted out of the guest's memory, in bytes, before it is. */
  lifting: (bytes: number) => void,
  hooks: GlueHooks,
) => Readonly<Record<string, unknown>>;

export interface GeneratedGlue {
  readonly glue: ComponentGlue;
  /** By file name. */
  readonly coreModules: ReadonlyMap<string, Uint8Array>;
}

/**
 * Generates the JavaScript that links a component and lifts and lowers its values, and loads it.
 *
 * @throws WardianError "invalid-module" if jco does not accept the component.
 */
export async function generateGlue(
  component: Uint8Array,
  evaluate: (body: string) => Promise<unknown>,
): Promise<GeneratedGlue> {
  const { generate } = await loadBindgen();
  const files = attempt(() => generate(component, OPTIONS).files);
  const coreModules = new Map<string, Uint8Array>();
  let text = "";
  for (const [name, content] of files) {
    if (name.endsWith(".wasm")) coreModules.set(name, content);
    else if (name.endsWith(".js")) text = new TextDecoder().decode(content);
  }
  const made = await evaluate(functionBody(text));
  if (typeof made !== "function") throw new WardianError("internal", "Cannot load the component: jco made no glue");
  return { glue: made as ComponentGlue, coreModules };
}

const OPTIONS = {
  name: "component",
  instantiation: { tag: "sync" },
  noNodejsCompat: true,
  noTypescript: true,
  map: [],
} satisfies GenerateOptions;

function attempt<T>(generate: () => T): T {
  try {
    return generate();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new WardianError("invalid-module", `Cannot load the component: ${why.slice(0, 500)}`, { cause });
  }
}

/**
 * The glue as the body of a function that returns `instantiate`. Taken out are jco's debug log, which looks into the
 * host's environment at every call, and its asynchronous twins of exports, which nothing here calls.
 */
function functionBody(text: string): string {
  const body = exposeGlueState(boundLifting(text))
    .replaceAll(/^export (?=function|const|class)/gm, "")
    .replace(/const _debugLog = \(\.\.\.args\) => \{[^}]*\}[^}]*\};?/, "const _debugLog = () => {};")
    .replaceAll(
      /try \{\s*(\w+Async) = WebAssembly\.promising\(([^)]+)\);\s*\} catch\s*\(err\) \{\s*\1 = \2;\s*\}/g,
      "$1 = $2;",
    );
  // The names in it were checked; this is the second lock on the same door.
  const forbidden =
    /^\s*(?:import|export)\s|\bimport\(|\bnew Function\(|\beval\(|["']node:|\bprocess\b|\bglobalThis\b(?!\.WebAssembly\b)/m.exec(
      body,
    );
  if (forbidden !== null) {
    throw new WardianError(
      "internal",
      `Cannot load the component: its glue has ${JSON.stringify(forbidden[0].trim())}`,
    );
  }
  return `${body}\nreturn instantiate;`;
}
