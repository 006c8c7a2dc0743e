import { WardianError } from "../../errors.ts";
import type { RuntimeAssets } from "../../guests/guest.ts";

/** How one platform loads an artefact. */
export interface AssetLoader {
  bytes(name: string): Promise<Uint8Array<ArrayBuffer>>;
  module(name: string): Promise<WebAssembly.Module>;
}

/** Loads each artefact once in a process. A failed load is forgotten, so that a repaired installation works without a restart. */
export function cachedAssets(loader: AssetLoader): RuntimeAssets {
  return {
    bytes: remember((name) => loader.bytes(name)),
    module: remember((name) => loader.module(name)),
  };
}

function remember<T>(load: (name: string) => Promise<T>): (name: string) => Promise<T> {
  const loaded = new Map<string, Promise<T>>();
  return (name) => {
    let promise = loaded.get(name);
    if (promise === undefined) {
      promise = checkedLoad(name, load);
      loaded.set(name, promise);
      promise.catch(() => loaded.delete(name));
    }
    return promise;
  };
}

async function checkedLoad<T>(name: string, load: (name: string) => Promise<T>): Promise<T> {
  // The names are our own; the check keeps it so.
  if (!/^[a-z0-9-]+(?:\/[a-z0-9-]+(?:\.[a-z0-9-]+)*)+$/.test(name)) {
    throw new WardianError("asset", `Cannot load the runtime artefact ${JSON.stringify(name)}: not a name of one`);
  }
  try {
    return await load(name);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new WardianError("asset", `Cannot load the runtime artefact "${name}": ${why}`, { cause });
  }
}
