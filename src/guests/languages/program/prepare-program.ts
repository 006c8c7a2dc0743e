import type { GuestContext, RuntimeAssets } from "../../guest.ts";
import { ModuleCache } from "../../module/module-cache.ts";
import { prepareModule } from "../../module/prepare-module.ts";
import type { PreparedModule } from "../../module/prepare-module.ts";
import { factsOf } from "../../language-facts.ts";
import { loadPeer, peerOf } from "../peers.ts";
import type { PreparedProgram } from "./program-session.ts";
import type { ProgramDriver } from "./program.ts";

/** By where the packages come from; a failed load is forgotten. */
const caches = new WeakMap<RuntimeAssets, ModuleCache<PreparedModule>>();

/** Reads, meters and compiles a program: once in a process for a language and a cap of memory. */
export async function prepareProgram(
  driver: ProgramDriver,
  { assets, memoryBytes }: Pick<GuestContext, "assets" | "memoryBytes">,
): Promise<PreparedProgram> {
  const { language } = driver;
  let cache = caches.get(assets);
  if (cache === undefined) caches.set(assets, (cache = new ModuleCache()));
  const module = await cache.get(`${language} ${memoryBytes}`, async () =>
    prepareModule(
      await loadPeer(assets, language),
      memoryBytes,
      `interpreter of ${factsOf(language)?.title ?? language}`,
    ),
  );
  const prelude = peerOf(language)?.prelude;
  return { driver, module, prelude: prelude === undefined ? new Uint8Array(0) : await assets.bytes(prelude) };
}
