import type * as Bindgen from "@bytecodealliance/jco-transpile/component";
import { WardianError } from "../../errors.ts";

/** The generator of glue. An optional peer: only sandboxes of components load it. */
export async function loadBindgen(): Promise<Pick<typeof Bindgen, "generate" | "generateTypes">> {
  let bindgen: typeof Bindgen;
  try {
    bindgen = await import("@bytecodealliance/jco-transpile/component");
  } catch (cause) {
    throw new WardianError(
      "unsupported",
      'Cannot load a component: the package "@bytecodealliance/jco-transpile" is not installed; run "npm install @bytecodealliance/jco-transpile"',
      { cause },
    );
  }
  await bindgen.$init;
  return bindgen;
}
