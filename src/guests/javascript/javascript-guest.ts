import type { Guest, GuestContext, GuestSession, GuestKind, RuntimeAssets, SnapshotBase } from "../guest.ts";
import { digestOf, loadArtefacts, loadYieldingGlue } from "./artefacts.ts";
import type { Artefacts, ImageName } from "./artefacts.ts";
import { JavascriptSession } from "./javascript-session.ts";

const loaded = new WeakMap<RuntimeAssets, Map<ImageName, Promise<Artefacts>>>();

/**
 * JavaScript and TypeScript: QuickJS as a component, metered, started from an image that was made when the package was
 * built. TypeScript is the same engine with a type stripper in its image.
 */
export const javascriptGuest: Guest = {
  kinds: ["javascript", "typescript"],

  async create(context: GuestContext): Promise<GuestSession> {
    const artefacts = await artefactsFor(context.assets, imageOf(context.language));
    if (context.yields !== true) return new JavascriptSession(artefacts, context);
    return new JavascriptSession({ ...artefacts, glue: await loadYieldingGlue() }, context);
  },

  async snapshotBase(kind: GuestKind, assets: RuntimeAssets): Promise<SnapshotBase> {
    const { image, imageIdentity, file } = await artefactsFor(assets, imageOf(kind));
    return { identity: imageIdentity, moduleDigest: digestOf(file.component), image };
  },
};

function imageOf(kind: GuestKind): ImageName {
  return kind === "typescript" ? "typescript" : "javascript";
}

/** Loaded once for each platform; a failed load is forgotten, so that a repaired installation works without a restart. */
function artefactsFor(assets: RuntimeAssets, image: ImageName): Promise<Artefacts> {
  let images = loaded.get(assets);
  if (images === undefined) loaded.set(assets, (images = new Map()));
  let artefacts = images.get(image);
  if (artefacts === undefined) {
    artefacts = loadArtefacts(assets, image);
    images.set(image, artefacts);
    const known = images;
    artefacts.catch(() => known.delete(image));
  }
  return artefacts;
}
