import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { WardianError } from "../../src/errors.ts";
import { assetUrl, assetUrls } from "../../src/hosts/browser/asset-urls.ts";
import { platform as browserPlatform } from "../../src/hosts/browser/platform.ts";
import { platform as nodePlatform } from "../../src/hosts/node/platform.ts";
import { cachedAssets } from "../../src/hosts/shared/cached-assets.ts";

const EMPTY_MODULE = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
const runtimes = path.resolve(import.meta.dirname, "../../dist/runtimes");

// The browser's platform uses web APIs only, which Node has too; test/runtime/browser runs it in a browser.
describe.each([nodePlatform, browserPlatform])("the platform $name", (platform) => {
  test("has a wall clock, and a monotonic one with fractions", () => {
    expect(Math.abs(platform.wallNow() - Date.now())).toBeLessThan(1_000);
    const readings = Array.from({ length: 1_000 }, () => platform.monotonicNow());
    expect(readings).toEqual(readings.toSorted((a, b) => a - b));
    expect(readings.some((reading) => !Number.isInteger(reading))).toBe(true);
  });

  test("blocks the thread for as long as it is told", () => {
    for (const ms of [0, -5, Number.NaN]) {
      const start = platform.monotonicNow();
      platform.sleepSync(ms);
      expect(platform.monotonicNow() - start).toBeLessThan(1_000);
    }
    const start = platform.monotonicNow();
    let fired = false;
    setTimeout(() => {
      fired = true;
    }, 1);
    platform.sleepSync(30);
    expect(platform.monotonicNow() - start).toBeGreaterThanOrEqual(29);
    expect(fired).toBe(false);
  });

  test("sleeps without blocking, and stops on abort with the reason and no listener left", async () => {
    const start = platform.monotonicNow();
    let fired = false;
    setTimeout(() => {
      fired = true;
    }, 1);
    await platform.sleep(30);
    expect(platform.monotonicNow() - start).toBeGreaterThanOrEqual(29);
    expect(fired).toBe(true);

    const controller = new AbortController();
    let listeners = 0;
    const { signal } = controller;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners += 1;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...args);
    };
    await platform.sleep(1, signal);
    expect(listeners).toBe(0);
    const sleeping = platform.sleep(60_000, signal);
    controller.abort("enough");
    await expect(sleeping).rejects.toBe("enough");
    await expect(platform.sleep(60_000, signal)).rejects.toBe("enough");
    await expect(platform.sleep(0)).resolves.toBeUndefined();
  });

  test("does not take a time longer than a timer for no time", async () => {
    const controller = new AbortController();
    const sleeping = platform.sleep(2 ** 31 + 5, controller.signal);
    const first = await Promise.race([sleeping.catch(() => "aborted"), platform.sleep(20).then(() => "still asleep")]);
    expect(first).toBe("still asleep");
    controller.abort();
    await expect(sleeping).rejects.toThrow();
  });

  test("gives the event loop a turn", async () => {
    const fired: number[] = [];
    setTimeout(() => fired.push(1), 0);
    for (let turn = 0; turn < 10_000 && fired.length === 0; turn += 1) await platform.yieldToEventLoop();
    expect(fired).toEqual([1]);
  });

  test("draws few random bytes as well as many: all of them filled, none twice", () => {
    const drawn = new Set<string>();
    for (let round = 0; round < 2_000; round++) {
      const bytes = new Uint8Array(16);
      platform.fillRandom(bytes.subarray(0, 8));
      platform.fillRandom(bytes.subarray(8));
      drawn.add(Buffer.from(bytes.subarray(0, 8)).toString("hex"));
      drawn.add(Buffer.from(bytes.subarray(8)).toString("hex"));
    }
    expect(drawn.size).toBe(4_000);
    for (const length of [0, 1, 63, 64, 65, 512, 513]) {
      // In each of so many tries one byte in 256 is zero: that the same place is zero in all is one in 256 ** 8.
      const tries = Array.from({ length: 8 }, () => {
        const bytes = new Uint8Array(length);
        platform.fillRandom(bytes);
        return bytes;
      });
      for (let at = 0; at < length; at++) expect(tries.some((bytes) => bytes[at] !== 0)).toBe(true);
    }
  });

  test("fills any length with random bytes", () => {
    const bytes = new Uint8Array(70_000);
    platform.fillRandom(bytes);
    expect(bytes.subarray(0, 1_000).some((byte) => byte !== 0)).toBe(true);
    expect(bytes.subarray(-1_000).some((byte) => byte !== 0)).toBe(true);
  });

  test("says which artefact is missing, and loads no other file", async () => {
    const failure = async (name: string): Promise<unknown> =>
      platform.assets
        .bytes(name)
        .catch((error: unknown) => (error instanceof WardianError ? [error.code, error.message] : error));
    expect(await failure("python/none.bin")).toEqual([
      "asset",
      expect.stringMatching(/^Cannot load the runtime artefact "python\/none\.bin": ./),
    ]);
    for (const name of [
      "../package.json",
      "python/../../package.json",
      "/etc/passwd",
      "x",
      "",
      "python/",
      "a/..",
      "http://x/y",
      "a/b?c",
      "a%2e/b",
    ]) {
      expect(await failure(name)).toEqual([
        "asset",
        `Cannot load the runtime artefact ${JSON.stringify(name)}: not a name of one`,
      ]);
    }
  });
});

