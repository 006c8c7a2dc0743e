import path from "node:path";
import { pythonComponent } from "../../runtimes/python/component/python-component.ts";

const root = path.resolve(import.meta.dirname, "../..");

/** The bytes of the Python guest as a component; built where they are not yet, from the runtime in `dist`. */
export async function pythonComponentBytes(): Promise<Uint8Array<ArrayBuffer>> {
  return await pythonComponent(root);
}
