import { readFileSync } from "node:fs";
import path from "node:path";
import type { Guest, RuntimeAssets } from "../../src/guests/guest.ts";
import { javascriptGuest } from "../../src/guests/javascript/javascript-guest.ts";
import { pythonGuest } from "../../src/guests/python/python-guest.ts";
import { platform } from "../../src/hosts/node/platform.ts";
import { cachedAssets } from "../../src/hosts/shared/cached-assets.ts";
import { Sandbox } from "../../src/sandbox/sandbox.ts";
import type { SandboxOptions } from "../../src/sandbox/options.ts";

const runtimes = path.resolve(import.meta.dirname, "../../../dist/runtimes");
const bytes = async (name: string): Promise<Uint8Array<ArrayBuffer>> =>
  await Promise.resolve(Uint8Array.from(readFileSync(path.join(runtimes, name))));

/** The artefacts of the build. */
const built: RuntimeAssets = cachedAssets({
  bytes,
  module: async (name) => await WebAssembly.compile(await bytes(name)),
});

const guests = [javascriptGuest, pythonGuest];

/** A sandbox as the package makes it, but on a clock or on artefacts of the bench's choice. */
export class BenchSandbox extends Sandbox {
  /** With `now` as the monotonic clock of host and guest, in milliseconds. */
  static async create(options: SandboxOptions, now: () => number): Promise<BenchSandbox> {
    return new BenchSandbox(
      await Sandbox.createOn({ platform: { ...platform, assets: built, monotonicNow: now }, guests }, options),
    );
  }

  static async on(assets: RuntimeAssets, options: SandboxOptions): Promise<BenchSandbox> {
    return new BenchSandbox(await Sandbox.createOn({ platform: { ...platform, assets }, guests }, options));
  }

  /** With a guest of the bench's choice. */
  static async of(guest: Guest, options: SandboxOptions): Promise<BenchSandbox> {
    return new BenchSandbox(
      await Sandbox.createOn({ platform: { ...platform, assets: built }, guests: [guest] }, options),
    );
  }

  /** Runs `source` and returns its value; throws unless it ended well. */
  evaluate(source: string): unknown {
    const result = this.runSync(source);
    if (result.status !== "ok") throw new Error(`The bench's program failed: ${JSON.stringify(result)}`);
    return result.value;
  }
}
