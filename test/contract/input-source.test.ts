// What every standard input promises to whoever reads it.
import { spawn } from "node:child_process";
import path from "node:path";
import { describe, expect, test } from "vitest";
import type { InputSource } from "../../src/capabilities/environment.ts";
import { gatherInput } from "../../src/capabilities/environment/gather-input.ts";
import { inputSource } from "../../src/capabilities/environment/input-source.ts";
import { recordInput } from "../../src/capabilities/recording/input-tape.ts";
import { TapeWriter } from "../../src/capabilities/recording/tape-writer.ts";

const TEXT = "line one\n\u{1F33F} line two\n\0";
const BYTES = new TextEncoder().encode(TEXT);

async function* pieces(): AsyncGenerator<string | Uint8Array> {
  for (const letter of TEXT) yield await Promise.resolve(letter === "o" ? new TextEncoder().encode(letter) : letter);
}

const SOURCES: Readonly<Record<string, () => Promise<InputSource>>> = {
  text: async () => await Promise.resolve(inputSource(TEXT)),
  bytes: async () => await Promise.resolve(inputSource(BYTES)),
  "an iterable that was gathered": async () =>
    inputSource(await gatherInput(pieces(), { maxBytes: 1_000, signal: new AbortController().signal })),
  "a recorded one": async () => await Promise.resolve(recordInput(inputSource(TEXT), new TapeWriter(1e6))),
};

function readAll(source: InputSource, step: number): Uint8Array {
  const all: number[] = [];
  for (;;) {
    const into = new Uint8Array(step);
    const count = source.read(into);
    if (count === 0) return Uint8Array.from(all);
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThanOrEqual(step);
    all.push(...into.subarray(0, count));
  }
}

describe.each(Object.entries(SOURCES))("an input: %s", (_name, make) => {
  test.each([1, 3, 7, 1_000])("gives all of it, %d bytes at a time, and then its end for ever", async (step) => {
    const source = await make();
    expect(readAll(source, step)).toEqual(BYTES);
    expect([source.read(new Uint8Array(10)), source.read(new Uint8Array(10))]).toEqual([0, 0]);
  });

  test("writes no byte beyond what it says", async () => {
    const into = new Uint8Array(BYTES.length + 50).fill(7);
    const count = (await make()).read(into);
    expect(into.subarray(count).every((byte) => byte === 7)).toBe(true);
  });

  test("takes no room for no question", async () => {
    const source = await make();
    expect(source.read(new Uint8Array(0))).toBe(0);
    expect(readAll(source, 5)).toEqual(BYTES);
  });

  test("knows what is left, if it says so", async () => {
    const source = await make();
    if (source.rest === undefined) return;
    source.read(new Uint8Array(5));
    expect(source.rest()).toEqual(BYTES.subarray(5));
    expect(readAll(source, 9)).toEqual(BYTES.subarray(5));
  });
});

test("the process's own is read when it is asked for, to its end, through a pipe that is slow", async () => {
  const loader = path.resolve(import.meta.dirname, "../escape/harness/typescript-loader.mjs");
  const file = path.resolve(import.meta.dirname, "../../src/hosts/node/standard-input.ts");
  const program = `const { standardInput } = await import(${JSON.stringify(file)}); const source = standardInput(); const all = []; for (;;) { const into = new Uint8Array(4); const n = source.read(into); if (n === 0) break; all.push(...into.subarray(0, n)); } process.stdout.write(Buffer.from(all)); process.stdout.write(String(source.read(new Uint8Array(4))));`;
  const child = spawn(process.execPath, ["--import", loader, "--input-type=module", "--eval", program], {
    stdio: ["pipe", "pipe", "inherit"],
    timeout: 30_000,
  });
  const said: Buffer[] = [];
  child.stdout.on("data", (piece: Buffer) => said.push(piece));
  for (let at = 0; at < BYTES.length; at += 6) {
    child.stdin.write(BYTES.subarray(at, at + 6));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  child.stdin.end();
  await new Promise((resolve) => child.once("close", resolve));
  expect(Buffer.concat(said)).toEqual(Buffer.concat([BYTES, Buffer.from("0")]));
});
