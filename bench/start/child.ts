// One measurement in a process of its own: child.js <what> <language> <count>
import { Sandbox } from "wardian";
import { answer } from "../harness/child.ts";

const [what, language, countText] = process.argv.slice(2);
const count = Number(countText);
const options = { language: language as "javascript" | "python" };

/** Bytes that hold this process's memory up, garbage aside. */
async function residentBytes(): Promise<number> {
  for (let round = 0; round < 4; round++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return process.memoryUsage.rss();
}

/** Milliseconds of the first `create` in this process, artefacts read and compiled. */
async function first(): Promise<number> {
  const started = performance.now();
  const sandbox = await Sandbox.create(options);
  const ms = performance.now() - started;
  sandbox.close();
  return ms;
}

/** Milliseconds of each later `create`, of the first run in it, and of the `reset` behind that. */
async function later(): Promise<Record<"createMs" | "firstRunMs" | "firstResetMs", number[]>> {
  const result = { createMs: [] as number[], firstRunMs: [] as number[], firstResetMs: [] as number[] };
  for (let round = -WARM_UP; round < count; round++) {
    globalThis.gc?.();
    const started = performance.now();
    const sandbox = await Sandbox.create(options);
    const created = performance.now();
    await sandbox.run("[1, 2, 3]");
    const ran = performance.now();
    // oxlint-disable-next-line typescript/no-floating-promises -- an inline sandbox is back when the call returns
    sandbox.reset();
    const reset = performance.now();
    if (round >= 0) {
      result.createMs.push(created - started);
      result.firstRunMs.push(ran - created);
      result.firstResetMs.push(reset - ran);
    }
    sandbox.close();
  }
  return result;
}

/** Milliseconds of a run and of a reset in a sandbox that does nothing else: one run, one reset, over and over. */
async function reused(): Promise<Record<"runMs" | "resetMs", number[]>> {
  const result = { runMs: [] as number[], resetMs: [] as number[] };
  const sandbox = await Sandbox.create(options);
  for (let round = -10 * WARM_UP; round < count; round++) {
    const started = performance.now();
    await sandbox.run("[1, 2, 3]");
    const ran = performance.now();
    // oxlint-disable-next-line typescript/no-floating-promises -- an inline sandbox is back when the call returns
    sandbox.reset();
    const reset = performance.now();
    if (round >= 0) {
      result.runMs.push(ran - started);
      result.resetMs.push(reset - ran);
    }
  }
  sandbox.close();
  return result;
}

/** Creations before the counted ones, in which the engine compiles what they use. */
const WARM_UP = 5;

/** Bytes of resident memory that each of `count` live sandboxes adds, all of them having run something. */
async function resident(): Promise<number> {
  const live: Sandbox[] = [];
  const add = async (): Promise<void> => {
    const sandbox = await Sandbox.create(options);
    const result = await sandbox.run("[1, 2, 3]");
    if (result.status !== "ok") throw new Error(`The run ended as ${result.status}`);
    live.push(sandbox);
  };
  // What all share (compiled code, the image, the standard library) is there before counting starts.
  for (let warm = 0; warm < 3; warm++) await add();
  const before = await residentBytes();
  for (let number = 0; number < count; number++) await add();
  const after = await residentBytes();
  for (const sandbox of live) sandbox.close();
  return (after - before) / count;
}

/** The same for things that are no sandbox: what the method itself says. */
async function residentControl(): Promise<number> {
  const module = new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
  const live: WebAssembly.Instance[] = [];
  const before = await residentBytes();
  for (let number = 0; number < count; number++) live.push(new WebAssembly.Instance(module));
  const after = await residentBytes();
  return live.length === count ? (after - before) / count : Number.NaN;
}

/** Milliseconds of an empty asynchronous function, timed as `create` is. */
async function control(): Promise<number[]> {
  const rounds: number[] = [];
  const nothing = async (): Promise<void> => await Promise.resolve();
  for (let round = -WARM_UP; round < count; round++) {
    globalThis.gc?.();
    const started = performance.now();
    await nothing();
    if (round >= 0) rounds.push(performance.now() - started);
  }
  return rounds;
}

const measurements: ReadonlyMap<string, () => Promise<unknown>> = new Map(
  Object.entries({ first, later, reused, resident, residentControl, control }),
);
const measurement = measurements.get(what ?? "");
if (measurement === undefined) throw new Error(`There is nothing to measure by the name "${what}"`);
answer(await measurement());
