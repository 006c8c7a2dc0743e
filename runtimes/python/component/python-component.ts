import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import { decodeImage } from "../../../src/engine/snapshot/image-file.ts";
import type { ImageFacts } from "../../../src/guests/python/python-runtime.ts";
import { digest, digestTree } from "../../javascript/package-inputs.ts";
import { buildComponent } from "./build-component.ts";
import { compileAdapter } from "./compile-adapter.ts";

/**
 * The Python guest as a component, made from what runtimes/python/build.ts has left in `dist` and kept in
 * `.build/components` until one of its inputs changes. `root` is that of the repository.
 */
export async function pythonComponent(root: string): Promise<Uint8Array<ArrayBuffer>> {
  const source = path.join(root, "runtimes/python");
  const runtime = path.join(root, "dist/runtimes/python");
  const output = path.join(root, ".build/components");
  const read = (file: string): Uint8Array<ArrayBuffer> => {
    if (existsSync(file)) return new Uint8Array(readFileSync(file));
    throw new Error(
      `Cannot build the Python component: "${path.relative(root, file)}" is missing; run "npm run build"`,
    );
  };
  const wit = new TextDecoder().decode(read(path.join(root, "wit/python.wit")));
  const stamp = digest([digest(read(path.join(runtime, "stamp"))), digestTree(source), digest(wit)].join("\n"));
  const file = path.join(output, "python.wasm");
  const stampFile = path.join(output, "python.stamp");
  if (existsSync(file) && existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) return read(file);

  const { inputs } = JSON.parse(readFileSync(path.join(source, "manifest.json"), "utf8")) as {
    readonly inputs: Readonly<Record<string, string>>;
  };
  const interpreter = read(path.join(root, "node_modules/pyodide/pyodide.asm.wasm"));
  // The image is of the pinned one.
  if (digest(interpreter) !== inputs["pyodide.asm.wasm"])
    throw new Error('Cannot build the Python component: "pyodide.asm.wasm" is not the one that manifest.json pins');
  const facts = JSON.parse(new TextDecoder().decode(read(path.join(runtime, "image.json")))) as ImageFacts;
  const bytes = await buildComponent({
    interpreter,
    image: decodeImage(read(path.join(runtime, "image.bin")), Buffer.from(facts.moduleDigest, "hex")),
    facts,
    stdlib: read(path.join(runtime, "stdlib.zip")),
    adapter: await compileAdapter(path.join(source, "component/adapter")),
    wit,
  });
  mkdirSync(output, { recursive: true });
  replaceFile(file, bytes);
  replaceFile(stampFile, stamp);
  return bytes;
}

/** At once: test files in other processes may be reading it. */
function replaceFile(file: string, content: Uint8Array | string): void {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, content);
  renameSync(draft, file);
}
