import type { RuntimeAssets } from "../../guest.ts";
import { loadPeer } from "../peers.ts";

const ABSENT = 'const absent = () => { throw new Error("this sandbox does not have it"); };';

/**
 * The modules that bash is made of, for the JavaScript guest: just-bash's own build for browsers, which takes a few packages
 * from beside it. What needs a platform (compression, HTML parsing) is absent: those commands fail.
 */
export async function loadBashModules(assets: RuntimeAssets): Promise<ReadonlyMap<string, string>> {
  const decoder = new TextDecoder();
  const bundle = decoder.decode(await loadPeer(assets, "bash"));
  const [sprintf, diff] = [
    decoder.decode(await besides(assets, "sprintf-js", "src/sprintf.js")),
    decoder.decode(await besides(assets, "diff", "dist/diff.js")),
  ];
  return new Map([
    // Names of the platform's modules are never looked for among the given ones.
    ["just-bash", bundle.replaceAll('from"node:zlib"', 'from"absent-zlib"')],
    ["sprintf-js", fromCommonJs(sprintf, ["sprintf", "vsprintf"])],
    ["diff", fromCommonJs(diff, ["createTwoFilesPatch", "createPatch", "structuredPatch", "diffLines", "diffArrays"])],
    ["minimatch", MINIMATCH],
    ["turndown", `${ABSENT} export default class { constructor() { absent(); } }`],
    ["absent-zlib", `${ABSENT} export const gunzipSync = absent, gzipSync = absent, constants = {};`],
  ]);
}

/** A dependency of just-bash's: where npm put it, below the package or beside it. */
async function besides(assets: RuntimeAssets, name: string, file: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await assets.peerFile("just-bash", `node_modules/${name}/${file}`);
  } catch {
    return await assets.peerFile(name, file);
  }
}

/** The text of a CommonJS or UMD module as an ES module with these exports. */
function fromCommonJs(text: string, names: readonly string[]): string {
  const exported = names.map((name) => `export const ${name} = exports.${name};`).join("\n");
  return `const module = { exports: {} }; const exports = module.exports;\n(function () {${text}\n}).call({});\n${exported}`;
}

/** What just-bash asks of it: whether a whole path matches a pattern of `*`, `?`, `[…]` and `**`. */
const MINIMATCH = String.raw`
export function minimatch(text, pattern) {
  let source = "";
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at];
    if (character === "*" && pattern[at + 1] === "*") {
      at += pattern[at + 2] === "/" ? 2 : 1;
      source += ".*";
    } else if (character === "*") source += "[^/]*";
    else if (character === "?") source += "[^/]";
    else if (character === "[" && pattern.indexOf("]", at + 2) > 0) {
      const end = pattern.indexOf("]", at + 2);
      source += "[" + pattern.slice(at + 1, end).replace(/^!/, "^").replaceAll("\\", "\\\\") + "]";
      at = end;
    } else source += character.replace(/[\\^$.*+?()[\]{}|]/, "\\$&");
  }
  return new RegExp("^" + source + "$", "s").test(text);
}`;
