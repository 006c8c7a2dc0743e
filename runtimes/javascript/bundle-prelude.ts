import { build } from "esbuild";
import path from "node:path";

export interface Bundle {
  /** A script whose value is the entry's default export. */
  readonly code: string;
  /** Directories of the packages that went into it, below node_modules. */
  readonly packages: readonly string[];
}

/** Bundles one entry of the prelude into a script for the engine. */
export async function bundlePrelude(
  root: string,
  entry: string,
  options: { readonly shortNames?: boolean } = {},
): Promise<Bundle> {
  const result = await build({
    entryPoints: [path.join(root, entry)],
    absWorkingDir: root,
    bundle: true,
    write: false,
    metafile: true,
    format: "iife",
    globalName: "bundle",
    target: "es2022",
    charset: "utf8",
    minifySyntax: true,
    minifyWhitespace: true,
    minifyIdentifiers: options.shortNames ?? false,
    legalComments: "none",
    banner: { js: "(function(){" },
    footer: { js: "return bundle.default;})()" },
  });
  const [output] = result.outputFiles;
  if (output === undefined) throw new Error(`Cannot bundle ${entry}: nothing came out`);
  const packages = new Set<string>();
  for (const input of Object.keys(result.metafile.inputs)) {
    const name = /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1];
    if (name !== undefined) packages.add(name);
  }
  return { code: output.text, packages: [...packages].sort() };
}
