import { checksum } from "../../engine/snapshot/checksum.ts";
import type { Language, RuntimeAssets } from "../../guests/guest.ts";
import { loadPeer, peerOf } from "../../guests/languages/peers.ts";

/** What of a language's artefacts decides what a program does in it, to the last unit of fuel. */
const DECISIVE: ReadonlyMap<Language, readonly string[]> = new Map([
  ["javascript", ["javascript/modules.json", "javascript/javascript.image"]],
  ["typescript", ["javascript/modules.json", "javascript/typescript.image"]],
  ["python", ["python/image.json", "python/image.bin", "python/stdlib.zip"]],
]);

const known = new WeakMap<RuntimeAssets, Map<Language, Promise<string>>>();

/** Tells one build of a guest from another. A recording made with one cannot be replayed with the other. */
export function engineMark(language: Language, assets: RuntimeAssets): Promise<string> {
  let marks = known.get(assets);
  if (marks === undefined) known.set(assets, (marks = new Map()));
  let mark = marks.get(language);
  if (mark === undefined) {
    mark = computeMark(language, assets);
    marks.set(language, mark);
    const kept = marks;
    mark.catch(() => kept.delete(language));
  }
  return mark;
}

async function computeMark(language: Language, assets: RuntimeAssets): Promise<string> {
  const sums: string[] = [];
  const peer = peerOf(language);
  if (peer !== undefined) {
    sums.push(checksum(await loadPeer(assets, language)).toString(16));
    if (peer.prelude !== undefined) sums.push(checksum(await assets.bytes(peer.prelude)).toString(16));
  }
  for (const name of DECISIVE.get(language) ?? []) sums.push(checksum(await assets.bytes(name)).toString(16));
  return `${language}:${sums.join("-")}`;
}
