import { readComponent } from "../../engine/component/read-component.ts";
import { replaceModules } from "../../engine/component/replace-modules.ts";
import { twinModule } from "../../engine/component/twin-module.ts";
import { WardianError } from "../../errors.ts";
import { loadBindgen } from "./load-bindgen.ts";

/**
 * TypeScript declarations of what a component imports and exports, by file name: `component.d.ts` and one file for each
 * interface.
 *
 * @throws WardianError "invalid-module", or "unsupported" if jco is not installed.
 */
export async function componentTypes(bytes: Uint8Array): Promise<ReadonlyMap<string, string>> {
  // Looks at every name: the declarations are program text too.
  readComponent(bytes);
  let count = 0;
  const twin = replaceModules(bytes, (module) => twinModule(module, count++));
  const { generate } = await loadBindgen();
  try {
    const { files } = generate(twin, { name: "component", instantiation: { tag: "sync" }, noNodejsCompat: true });
    const texts = files.filter(([name]) => name.endsWith(".d.ts"));
    return new Map(texts.map(([name, content]) => [name, new TextDecoder().decode(content)]));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new WardianError("invalid-module", `Cannot write the component's types: ${why.slice(0, 500)}`, { cause });
  }
}
