import type { Guest, GuestContext, GuestSession, GuestKind, RuntimeAssets, SnapshotBase } from "../guest.ts";
import { loadPythonRuntime } from "./python-runtime.ts";
import type { PythonRuntime } from "./python-runtime.ts";
import { PythonSession } from "./python-session.ts";

/** Runtimes by where they came from: loaded once, shared by all sessions; a failed load is forgotten. */
const runtimes = new WeakMap<RuntimeAssets, Promise<PythonRuntime>>();

/** CPython, started from a ready image. */
export const pythonGuest: Guest = {
  kinds: ["python"],
  async create(context: GuestContext): Promise<GuestSession> {
    return PythonSession.create(context, await runtimeOf(context.assets));
  },
  async snapshotBase(_kind: GuestKind, assets: RuntimeAssets): Promise<SnapshotBase> {
    const { imageIdentity, moduleDigest, image } = await runtimeOf(assets);
    return { identity: imageIdentity, moduleDigest, image };
  },
};

function runtimeOf(assets: RuntimeAssets): Promise<PythonRuntime> {
  const known = runtimes.get(assets);
  if (known !== undefined) return known;
  const loading = loadPythonRuntime(assets);
  runtimes.set(assets, loading);
  loading.catch(() => runtimes.delete(assets));
  return loading;
}
