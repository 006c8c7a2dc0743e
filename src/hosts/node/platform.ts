import { readFile } from "node:fs/promises";
import { setImmediate as nextTurn } from "node:timers/promises";
import { readWholeFile } from "./read-whole-file.ts";
import type { Platform } from "../platform.ts";
import { cachedAssets } from "../shared/cached-assets.ts";
import { compress, decompress } from "./deflate.ts";
import { timerSleep } from "../shared/timer-sleep.ts";
import { authenticate } from "../shared/web-authenticate.ts";
import { digest } from "../shared/web-digest.ts";
import { fillRandom } from "../shared/web-random.ts";
import type { HostDirectoryOptions } from "./host-directory/host-directory.ts";
import { peerPath } from "./peer-path.ts";
import { nodeTransport } from "./http/node-transport.ts";
import { startProcess } from "./workers/process.ts";
import { threadLine } from "./workers/thread-line.ts";
import { startThread } from "./workers/thread.ts";

// Right from src/hosts/node (tests) and from dist/hosts/node (the package).
const runtimes = new URL("../../../dist/runtimes/", import.meta.url);

// Own memory, reachable by nobody: waiting on it can only time out.
const never = new Int32Array(new SharedArrayBuffer(4));

async function bytes(name: string): Promise<Uint8Array<ArrayBuffer>> {
  return ownBytes(await readFile(new URL(name, runtimes)));
}

/** A small file may come as a view of a pool that other code holds too. */
function ownBytes(buffer: Awaited<ReturnType<typeof readFile>> & Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return buffer.byteLength === buffer.buffer.byteLength ? new Uint8Array(buffer.buffer) : Uint8Array.from(buffer);
}

/** The platform of Node 20 and later. */
export const platform: Platform = {
  name: "node",
  assets: cachedAssets({
    bytes,
    module: async (name) => WebAssembly.compile(await bytes(name)),
    peerFile: async (packageName, file) => ownBytes(await readFile(peerPath(packageName, file))),
  }),
  transport: nodeTransport(),
  monotonicNow: () => performance.now(),
  wallNow: () => Date.now(),
  evaluate: async (body) => (await import("node:vm")).compileFunction(body)() as unknown,
  fillRandom,
  digest,
  sleep: timerSleep,
  sleepSync: (ms) => {
    if (ms > 0) Atomics.wait(never, 0, 0, ms);
  },
  startThread,
  startProcess,
  hostLine: threadLine,
  openDirectory: async (options) =>
    (await import("./host-directory/host-directory.ts")).hostDirectory(options as HostDirectoryOptions),
  readFile: readWholeFile,
  compress,
  decompress,
  authenticate,
  yieldToEventLoop: () => nextTurn(),
};
