import { WardianError } from "../../errors.ts";
import type { RuntimeAssets } from "../../guests/guest.ts";

/** How one platform loads an artefact. */
export interface AssetLoader {
  bytes(name: string): Promise<Uint8Array<ArrayBuffer>>;
  module(name: string): Promise<WebAssembly.Module>;
  /** Rejects with an error whose message says why. Absent: there are no packages. */
  peerFile?(packageName: string, file: string): Promise<Uint8Array<ArrayBuffer>>;
}

/**
 * Loads each artefact once in a process. A compiled module is kept; bytes are shared as long as somebody holds them
 * (they are tens of megabytes, and guests keep what they made of them). A failed load is forgotten, so that a repaired
 * installation works without a restart.
 */
export function cachedAssets(loader: AssetLoader): RuntimeAssets {
  return {
    bytes: rememberWeakly((name) => checkedLoad(name, () => loader.bytes(name))),
    module: remember((name) => checkedLoad(name, () => loader.module(name))),
    // What guests make of them they keep; the bytes are of use once.
    peerFile: async (packageName, file) => {
      if (loader.peerFile === undefined) throw new Error("there are no packages here");
      return await loader.peerFile(packageName, file);
    },
  };
}

function remember<T>(load: (name: string) => Promise<T>): (name: string) => Promise<T> {
  const loaded = new Map<string, Promise<T>>();
  return (name) => {
    let promise = loaded.get(name);
    if (promise === undefined) {
      promise = load(name);
      loaded.set(name, promise);
      promise.catch(() => loaded.delete(name));
    }
    return promise;
  };
}

function rememberWeakly<T extends object>(load: (name: string) => Promise<T>): (name: string) => Promise<T> {
  const loading = new Map<string, Promise<T>>();
  const loaded = new Map<string, WeakRef<T>>();
  return (name) => {
    const alive = loaded.get(name)?.deref();
    if (alive !== undefined) return Promise.resolve(alive);
    let promise = loading.get(name);
    if (promise === undefined) {
      promise = load(name)
        .then((value) => {
          loaded.set(name, new WeakRef(value));
          return value;
        })
        .finally(() => loading.delete(name));
      loading.set(name, promise);
    }
    return promise;
  };
}

async function checkedLoad<T>(name: string, load: () => Promise<T>): Promise<T> {
  // The names are our own; the check keeps it so.
  if (!/^[a-z0-9-]+(?:\/[a-z0-9-]+(?:\.[a-z0-9-]+)*)+$/.test(name)) {
    throw new WardianError("asset", `Cannot load the runtime artefact ${JSON.stringify(name)}: not a name of one`);
  }
  try {
    return await load();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new WardianError("asset", `Cannot load the runtime artefact "${name}": ${why}`, { cause });
  }
}
