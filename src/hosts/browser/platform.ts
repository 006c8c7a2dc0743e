import type { Platform } from "../platform.ts";
import { cachedAssets } from "../shared/cached-assets.ts";
import { compress, decompress } from "./deflate.ts";
import { fetchTransport } from "../../capabilities/network/transport/fetch-transport.ts";
import { timerSleep } from "../shared/timer-sleep.ts";
import { authenticate } from "../shared/web-authenticate.ts";
import { digest } from "../shared/web-digest.ts";
import { fillRandom } from "../shared/web-random.ts";
import { assetUrl } from "./asset-urls.ts";
import { blockThread } from "./block-thread.ts";
import { evaluateAsModule } from "./evaluate-as-module.ts";
import { nextTurn } from "./next-turn.ts";
import { startWebWorker } from "./workers/web-worker.ts";
import { webWorkerLine } from "./workers/worker-line.ts";

async function load(name: string): Promise<Response> {
  const response = await fetch(assetUrl(name));
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  return response;
}

async function compile(name: string): Promise<WebAssembly.Module> {
  const response = await load(name);
  // Streaming needs the right media type, which plain static servers do not always send.
  if (response.headers.get("content-type")?.startsWith("application/wasm") === true) {
    return WebAssembly.compileStreaming(response);
  }
  return WebAssembly.compile(await response.arrayBuffer());
}

/** The platform of browser pages and workers, and of other runtimes with web APIs. */
export const platform: Platform = {
  name: "browser",
  assets: cachedAssets({
    bytes: async (name) => new Uint8Array(await (await load(name)).arrayBuffer()),
    module: compile,
    peerFile: async (packageName, file) => {
      const response = await fetch(import.meta.resolve(`${packageName}/${file}`));
      if (!response.ok) throw new Error(`the server answered ${response.status}`);
      return new Uint8Array(await response.arrayBuffer());
    },
  }),
  transport: fetchTransport(async (url, init) => await fetch(url, init)),
  monotonicNow: () => performance.now(),
  wallNow: () => Date.now(),
  evaluate: evaluateAsModule,
  fillRandom,
  digest,
  sleep: timerSleep,
  sleepSync: blockThread,
  compress,
  decompress,
  authenticate,
  startThread: startWebWorker,
  hostLine: webWorkerLine,
  yieldToEventLoop: nextTurn,
};
