import { readFileSync } from "node:fs";
import { decodeModule } from "../../../src/engine/binary/decode-module.ts";
import { host } from "../../../src/host.ts";
import { memoryDirectory, tool } from "../../../src/index.ts";
import type { Language } from "../../../src/index.ts";
import { buildSandbox } from "../../../src/sandbox/build-sandbox.ts";
import { resolveOptions } from "../../../src/sandbox/options.ts";
import type { ImportedFunction, Target } from "./hostile-calls.ts";
import { watchLinking } from "./watch-linking.ts";

type Signature = Pick<ImportedFunction, "parameters" | "result">;

/** The core modules that each guest is made of, from whose bytes the types of the imports are read. */
const MODULES: Readonly<Record<string, readonly string[]>> = {
  javascript: ["engine", "trampolines", "allocator", "adapter"].map((name) => `javascript/${name}.wasm`),
  python: ["python/python.wasm", "python/trampoline.wasm"],
};

/** A whole guest as a sandbox makes it, with every function of the host's that its modules were linked to. */
export async function liveGuest(
  language: Extract<Language, "javascript" | "python">,
): Promise<Target & { readonly close: () => void }> {
  const options = resolveOptions({
    language,
    clock: "virtual",
    random: { seed: 1 },
    files: { "/work": memoryDirectory({ maxBytes: 100_000, maxEntries: 50 }) },
    tools: { call: tool({ run: () => 1 }) },
    network: { allow: ["https://api.example.com/"] },
    fetch: async () => await Promise.resolve(new Response("")),
    limits: { memoryBytes: 64 * 2 ** 20 },
  });
  const { made: parts, linked } = await watchLinking(() => buildSandbox(host, options));
  const held = linked.flatMap(({ exports }) => Object.values(exports));
  const memories = held.filter((item) => item instanceof WebAssembly.Memory);
  const ofGuests = new Set<unknown>(held.filter((item) => typeof item === "function"));
  const functions: ImportedFunction[] = [];
  for (const { module, imports } of linked) {
    const types = typesOf(language, module);
    for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
      const call = imports[from]?.[name];
      if (kind === "memory" && call instanceof WebAssembly.Memory) memories.push(call);
      // What one module of the guest takes from another is none of the host's.
      if (kind === "function" && typeof call === "function" && !ofGuests.has(call))
        functions.push({
          name: `${from}.${name}`,
          ...(types.get(`${from}.${name}`) ?? { parameters: [], result: undefined }),
          call: call as () => unknown,
        });
    }
  }
  const [memory] = memories;
  if (memory === undefined) throw new Error(`The ${language} guest has no memory`);
  return {
    functions,
    memory,
    gauge: parts.fuel,
    maximumBytes: 64 * 2 ** 20,
    close: () => {
      parts.session.close();
      parts.files.dispose();
    },
  };
}

const known = new Map<string, ReadonlyMap<string, Signature>>();

/** The parameters of a module's imports. A compiled module does not say; the bytes that it was compiled from do. */
function typesOf(language: string, module: WebAssembly.Module): ReadonlyMap<string, Signature> {
  const wanted = importNames(module);
  const found = known.get(wanted);
  if (found !== undefined) return found;
  for (const file of MODULES[language] ?? []) {
    const bytes = readFileSync(new URL(`../../../dist/runtimes/${file}`, import.meta.url));
    const decoded = decodeModule(bytes);
    const types = new Map<string, Signature>();
    for (const { module: from, name, kind, index } of decoded.imports) {
      const type = decoded.types[decoded.functionTypes[index] ?? -1];
      if (kind === "function" && type !== undefined && "params" in type)
        types.set(`${from}.${name}`, { parameters: type.params, result: type.results[0] });
    }
    known.set(importNames(new WebAssembly.Module(bytes)), types);
  }
  return known.get(wanted) ?? new Map<string, Signature>();
}

function importNames(module: WebAssembly.Module): string {
  return WebAssembly.Module.imports(module)
    .map(({ module: from, name }) => `${from}.${name}`)
    .join();
}
