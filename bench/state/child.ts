// One measurement in a process of its own: child.js <what> <language> <count>
import { prepare, Sandbox } from "wardian";
import type { SandboxImage } from "wardian";
import { answer } from "../harness/child.ts";
import { cpuMs } from "../harness/cpu-time.ts";

const [what, languageText, countText] = process.argv.slice(2);
const language = languageText as "javascript" | "python";
const count = Number(countText);

/** Makes and resets before the counted ones, in which the engine compiles what they use. */
const WARM_UP = language === "javascript" ? 200 : 5;
/** Short things are timed many at once. */
const BATCH = language === "javascript" ? 20 : 1;

/** CPU milliseconds of one of `BATCH` pieces of work, in `count` rounds; what `work` returns is cleared away, untimed. */
async function rounds<T>(work: () => Promise<T>, clear: (made: T) => void): Promise<number[]> {
  const times: number[] = [];
  for (let round = -Math.ceil(WARM_UP / BATCH); round < count; round++) {
    globalThis.gc?.();
    const made: T[] = [];
    const started = cpuMs();
    for (let piece = 0; piece < BATCH; piece++) made.push(await work());
    const spent = cpuMs() - started;
    if (round >= 0) times.push(spent / BATCH);
    for (const one of made) clear(one);
  }
  return times;
}

const close = (sandbox: Sandbox): void => sandbox.close();

async function someImage(): Promise<SandboxImage> {
  return await prepare(language, { setup: language === "python" ? "ready = [1]" : "globalThis.ready = [1]" });
}

async function start(): Promise<number[]> {
  const image = await someImage();
  return await rounds(async () => await Sandbox.create({ image }), close);
}

async function reset(): Promise<number[]> {
  const sandbox = await Sandbox.create({ image: await someImage() });
  const times: number[] = [];
  for (let round = -Math.ceil(WARM_UP / BATCH); round < count; round++) {
    let spent = 0;
    for (let piece = 0; piece < BATCH; piece++) {
      await sandbox.run("[1, 2, 3]");
      const started = cpuMs();
      await sandbox.reset();
      spent += cpuMs() - started;
    }
    if (round >= 0) times.push(spent / BATCH);
  }
  sandbox.close();
  return times;
}

/** A sandbox with 20 MB of data that a program works with. */
async function fork(): Promise<number[]> {
  const sandbox = await Sandbox.create({ language });
  await sandbox.run("data = [bytes([i % 256]) * 1000 for i in range(20_000)]");
  return await rounds(async () => await sandbox.fork(), close);
}

async function snapshotSize(): Promise<Record<"delta" | "whole", number>> {
  const sandbox = await Sandbox.create({ language });
  await sandbox.run("import json; json.dumps([1])");
  const delta = (await sandbox.snapshot()).length;
  const whole = (await sandbox.snapshot({ whole: true })).length;
  sandbox.close();
  return { delta, whole };
}

async function restore(whole: boolean): Promise<number[]> {
  const sandbox = await Sandbox.create({ language });
  await sandbox.run("import json; json.dumps([1])");
  const bytes = await sandbox.snapshot({ whole });
  sandbox.close();
  return await rounds(async () => await Sandbox.restore(bytes, { language }), close);
}

/** Bytes that hold this process's memory up, garbage aside. */
async function residentBytes(): Promise<number> {
  for (let round = 0; round < 4; round++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return process.memoryUsage.rss();
}

/** Bytes of resident memory that each of `count` live sandboxes adds, none of which has run anything. */
async function resident(): Promise<number> {
  const live: Sandbox[] = [];
  // What all share (compiled code, the image, the standard library) is there before counting starts.
  for (let warm = 0; warm < 3; warm++) live.push(await Sandbox.create({ language }));
  const before = await residentBytes();
  for (let number = 0; number < count; number++) live.push(await Sandbox.create({ language }));
  const after = await residentBytes();
  for (const sandbox of live) sandbox.close();
  return (after - before) / count;
}

/** What the method says of nothing at all. */
async function control(): Promise<number[]> {
  return await rounds(
    async () => await Promise.resolve(),
    () => undefined,
  );
}

const measurements: ReadonlyMap<string, () => Promise<unknown>> = new Map(
  Object.entries({
    start,
    reset,
    fork,
    snapshotSize,
    restoreDelta: () => restore(false),
    restoreWhole: () => restore(true),
    resident,
    control,
  }),
);
const measurement = measurements.get(what ?? "");
if (measurement === undefined) throw new Error(`There is nothing to measure by the name "${what}"`);
answer(await measurement());
