/**
 * The export names of the engine's core module. They are minified; the package's own loader says which is which, as
 * `d._QTS_Eval=b.pa`.
 *
 * Throws an Error if the loader no longer looks like this or names something twice.
 */
export function readEngineNames(loader: string): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const [, name, minified] of loader.matchAll(/\bd\._(\w+)=\s*b\.([\w$]+)/g)) {
    if (name === undefined || minified === undefined) continue;
    if (names.has(name)) throw new Error(`Cannot read the engine's names: "${name}" is there twice`);
    names.set(name, minified);
  }
  const constructors = /\bba=!0;Z\.([\w$]+)\(\)/.exec(loader)?.[1];
  if (constructors === undefined)
    throw new Error("Cannot read the engine's names: the call of its constructors is not where it was");
  names.set("__wasm_call_ctors", constructors);
  return names;
}

/** Fills the `{{name}}` of the adapter. Throws an Error for a name that the engine does not export. */
export function fillEngineNames(wat: string, names: ReadonlyMap<string, string>): string {
  return wat.replaceAll(/\{\{(\w+)\}\}/g, (_match, name: string) => {
    const minified = names.get(name);
    if (minified === undefined) throw new Error(`Cannot build the adapter: the engine has no export for "${name}"`);
    return minified;
  });
}

/** The imports of the engine that the adapter provides, in the order of its table. */
const EXPECTED_IMPORTS = "b c d e f g h i j k l m n o p q r s t a".split(" ");

/** Throws an Error unless the engine imports exactly what the trampolines provide. */
export function checkEngineImports(module: WebAssembly.Module): void {
  const found = WebAssembly.Module.imports(module).map((item) => `${item.module}.${item.name}`);
  const expected = EXPECTED_IMPORTS.map((name) => `a.${name}`);
  if (found.toString() !== expected.toString())
    throw new Error(`Cannot build the component: the engine imports ${found.join(" ")}`);
}

/** What each minified import does, by the loader's own text: the letters are re-dealt with every release of the engine. */
const IMPORT_MARKS: readonly (readonly [letter: string, mark: RegExp])[] = [
  ["b", /\bb:\(a,c,b,e\)=>N\(`Assertion failed/],
  ["g", /\bg:function\(a,c,b,e\)\{[^}]*normalizeModule/],
  ["h", /\bh:function\(a,c,b\)\{[^}]*loadModuleSource/],
  ["i", /\bi:function\(a\)\{[^}]*shouldInterrupt/],
  ["j", /\bj:\(a,c\)=>\{T\[a\]/],
  ["k", /\bk:a=>\{var c=K\.length/],
  ["l", /\bl:\(\)=>\{Q=!1/],
  ["m", /\bm:function\(a,c\)\{[^}]*new Date\(1E3\*a\)/],
  ["n", /\bn:\(a,c,b,e\)=>\{var f=\(new Date\)/],
  ["p", /\bp:\(\)=>Date\.now\(\)/],
  ["q", /\bq:\(\)=>N\(""\)/],
  ["r", /\br:pa,/],
  ["s", /\bs:function\(a,c,b,e,f\)\{[^}]*callFunction/],
  ["t", /\bt:function\(a,c\)\{[^}]*freeHostRef/],
];

/** Throws an Error if an import's letter no longer stands for the function that the adapter puts there. */
export function checkImportMeanings(loader: string): void {
  for (const [letter, mark] of IMPORT_MARKS) {
    if (!mark.test(loader))
      throw new Error(
        `Cannot build the component: import "${letter}" of the engine is no longer what the adapter takes it for`,
      );
  }
}
