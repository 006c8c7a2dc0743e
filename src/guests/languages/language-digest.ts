import type { GuestContext, Language, RuntimeAssets } from "../guest.ts";
import { loadPeer, peerOf } from "./peers.ts";

const encoder = new TextEncoder();

const known = new WeakMap<RuntimeAssets, Map<Language, Promise<string>>>();

/** SHA-256 of all that a language is run with, in hexadecimal: tells the state of one version from that of another. */
export function languageDigest(
  language: Language,
  assets: RuntimeAssets,
  digest: GuestContext["digest"],
): Promise<string> {
  let digests = known.get(assets);
  if (digests === undefined) known.set(assets, (digests = new Map()));
  let found = digests.get(language);
  if (found === undefined) {
    found = computeDigest(language, assets, digest);
    digests.set(language, found);
    const kept = digests;
    found.catch(() => kept.delete(language));
  }
  return found;
}

async function computeDigest(
  language: Language,
  assets: RuntimeAssets,
  digest: GuestContext["digest"],
): Promise<string> {
  const parts = [await digest(await loadPeer(assets, language))];
  const prelude = peerOf(language)?.prelude;
  if (prelude !== undefined) parts.push(await digest(await assets.bytes(prelude)));
  return await digest(encoder.encode(parts.join(" ")));
}
