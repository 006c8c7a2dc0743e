import { readFile } from "node:fs/promises";
import path from "node:path";
import * as asc from "assemblyscript/asc";

const sources = path.resolve(import.meta.dirname, "../../../bench/kernels/assembly");

/** Compiles the kernels with AssemblyScript: optimised for speed, no runtime but a bump allocator, no bounds checks beside the kernels' own. */
export async function compileKernels(): Promise<Uint8Array<ArrayBuffer>> {
  let wasm: Uint8Array | string | undefined;
  const { error } = await asc.main(
    [
      "index.ts",
      "--outFile",
      "kernels.wasm",
      "-O3",
      "--converge",
      "--noAssert",
      "--runtime",
      "stub",
      "--use",
      "abort=",
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
        if (name === "kernels.wasm") wasm = contents;
      },
      listFiles: () => [],
    },
  );
  if (error !== null || !(wasm instanceof Uint8Array))
    throw new Error(`Cannot compile the kernels: ${error?.message ?? "no output"}`);
  return Uint8Array.from(wasm);
}
