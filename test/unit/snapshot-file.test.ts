import { beforeAll, describe, expect, test } from "vitest";
import { memoryDirectory, Sandbox, tool, WardianError } from "../../src/index.ts";
import type { RestoreOptions, SandboxOptions } from "../../src/index.ts";
import { decodePlain, encodePlain } from "../../src/sandbox/snapshot/plain-data.ts";
import { compress, decompress } from "../../src/hosts/browser/deflate.ts";
import { platform } from "../../src/hosts/node/platform.ts";
import { putTogether, takeApart } from "../support/snapshot-parts.ts";

const options: SandboxOptions = { language: "javascript" };
const key = Uint8Array.from({ length: 32 }, (_, index) => index);

async function refusal(bytes: Uint8Array, more: Partial<RestoreOptions> = {}): Promise<string> {
  try {
    (await Sandbox.restore(bytes, { ...options, ...more })).close();
    return "restored";
  } catch (error) {
    return error instanceof WardianError ? `${error.code}: ${error.message}` : String(error);
  }
}

describe("a snapshot file", () => {
  let plain: Uint8Array;
  let signed: Uint8Array;

  beforeAll(async () => {
    const sandbox = await Sandbox.create(options);
    await sandbox.run("globalThis.x = 1");
    plain = await sandbox.snapshot();
    signed = await sandbox.snapshot({ key });
    sandbox.close();
  });

  test("is signed if there is a key, and then only the key opens it", async () => {
    expect(await refusal(signed, { key })).toBe("restored");
    expect(await refusal(signed)).toBe("snapshot-signature: Cannot read a snapshot: it is signed; give the key");
    expect(await refusal(plain, { key })).toContain("snapshot-signature: ");
    expect(await refusal(signed, { key: key.map((byte) => byte ^ 1) })).toContain("not signed with this key");
    const forged = signed.slice();
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
    expect(await refusal(forged, { key })).toContain("not signed with this key");
  });

  test("says what is wrong with it", async () => {
    expect(await refusal(new Uint8Array(0))).toContain("it is no snapshot");
    expect(await refusal(plain.slice(0, 100))).toContain("not the length that it says");
    expect(await refusal(Uint8Array.from(plain, (byte, index) => (index === 4 ? 9 : byte)))).toContain(
      "foreign-snapshot",
    );
    expect(await refusal(Uint8Array.from(plain, (byte, index) => (index === 24 ? 7 : byte)))).toContain(
      "of its header",
    );
    expect(
      await refusal(Uint8Array.from(plain, (byte, index) => (index === plain.length - 5 ? byte ^ 1 : byte))),
    ).toContain('the checksum of the section "IMAG" is wrong');
    await expect(Sandbox.restore("text" as unknown as Uint8Array, options)).rejects.toThrow(TypeError);
  });

  test("unpacks to no more than its reader allows", async () => {
    expect(await refusal(plain, { maxBytes: 10_000 })).toContain("unpacks to more than the 10000 bytes");
    // A bomb: a kilobyte that would be gigabytes.
    const bomb = plain.slice();
    const view = new DataView(bomb.buffer);
    view.setUint32(20 + 2 * 20 + 12, 0xffff_fff0, true);
    const { checksum } = await import("../../src/engine/snapshot/checksum.ts");
    view.setUint32(20 + 3 * 20, checksum(bomb.subarray(0, 20 + 3 * 20)), true);
    expect(await refusal(bomb)).toContain("unpacks to more than");
    // What its reader allows, and no compression could come to.
    view.setUint32(20 + 12, 60 * 2 ** 20, true);
    view.setUint32(20 + 4, 1, true);
    view.setUint32(20 + 2 * 20 + 12, 5, true);
    view.setUint32(20 + 3 * 20, checksum(bomb.subarray(0, 20 + 3 * 20)), true);
    expect(await refusal(bomb)).toContain('the section "HEAD" cannot unpack to what it says');
    bomb.set(plain.subarray(20, 40), 20);
    view.setUint32(20 + 3 * 20, checksum(bomb.subarray(0, 20 + 3 * 20)), true);
    expect(await refusal(bomb)).toContain('the section "IMAG" cannot be unpacked');
  });

  test("belongs to its language, its package and its policy", async () => {
    expect(await refusal(plain, { language: "typescript" })).toContain('it is of a "javascript" sandbox');
    for (const change of [
      { limits: { fuel: 5 } },
      { files: { "/data": memoryDirectory() } },
      { network: { allow: ["https://example.com/"] } },
      { tools: { search: tool({ run: () => 1 }) } },
      { env: { A: "b" } },
      { args: ["x"] },
      { clock: "virtual" },
    ] as const) {
      expect(await refusal(plain, change)).toContain("with other limits, mounts, grants or environment");
      expect(await refusal(plain, { ...change, acceptPolicyChange: true })).toBe("restored");
    }
    const sections = takeApart(plain);
    const head = decodePlain(sections.get("HEAD") ?? new Uint8Array(0)) as Record<string, unknown>;
    const other = putTogether(new Map([...sections, ["HEAD", encodePlain({ ...head, base: "00" })]]));
    expect(await refusal(other)).toContain("another version of this package");
  });

  test("has the limits of its options, whatever it says", async () => {
    const tight = await Sandbox.restore(plain, { ...options, limits: { fuel: 1e8 }, acceptPolicyChange: true });
    expect(await tight.run("for (;;) {}")).toMatchObject({ status: "limit", limit: "fuel", allowed: 1e8 });
    expect(tight.limits.fuel).toBe(1e8);
    tight.close();
  });

  test.each([
    [{ key: "secret" }, TypeError],
    [{ key: new Uint8Array(8) }, RangeError],
    [{ whole: 1 }, TypeError],
    [{ other: 1 }, WardianError],
    ["whole", TypeError],
  ])("snapshot(%j) is refused", async (given, expected) => {
    const sandbox = await Sandbox.create(options);
    await expect(sandbox.snapshot(given as object)).rejects.toThrow(expected);
    sandbox.close();
    await expect(sandbox.snapshot()).rejects.toMatchObject({ code: "closed" });
    await expect(sandbox.fork()).rejects.toMatchObject({ code: "closed" });
  });

  test("unpacks in Node to memory of its own, of exactly the length", async () => {
    for (const length of [0, 1, 300, 5_000, 300_000]) {
      const bytes = Uint8Array.from({ length }, (_, index) => (index * index) >> 5);
      const packed = await platform.compress(bytes);
      const unpacked = await platform.decompress(packed, length);
      expect(Buffer.from(unpacked).equals(bytes)).toBe(true);
      expect(unpacked.buffer.byteLength).toBeLessThanOrEqual(length + 64);
      for (const wrong of [length - 1, length + 1].filter((other) => other >= 0))
        await expect(platform.decompress(packed, wrong)).rejects.toThrow(RangeError);
    }
  });

  test("packs in a browser as it does in Node", async () => {
    const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => (index % 1_000) & 0xff);
    expect(await platform.decompress(await compress(bytes), bytes.length)).toStrictEqual(bytes);
    expect(await decompress(await platform.compress(bytes), bytes.length)).toStrictEqual(bytes);
    for (const wrong of [bytes.length - 1, bytes.length + 1, 0]) {
      await expect(decompress(await compress(bytes), wrong)).rejects.toThrow();
      await expect(platform.decompress(await compress(bytes), wrong)).rejects.toThrow();
    }
  });
});

