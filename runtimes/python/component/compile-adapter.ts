import { readFile } from "node:fs/promises";
import path from "node:path";
import * as asc from "assemblyscript/asc";

/** Compiles the adapter: without a runtime, data or memory of its own, so that it can live in the interpreter's memory. */
export async function compileAdapter(sources: string): Promise<Uint8Array<ArrayBuffer>> {
  let wasm: Uint8Array | string | undefined;
  const { error } = await asc.main(
    [
      "index.ts",
      "--outFile",
      "adapter.wasm",
      "-O3",
      "--noAssert",
      "--runtime",
      "stub",
      "--use",
      "abort=",
      "--importMemory",
      "--noExportMemory",
    ],
    {
      readFile: async (name) => {
        // The compiler asks for .ts files, which for tsc and the editor these are not.
        try {
          return await readFile(path.join(sources, name.replace(/\.ts$/, ".as")), "utf8");
        } catch {
          return null;
        }
      },
      writeFile: (name, contents) => {
        if (name === "adapter.wasm") wasm = contents;
      },
      listFiles: () => [],
    },
  );
  if (error !== null || !(wasm instanceof Uint8Array))
    throw new Error(`Cannot compile the adapter: ${error?.message ?? "no output"}`);
  return Uint8Array.from(wasm);
}