describe("cachedAssets", () => {
  test("compiles a module once, and gives bytes to all who ask at the same time", async () => {
    const loads: string[] = [];
    const assets = cachedAssets({
      bytes: async (name) => {
        loads.push(`bytes ${name}`);
        return EMPTY_MODULE;
      },
      module: async (name) => {
        loads.push(`module ${name}`);
        return WebAssembly.compile(EMPTY_MODULE);
      },
    });
    const [first, second] = await Promise.all([assets.module("a/b"), assets.module("a/b")]);
    expect(first).toBe(second);
    expect(await assets.module("a/b")).toBe(first);
    const [one, two] = await Promise.all([assets.bytes("a/b"), assets.bytes("a/b")]);
    expect(one).toBe(two);
    expect(await assets.bytes("a/b")).toBe(one);
    expect(loads).toEqual(["module a/b", "bytes a/b"]);
  });

  test("forgets a failure", async () => {
    let broken = true;
    const load = async (): Promise<Uint8Array<ArrayBuffer>> => {
      if (broken) throw new Error("disk on fire");
      return EMPTY_MODULE;
    };
    const assets = cachedAssets({ bytes: load, module: async () => WebAssembly.compile(await load()) });
    const message = 'Cannot load the runtime artefact "a/b": disk on fire';
    await expect(assets.bytes("a/b")).rejects.toThrow(new WardianError("asset", message));
    await expect(assets.module("a/b")).rejects.toThrow(new WardianError("asset", message));
    broken = false;
    expect(await assets.bytes("a/b")).toBe(EMPTY_MODULE);
    expect(await assets.module("a/b")).toBeInstanceOf(WebAssembly.Module);
  });
});

describe.skipIf(!existsSync(runtimes))("the built artefacts (skipped before the first build)", () => {
  /** Not loaded through a platform: stamps of the build, licences, and glue that is imported as a module. */
  const isOther = (name: string): boolean => /(?:stamp|\.txt|\.js|\.d\.ts|\.map)$/.test(name);

  test("are all in the browser's list, and the list holds nothing else", () => {
    const built = readdirSync(runtimes, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !isOther(entry.name))
      .map((entry) => path.relative(runtimes, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, "/"));
    expect([...assetUrls.keys()].toSorted()).toEqual(built.toSorted());
  });

  test("are where the platforms look for them", async () => {
    for (const name of assetUrls.keys()) {
      expect((await nodePlatform.assets.bytes(name)).byteLength).toBeGreaterThan(0);
      expect(assetUrl(name).pathname).toMatch(new RegExp(`/runtimes/${name.replaceAll(".", String.raw`\.`)}$`));
    }
    expect(await nodePlatform.assets.module("javascript/adapter.wasm")).toBeInstanceOf(WebAssembly.Module);
  });
});
