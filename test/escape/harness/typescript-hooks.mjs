import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { transform } from "sucrase";

const platform = new URL("../../../src/hosts/node/platform.ts", import.meta.url).href;

export function resolve(specifier, context, next) {
  return specifier === "#platform" ? { url: platform, format: "module", shortCircuit: true } : next(specifier, context);
}

export async function load(url, context, next) {
  if (!url.endsWith(".ts")) return await next(url, context);
  const { code } = transform(await readFile(fileURLToPath(url), "utf8"), {
    transforms: ["typescript"],
    disableESTransforms: true,
    keepUnusedImports: true,
    preserveDynamicImport: true,
  });
  return { format: "module", source: code, shortCircuit: true };
}