describe("plain data", () => {
  test("comes back as it was, special numbers and broken text included", () => {
    const data = {
      list: [null, undefined, true, false, 0, -0, 1, -1, 2 ** 53 - 1, 0.1, Number.NaN, Number.NEGATIVE_INFINITY],
      text: ["", "a", "\u0000", "\ud800", "\ud83d\ude00", "\ufeffx"],
      bytes: Uint8Array.of(1, 2, 3),
      nested: { __proto__x: { deep: [[]] } },
    };
    expect(decodePlain(encodePlain(data))).toEqual(data);
    expect(Object.getPrototypeOf(decodePlain(encodePlain({})) as object)).toBeNull();
  });

  test.each([
    ["nothing", []],
    ["an unknown kind", [99]],
    ["text that is cut", [6, 5, 65]],
    ["text that is not UTF-8", [6, 1, 0xff]],
    ["a list longer than the rest", [9, 0xff, 0xff, 0xff, 0x7f]],
    ["a number of more than 53 bits", [4, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]],
    ["a field without a name", [10, 1, 4, 1, 0]],
    ["bytes behind the end", [0, 0]],
    ["endless depth", Array.from({ length: 500 }, () => [9, 1]).flat()],
  ])("%s is refused", (_, bytes) => {
    expect(() => decodePlain(Uint8Array.from(bytes))).toThrow(WardianError);
  });
});
