import { readFileSync } from "node:fs";
import path from "node:path";

/** One file of test262 as its front matter describes it (INTERPRETING.md of the suite). */
export interface Test262 {
  /** Relative to the suite's `test` folder. */
  readonly name: string;
  readonly source: string;
  readonly includes: readonly string[];
  readonly flags: ReadonlySet<string>;
  /** The constructor's name of the error that it must end with. */
  readonly negative: string | undefined;
}

/** Throws an Error if the file has no front matter. */
export function readTest(folder: string, name: string): Test262 {
  const source = readFileSync(path.join(folder, "test", name), "utf8");
  const matter = /\/\*---([\s\S]*?)---\*\//.exec(source)?.[1]?.replaceAll("\r\n", "\n").replaceAll("\r", "\n");
  if (matter === undefined) throw new Error(`${name} has no front matter`);
  return {
    name,
    source,
    includes: list(matter, "includes"),
    flags: new Set(list(matter, "flags")),
    negative: /^negative:\n(?:[ \t]+.*\n)*?[ \t]+type: *(\w+)/m.exec(`${matter}\n`)?.[1],
  };
}

/** `key: [a, b]`, or one item a line behind dashes. */
function list(matter: string, key: string): readonly string[] {
  const inline = new RegExp(`^${key}: *\\[([^\\]]*)\\]`, "m").exec(matter)?.[1];
  if (inline !== undefined)
    return inline
      .split(",")
      .map((item) => item.trim())
      .filter((item) => item !== "");
  const block = new RegExp(`^${key}:\\n((?:[ \\t]*- .*\\n?)+)`, "m").exec(matter)?.[1] ?? "";
  return [...block.matchAll(/- *(\S+)/g)].map(([, item]) => item ?? "");
}

/** How a test is run: as it stands, in strict mode, or as a module. */
export interface Variant {
  readonly label: "sloppy" | "strict" | "module";
  readonly source: string;
}

export function variantsOf(test: Test262, harness: (file: string) => string): readonly Variant[] {
  const { flags, source } = test;
  if (flags.has("raw")) return [{ label: "sloppy", source }];
  const includes = ["assert.js", "sta.js", ...(flags.has("async") ? ["doneprintHandle.js"] : []), ...test.includes];
  const prelude = includes.map((file) => harness(file)).join("\n");
  if (flags.has("module")) return [{ label: "module", source: `${prelude}\n${source}` }];
  const sloppy: Variant = { label: "sloppy", source: `${prelude}\n${source}` };
  const strict: Variant = { label: "strict", source: `"use strict";\n${prelude}\n${source}` };
  if (flags.has("onlyStrict")) return [strict];
  if (flags.has("noStrict")) return [sloppy];
  return [sloppy, strict];
}
