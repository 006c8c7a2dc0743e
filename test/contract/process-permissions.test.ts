// What Node refuses to a guest's process, should the guest break out of its engine there.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dist, permissionFlags } from "../../src/hosts/node/workers/process-permissions.ts";
import { startProcess } from "../../src/hosts/node/workers/process.ts";
import type { HostFilesNeeded, WorkerLink } from "../../src/hosts/worker-link.ts";
import { memoryDirectory, overlayDirectory } from "../../src/index.ts";
import { hostDirectory } from "../../src/node.ts";
import { hostFilesNeeded } from "../../src/remote/host-files-needed.ts";
import { portableOptions } from "../../src/remote/portable-options.ts";
import type { PortableOptions } from "../../src/remote/portable-options.ts";
import { resolveOptions } from "../../src/sandbox/options.ts";
import type { SandboxOptions } from "../../src/sandbox/options.ts";

const start = promisify(execFile);
let folder = "";
let secret = "";

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), "wardian-permissions-"));
  secret = path.join(folder, "secret");
  writeFileSync(secret, "for nobody's eyes");
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Code of an attacker who has all of Node on the guest's thread: tries each thing and tells what came of it. */
const ATTACK = `
const { spawnSync } = require("node:child_process");
const { readFileSync, writeFileSync } = require("node:fs");
const { parentPort, Worker, workerData } = require("node:worker_threads");
const attempt = (act) => { try { act(); return "done"; } catch (error) { return error.code; } };
parentPort.postMessage({
  read: attempt(() => readFileSync(workerData)),
  write: attempt(() => writeFileSync(workerData + "2", "")),
  spawn: attempt(() => { const { error } = spawnSync(process.execPath, ["--version"]); if (error) throw error; }),
  addon: attempt(() => process.dlopen({ exports: {} }, "/nowhere.node")),
  // A thread with flags of its own would be under none.
  thread: attempt(() => new Worker("", { eval: true, execArgv: [] })),
});`;

/** Starts that thread as a guest's process does. */
const PROBE = `
import { Worker } from "node:worker_threads";
const { threadPermissionFlags } = await import(process.argv[1]);
const worker = new Worker(process.argv[2], {
  eval: true, env: {}, argv: [], execArgv: threadPermissionFlags(process.execArgv), workerData: process.argv[3],
});
worker.on("message", (message) => { console.log(JSON.stringify(message)); process.exit(); });`;

const given = new URL("../../dist/hosts/node/workers/process-permissions.js", import.meta.url).href;

async function probe(files: HostFilesNeeded): Promise<unknown> {
  const args = [...permissionFlags(files), "--input-type=module", "--eval", PROBE, given, ATTACK, secret];
  const { stdout } = await start(process.execPath, args, { env: {}, cwd: dist, timeout: 60_000 });
  return JSON.parse(stdout);
}

const DENIED = "ERR_ACCESS_DENIED";

describe("code in a guest's process", () => {
  test("reads no file but the package's, writes none, starts nothing, loads nothing", async () => {
    expect(await probe("package")).toEqual({
      read: DENIED,
      write: DENIED,
      spawn: DENIED,
      addon: "ERR_DLOPEN_DISABLED",
      thread: DENIED,
    });
  });

  test("reads files where a host directory was mounted, and nothing else", async () => {
    expect(await probe("read")).toEqual({
      read: "done",
      write: DENIED,
      spawn: DENIED,
      addon: "ERR_DLOPEN_DISABLED",
      thread: DENIED,
    });
  });
});

describe("the channel of a guest's process", () => {
  const open: WorkerLink[] = [];
  afterAll(() => {
    for (const link of open) link.terminate();
  });

  /** Asks a process that was started for `files` to make a sandbox over a host directory. */
  async function askFor(files: HostFilesNeeded): Promise<unknown> {
    const options = portable({ language: "javascript", files: { "/data": hostDirectory({ path: folder }) } });
    return await new Promise((resolve) => {
      const link = startProcess(
        { onMessage: resolve, onQuestion: () => resolve("asked"), onExit: (why) => resolve(`ended: ${why}`) },
        files,
      );
      open.push(link);
      const call = { method: "create", options, sharesModules: false };
      link.post({ kind: "call", id: 1, call });
    });
  }

  test("gives no way to a directory that the process was not started for", async () => {
    expect(await askFor("package")).toMatchObject({ kind: "threw", id: 1, error: { code: "invalid-mount" } });
    expect(await askFor("read")).toEqual({ kind: "returned", id: 1, value: undefined });
  });
});

function portable(options: SandboxOptions): PortableOptions {
  return portableOptions(resolveOptions({ ...options, execution: "process" }), "Cannot create a sandbox");
}

test("a process is started for no more than its sandbox needs", () => {
  const host = (mode: "read-only" | "read-write" | "overlay") => hostDirectory({ path: folder, mode });
  const over = overlayDirectory({ over: hostDirectory({ path: folder, mode: "read-write" }) });
  const needs = (files: NonNullable<SandboxOptions["files"]>): HostFilesNeeded =>
    hostFilesNeeded(portable({ language: "python", files }));
  expect(needs({})).toBe("package");
  expect(needs({ "/a": memoryDirectory(), "/b": overlayDirectory({ over: memoryDirectory() }) })).toBe("package");
  expect(needs({ "/a": host("read-only") })).toBe("read");
  expect(needs({ "/a": host("read-only"), "/b": host("read-write") })).toBe("write");
  expect(needs({ "/a": host("overlay") })).toBe("write");
  expect(needs({ "/a": over })).toBe("write");
});
