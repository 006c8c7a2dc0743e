import {
  create,
  defineValue,
  endsWith,
  join,
  keys,
  mapGet,
  mapHas,
  mapSet,
  parse,
  push,
  SafeError,
  SafeMap,
  startsWith,
  stringify,
  testPattern,
} from "./intrinsics.ts";
import { makeFs } from "./files/fs.ts";
import { isFile, readModuleText } from "./files/module-files.ts";
import { EVALUATE, evaluate, noteDenial } from "./native.ts";
import * as path from "./files/path.ts";

/** Turns TypeScript into JavaScript line by line; absent in the JavaScript image. */
export type Transform = (source: string, filename: string) => string;

let transform: Transform | undefined;
let typescript = false;
/** Sources given with the run, by the specifier they were given under and by absolute path. */
const inline = new SafeMap<string, string>();

export function setTransform(value: Transform): void {
  transform = value;
}

/** As the run's language asks: strips types or gives the source back. */
export function toJavaScript(source: string, filename: string): string {
  return typescript && transform !== undefined ? transform(source, filename) : source;
}

export function useTypeScript(on: boolean): void {
  typescript = on && transform !== undefined;
}

export function setInlineModules(modules: readonly (readonly [string, string])[]): void {
  for (let index = 0; index < modules.length; index++) {
    const [name, source] = modules[index] as readonly [string, string];
    mapSet(inline, name, source);
    mapSet(inline, path.resolve(name), source);
  }
}

const ALIASES = new SafeMap<string, string>([
  ["fs", "node:fs"],
  ["fs/promises", "node:fs/promises"],
  ["path", "node:path"],
  ["path/posix", "node:path"],
  ["node:path/posix", "node:path"],
]);
const BUILT_IN = new SafeMap<string, boolean>();

const REFUSED = "wardian:refused:";

/**
 * The name under which the engine knows a module. Called by the engine for each import: it can't say no here, so an
 * import that leads nowhere gets a name that {@link loadModule} refuses.
 */
export function normalizeModule(base: string, specifier: string): string {
  const alias = mapGet(ALIASES, specifier) ?? specifier;
  if (mapHas(BUILT_IN, alias)) return alias;
  if (mapHas(inline, specifier)) return specifier;
  let file: string;
  if (startsWith(specifier, "./") || startsWith(specifier, "../") || specifier === "." || specifier === "..")
    file = path.resolve(path.dirname(path.resolve(base)), specifier);
  else if (startsWith(specifier, "/")) file = path.resolve(specifier);
  else if (startsWith(specifier, "file:///"))
    file = path.resolve(decodeURIComponent(specifier.slice("file://".length)));
  else if (testPattern(/^[a-z][a-z0-9+.-]*:/i, specifier)) {
    noteDenial("I", specifier);
    return refuse(
      startsWith(specifier, "node:")
        ? `Cannot find module '${specifier}': of Node's modules there are fs, fs/promises and path`
        : `Cannot import '${specifier}': only files and modules given with the run can be imported`,
    );
  } else {
    noteDenial("I", specifier);
    return refuse(
      `Cannot find package '${specifier}': there are no packages in this sandbox; files are imported by path ("./${specifier}")`,
    );
  }
  return find(file) ?? refuse(`Cannot find module '${file}' imported from ${base}`);
}

const ENDINGS = ["", ".js", ".mjs", ".json", "/index.js", "/index.mjs"];
const TYPESCRIPT_ENDINGS = ["", ".ts", ".mts", ".js", ".mjs", ".json", "/index.ts", "/index.js"];

function find(file: string): string | undefined {
  const endings = typescript ? TYPESCRIPT_ENDINGS : ENDINGS;
  for (let index = 0; index < endings.length; index++) {
    const candidate = file + (endings[index] as string);
    if (mapHas(inline, candidate) || isFile(candidate)) return candidate;
  }
  // TypeScript's own rule: "./a.js" may mean "./a.ts".
  if (typescript && testPattern(/\.m?js$/, file)) {
    const candidate = `${file.slice(0, -2)}ts`;
    if (mapHas(inline, candidate) || isFile(candidate)) return candidate;
  }
  return undefined;
}

function refuse(message: string): string {
  return REFUSED + message;
}

/** The source of a module as the engine compiles it; throws what the importing code gets to see. */
export function loadModule(name: string): string {
  if (startsWith(name, REFUSED)) throw notFound(name.slice(REFUSED.length));
  const source = mapGet(inline, name) ?? readModuleText(name);
  if (source === undefined) throw notFound(`Cannot find module '${name}'`);
  let code = source;
  if (endsWith(name, ".json")) {
    parse(source); // Throws a SyntaxError that names no line of generated code.
    code = `export default JSON.parse(${stringify(source) as string});`;
  } else if (testPattern(/\.m?ts$/, name)) {
    if (transform === undefined)
      throw notFound(`Cannot import '${name}': TypeScript needs a sandbox of language "typescript"`);
    code = transform(source, name);
  } else if (!testPattern(/\.m?js$/, name)) code = toJavaScript(source, name);
  if (code.indexOf("\0") >= 0) throw new SyntaxError(`Cannot import '${name}': the source has a NUL character`);
  return code;
}

function notFound(message: string): Error {
  return defineValue(new SafeError(message), "code", "ERR_MODULE_NOT_FOUND", true);
}

/** What `wardian:environment` exports; the hook rebinds the module's variables at each run. */
let bindEnvironment: (args: readonly string[], env: object) => void = () => undefined;

export function setEnvironment(args: readonly string[], env: readonly (readonly [string, string])[]): void {
  const variables: Record<string, string> = create(null) as Record<string, string>;
  for (let index = 0; index < env.length; index++) {
    const [name, value] = env[index] as readonly [string, string];
    defineValue(variables, name, value, true);
  }
  bindEnvironment(args, variables);
}

/** Evaluates the built-in modules, once, at boot: later imports find them by name. */
export function installModules(): void {
  const { fs, promises } = makeFs();
  define("node:fs", fs);
  define("node:fs/promises", promises);
  define("node:path", { ...path, posix: path });
  const holder = globalThis as { hook?: unknown };
  holder.hook = (bind: typeof bindEnvironment): void => {
    bindEnvironment = bind;
  };
  evaluate(
    "export let args = [], env = {}; globalThis.hook((a, e) => { args = a; env = e; });",
    "wardian:environment",
    EVALUATE.module,
  );
  delete holder.hook;
  mapSet(BUILT_IN, "wardian:environment", true);
}

function define(name: string, exports: object): void {
  const holder = globalThis as { hook?: unknown };
  holder.hook = exports;
  const lines: string[] = ["const m = globalThis.hook; export default m;"];
  for (const key of keys(exports)) push(lines, `const $${key} = m.${key}; export { $${key} as ${key} };`);
  evaluate(join(lines, "\n"), name, EVALUATE.module);
  delete holder.hook;
  mapSet(BUILT_IN, name, true);
}
