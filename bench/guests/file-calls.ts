import { closeSync, mkdirSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { WASI } from "node:wasi";
import { memoryDirectory, reactor, Sandbox } from "wardian";
import { hostDirectory } from "wardian/node";
import type { FileSystem } from "wardian";
import { cpuMs } from "../harness/cpu-time.ts";
import type { Figure } from "../harness/report.ts";
import { median } from "../harness/statistics.ts";
import { FILE, fileCallModule } from "./file-call-module.ts";

/** Makes so many calls. */
type Calls = (count: number) => Promise<void>;

/** What reading a KiB costs a preview 1 module here, as a ratio to what it costs under node:wasi in the same process. */
export async function measureFileCalls(rounds: number, count: number): Promise<readonly Figure[]> {
  const folder = mkdtempSync(path.join(tmpdir(), "wardian-bench-"));
  let plain: number | undefined;
  try {
    const content = new Uint8Array(4_096).fill(7);
    mkdirSync(path.join(folder, "m"));
    writeFileSync(path.join(folder, FILE), content);
    const module = await fileCallModule();
    const wasi = await underNode(module, folder);
    const memory = await inSandbox(module, memoryDirectory({ files: { "data.bin": content } }));
    const host = await inSandbox(module, hostDirectory({ path: path.join(folder, "m") }));
    const descriptor = (plain = openSync(path.join(folder, FILE), "r"));
    const subjects = [wasi, memory, host, wasi, withReadSync(descriptor)];
    for (let round = 0; round < 3; round++) for (const calls of subjects) await calls(count);
    const ratios: number[][] = [[], [], [], []];
    const base: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const [first = 0, ...others] = await timesOf(subjects, count);
      base.push((first * 1_000) / count);
      for (const [index, ms] of others.entries()) ratios[index]?.push(ms / first);
    }
    const note = `node:wasi itself: ${median(base).toFixed(2)} µs a call`;
    const figure = (name: string, index: number): Figure => ({
      name,
      value: median(ratios[index] ?? []),
      unit: "×",
      rounds: ratios[index] ?? [],
      note,
    });
    return [
      { ...figure("preview 1 fd_pread of 1 KiB, memory mount / node:wasi", 0), bound: 1.3 },
      figure("preview 1 fd_pread of 1 KiB, host mount / node:wasi", 1),
      figure("control: node:wasi / node:wasi", 2),
      {
        ...figure("the same read by Node's own readSync / node:wasi", 3),
        note: "The least that a host mount can cost: node:wasi does not go through it",
      },
    ];
  } finally {
    if (plain !== undefined) closeSync(plain);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function timesOf(subjects: readonly Calls[], count: number): Promise<readonly number[]> {
  const times: number[] = [];
  for (const calls of subjects) {
    const started = cpuMs();
    await calls(count);
    times.push(cpuMs() - started);
  }
  return times;
}

async function underNode(bytes: Uint8Array<ArrayBuffer>, folder: string): Promise<Calls> {
  const wasi = new WASI({ version: "preview1", preopens: { "/": folder } });
  const { instance } = await WebAssembly.instantiate(bytes, wasi.getImportObject() as WebAssembly.Imports);
  wasi.initialize(instance);
  const { open, reads } = instance.exports as Record<string, (count?: number) => number>;
  if (open?.() !== 0) throw new Error("node:wasi cannot open the file");
  return async (count) => {
    if (reads?.(count) !== 0) throw new Error("a read failed under node:wasi");
    await Promise.resolve();
  };
}

/** What a host mount calls, with nothing around it. */
function withReadSync(descriptor: number): Calls {
  const buffer = new Uint8Array(new WebAssembly.Memory({ initial: 1 }).buffer, 1_024, 1_024);
  return async (count) => {
    for (let left = count; left > 0; left--) readSync(descriptor, buffer, 0, buffer.length, 0);
    await Promise.resolve();
  };
}

async function inSandbox(bytes: Uint8Array<ArrayBuffer>, files: FileSystem): Promise<Calls> {
  const sandbox = await Sandbox.create({
    guest: reactor(bytes),
    files: { "/m": files },
    limits: { fuel: Number.POSITIVE_INFINITY, timeoutMs: 600_000 },
  });
  const opened = await sandbox.call("open");
  if (opened.status !== "ok" || opened.value !== 0) throw new Error(`cannot open the file: ${JSON.stringify(opened)}`);
  return async (count) => {
    const result = await sandbox.call("reads", count);
    if (result.status !== "ok" || result.value !== 0) throw new Error(`a read failed: ${JSON.stringify(result)}`);
  };
}
