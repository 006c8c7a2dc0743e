import { readFileSync } from "node:fs";
import { wat } from "../wat.ts";
import { wheel } from "../zip-writer.ts";

export const NATIVE_TAG = "cp314-cp314-pyemscripten_2026_0_wasm32";
export const SUFFIX = ".cpython-314-wasm32-emscripten.so";

/** The extension module of this folder. */
export async function fernlib(): Promise<Uint8Array<ArrayBuffer>> {
  return await wat(readFileSync(new URL("fernlib.wat", import.meta.url), "utf8"));
}

/** A wheel of side modules, by path. */
export function nativeWheel(
  files: Readonly<Record<string, string | Uint8Array>>,
  name = "fernlib",
): Uint8Array<ArrayBuffer> {
  return wheel(files, { name, tag: NATIVE_TAG });
}
