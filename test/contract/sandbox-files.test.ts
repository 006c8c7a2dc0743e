// The files of a sandbox from the host's side, and what a run says it changed: the same for every language.
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { hostDirectory, memoryDirectory, overlayDirectory, Sandbox, tool } from "../../src/node.ts";
import type { FileSystem, Language, RunResult, SandboxOptions } from "../../src/node.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

let open: Sandbox[] = [];
afterEach(() => {
  for (const sandbox of open.splice(0)) sandbox.close();
});

async function create(language: Language, files: Record<string, FileSystem>, rest: Partial<SandboxOptions> = {}) {
  const sandbox = await Sandbox.create({ language, files, ...rest });
  open.push(sandbox);
  return sandbox;
}

/** The same work in each language. */
const PROGRAMS: Record<"javascript" | "typescript" | "python", string> = {
  javascript: `
const fs = await import("node:fs");
fs.writeFileSync("/w/new.txt", "hello");
fs.appendFileSync("/w/old.txt", "more");
fs.rmSync("/w/gone.txt");
fs.mkdirSync("/w/dir"); fs.writeFileSync("/w/dir/in", "x"); fs.renameSync("/w/dir", "/w/moved");
fs.writeFileSync("/w/temporary", "x"); fs.rmSync("/w/temporary");
fs.readFileSync("/w/kept.txt"); fs.renameSync("/w/sub", "/w/bus");
1`,
  typescript: `
import * as fs from "node:fs";
const path: string = "/w/new.txt";
fs.writeFileSync(path, "hello");
fs.appendFileSync("/w/old.txt", "more");
fs.rmSync("/w/gone.txt");
fs.mkdirSync("/w/dir"); fs.writeFileSync("/w/dir/in", "x"); fs.renameSync("/w/dir", "/w/moved");
fs.writeFileSync("/w/temporary", "x"); fs.rmSync("/w/temporary");
fs.readFileSync("/w/kept.txt"); fs.renameSync("/w/sub", "/w/bus");`,
  python: `
import os
open("/w/new.txt", "w").write("hello")
open("/w/old.txt", "a").write("more")
os.remove("/w/gone.txt")
os.mkdir("/w/dir"); open("/w/dir/in", "w").write("x"); os.rename("/w/dir", "/w/moved")
open("/w/temporary", "w").write("x"); os.remove("/w/temporary")
open("/w/kept.txt").read(); os.rename("/w/sub", "/w/bus")
`,
};

const START = { "old.txt": "old", "gone.txt": "gone!", "kept.txt": "kept", "sub/a": "aa" };

const CHANGES = [
  { path: "/w/bus", kind: "added", type: "directory", size: 0 },
  { path: "/w/bus/a", kind: "added", type: "file", size: 2 },
  { path: "/w/gone.txt", kind: "removed", type: "file", size: 5 },
  { path: "/w/moved", kind: "added", type: "directory", size: 0 },
  { path: "/w/moved/in", kind: "added", type: "file", size: 1 },
  { path: "/w/new.txt", kind: "added", type: "file", size: 5 },
  { path: "/w/old.txt", kind: "modified", type: "file", size: 7 },
  { path: "/w/sub", kind: "removed", type: "directory", size: 0 },
  { path: "/w/sub/a", kind: "removed", type: "file", size: 2 },
];

function filled(): string {
  const base = temporaryDirectory();
  mkdirSync(path.join(base, "sub"));
  for (const [name, content] of Object.entries(START)) writeFileSync(path.join(base, name), content);
  return base;
}

const KINDS: readonly [string, () => FileSystem][] = [
  ["memory", () => memoryDirectory({ files: START })],
  ["host", () => hostDirectory({ path: filled(), mode: "read-write" })],
  ["an overlay on the host", () => hostDirectory({ path: filled(), mode: "overlay" })],
];

describe.each(Object.entries(PROGRAMS))("%s", (language, program) => {
  test.each(KINDS)("a run's result lists what it changed in %s, and the next one starts anew", async (_, make) => {
    const sandbox = await create(language as Language, { "/w": make() });
    const result = await sandbox.run(program, language === "typescript" ? { filename: "main.mts" } : {});
    expect(result).toMatchObject({ status: "ok", truncated: { files: 0 } });
    expect(result.files).toEqual(CHANGES);
    expect(JSON.parse(JSON.stringify(result.files))).toEqual(CHANGES);
    const next = await sandbox.run(language === "python" ? "1" : "1;");
    expect(next.files).toEqual([]);
  });
});

test("a long list of changes is cut and counted", async () => {
  const sandbox = await create("python", {});
  const result = await sandbox.run(`for i in range(1_200): open(f"/tmp/{i}", "w").close()`);
  expect([result.files.length, result.truncated.files]).toEqual([1_000, 200]);
});

test("a guest that changes ever other names fills nothing but its own list", async () => {
  const sandbox = await create("python", {}, { limits: { timeoutMs: 20_000 } });
  const result = await sandbox.run(`
import os
for i in range(12_000):
    with open(f"/tmp/{i}", "w"): pass
    os.remove(f"/tmp/{i}")
`);
  expect(result.status).toBe("ok");
  expect(result.files).toEqual([]);
  expect(result.truncated.files).toBeGreaterThan(0);
});

test("what was written through a file that was renamed or removed while open is told by the right name", async () => {
  const sandbox = await create("python", { "/w": memoryDirectory({ files: { a: "1", b: "2", c: "3" } }) });
  const result = await sandbox.run(`
import os
f = open("/w/a", "a"); g = open("/w/b", "a")
os.rename("/w/a", "/w/z"); os.remove("/w/b")
f.write("x"); g.write("x"); f.close(); g.close()
`);
  expect(result.files).toEqual([
    { path: "/w/a", kind: "removed", type: "file", size: 1 },
    { path: "/w/b", kind: "removed", type: "file", size: 1 },
    { path: "/w/z", kind: "added", type: "file", size: 2 },
  ]);
});

test("a rename that does nothing is no change", async () => {
  const sandbox = await create("javascript", { "/w": memoryDirectory({ files: { a: "1" } }) });
  const result = await sandbox.run(`const fs = await import("node:fs");
fs.linkSync("/w/a", "/w/b"); fs.renameSync("/w/a", "/w/b"); fs.renameSync("/w/a", "/w/a"); 1`);
  expect(result.status).toBe("ok");
  expect(result.files).toEqual([{ path: "/w/b", kind: "added", type: "file", size: 1 }]);
});

test("a run that ends in a limit says what it had changed", async () => {
  const sandbox = await create("javascript", {});
  const result: RunResult = await sandbox.run(`(await import("node:fs")).writeFileSync("/tmp/x", "1"); for (;;);`, {
    limits: { timeoutMs: 200 },
  });
  expect([result.status, result.files]).toEqual(["limit", [{ path: "/tmp/x", kind: "added", type: "file", size: 1 }]]);
});

describe.each(["inline", "worker"] as const)("sandbox.files, execution %s", (execution) => {
  const files = () => ({
    "/config": memoryDirectory({ files: { "policy.json": "{}" }, mode: "read-only" }),
    "/w": memoryDirectory({ maxBytes: 1_000, maxEntries: 20 }),
    "/host": hostDirectory({ path: filled() }),
  });

  test("reads, writes, lists, looks at, makes and removes", async () => {
    const sandbox = await create("javascript", files(), { execution });
    await sandbox.files.write("/w/in/data.txt", "grüße");
    await sandbox.files.write("/w/in/bytes", Uint8Array.of(0, 255));
    const result = await sandbox.run(
      `const fs = await import("node:fs"); fs.writeFileSync("/w/out", fs.readFileSync("/w/in/data.txt", "utf8").toUpperCase()); 1`,
    );
    expect(result).toMatchObject({ status: "ok" });
    expect(result.files).toEqual([{ path: "/w/out", kind: "added", type: "file", size: 7 }]);
    expect(await sandbox.files.readText("/w/out")).toBe("GRÜSSE");
    expect(await sandbox.files.read("/w/in/bytes")).toEqual(Uint8Array.of(0, 255));
    expect(await sandbox.files.list("/w")).toEqual([
      { name: "in", type: "directory" },
      { name: "out", type: "file" },
    ]);
    expect(await sandbox.files.list("/")).toEqual(
      ["config", "host", "tmp", "w"].map((name) => ({ name, type: "directory" })),
    );
    expect(await sandbox.files.stat("/w/out")).toEqual({
      type: "file",
      size: 7,
      modified: expect.any(Date) as Date,
      writable: true,
    });
    await sandbox.files.mkdir("/w/a/b", { recursive: true });
    await sandbox.files.mkdir("/w/a/b", { recursive: true });
    await sandbox.files.remove("/w/out");
    await sandbox.files.remove("/w/in", { recursive: true });
    expect(await sandbox.files.list("/w")).toEqual([{ name: "a", type: "directory" }]);
    // What the host did is not the guest's change.
    expect((await sandbox.run("1")).files).toEqual([]);
  });

  test("the owner may write to memory that is read-only for the guest, and to no host directory", async () => {
    const sandbox = await create("javascript", files(), { execution });
    await sandbox.files.write("/config/policy.json", `{"a":1}`);
    const result = await sandbox.run(`
const fs = await import("node:fs");
let error; try { fs.writeFileSync("/config/policy.json", "x") } catch (e) { error = e.code }
[fs.readFileSync("/config/policy.json", "utf8"), error]`);
    expect(result).toMatchObject({ status: "ok", value: [`{"a":1}`, "EROFS"] });
    expect((await sandbox.files.stat("/config/policy.json")).writable).toBe(false);
    await expect(sandbox.files.write("/host/old.txt", "x")).rejects.toMatchObject({ code: "file", errno: "EROFS" });
    await expect(sandbox.files.write("/new.txt", "x")).rejects.toMatchObject({ errno: "EROFS" });
    await sandbox.reset();
    expect(await sandbox.files.readText("/config/policy.json")).toBe(`{"a":1}`);
  });

  test("what goes wrong is told with path and errno", async () => {
    const sandbox = await create("javascript", files(), { execution });
    const failures: readonly [Promise<unknown>, string, string][] = [
      [sandbox.files.read("/w/none"), "ENOENT", `Cannot read "/w/none": it does not exist (ENOENT)`],
      [sandbox.files.read("/w"), "EISDIR", `Cannot read "/w": it is a directory (EISDIR)`],
      [
        sandbox.files.list("/host/old.txt"),
        "ENOTDIR",
        `Cannot list "/host/old.txt": a part of it is not a directory (ENOTDIR)`,
      ],
      [
        sandbox.files.write("/w/big", new Uint8Array(2_000)),
        "EFBIG",
        `Cannot write "/w/big": it would be larger than the quota allows (EFBIG)`,
      ],
      [
        sandbox.files.read("/host/old.txt", { maxBytes: 2 }),
        "EFBIG",
        `Cannot read "/host/old.txt": it is longer than maxBytes, 2 (EFBIG)`,
      ],
      [sandbox.files.mkdir("/w/a/b"), "ENOENT", `Cannot make "/w/a/b": it does not exist (ENOENT)`],
      [sandbox.files.remove("/w"), "EBUSY", `Cannot remove "/w": it is in use (EBUSY)`],
      [
        sandbox.files.read("/w/\0"),
        "EINVAL",
        `Cannot read "/w/\\u0000": the path or the operation makes no sense (EINVAL)`,
      ],
      [sandbox.files.diff("/w"), "ENOTSUP", `Cannot compare "/w": its directory is no overlay (ENOTSUP)`],
      [sandbox.files.commit("/nowhere"), "ENOENT", `Cannot commit "/nowhere": it is no mount point (ENOENT)`],
    ];
    const told = await Promise.all(
      failures.map(([promise, errno, message]) =>
        expect(promise).rejects.toMatchObject({ name: "FileError", code: "file", errno, message }),
      ),
    );
    expect(told.length).toBe(failures.length);
    await expect(sandbox.files.read("w")).rejects.toThrow(
      `Cannot read a file: the path must be absolute, as the guest sees it, not "w"`,
    );
    await expect(sandbox.files.write("/w/a", 7 as never)).rejects.toThrow(TypeError);
    await expect(sandbox.files.read("/w/a", { maxBytes: "1" as never })).rejects.toThrow(TypeError);
  });

  test("a link that the guest made leads the owner into no other mount", async () => {
    const sandbox = await create("javascript", files(), { execution });
    const planted = await sandbox.run(`
const fs = await import("node:fs");
fs.symlinkSync("/config/policy.json", "/w/out.json"); fs.symlinkSync("/config", "/w/dir"); fs.symlinkSync("..", "/w/up");
fs.symlinkSync("/w/real", "/w/fine"); fs.writeFileSync("/w/real", "real"); 1`);
    expect(planted.status).toBe("ok");
    const attempts = [
      sandbox.files.write("/w/out.json", "owned"),
      sandbox.files.write("/w/dir/policy.json", "owned"),
      sandbox.files.write("/w/up/config/new", "owned"),
      sandbox.files.read("/w/out.json"),
      sandbox.files.list("/w/dir"),
      sandbox.files.stat("/w/dir"),
      sandbox.files.remove("/w/dir/policy.json"),
      sandbox.files.mkdir("/w/dir/new", { recursive: true }),
    ];
    await Promise.all(attempts.map((attempt) => expect(attempt).rejects.toMatchObject({ errno: "EXDEV" })));
    expect(await sandbox.files.readText("/config/policy.json")).toBe("{}");
    await sandbox.files.write("/w/fine", "written");
    expect(await sandbox.files.readText("/w/real")).toBe("written");
    await sandbox.files.remove("/w/dir", { recursive: true });
    await sandbox.files.remove("/w/out.json");
    expect(await sandbox.files.list("/config")).toEqual([{ name: "policy.json", type: "file" }]);
  });

  test("a run in progress and a closed sandbox are told", async () => {
    let during: unknown;
    const sandbox: Sandbox = await create("javascript", files(), {
      execution,
      tools: {
        look: tool({
          run: async () => {
            during = await sandbox.files.read("/w/x").catch((error: unknown) => error);
            return 1;
          },
        }),
      },
    });
    expect(await sandbox.run("await tools.look({})")).toMatchObject({ status: "ok" });
    expect(during).toMatchObject({ code: "busy", message: `Cannot read "/w/x": a run is in progress; await it first` });
    sandbox.close();
    await expect(sandbox.files.list("/w")).rejects.toMatchObject({ code: "closed" });
  });

  test("an overlay is compared, committed and dropped through it", async () => {
    const base = filled();
    const overlay = hostDirectory({ path: base, mode: "overlay" });
    const sandbox = await create("javascript", { "/w": overlay }, { execution });
    await sandbox.run(`(await import("node:fs")).writeFileSync("/w/old.txt", "dropped"); 1`);
    await sandbox.reset();
    expect(await sandbox.files.diff("/w")).toEqual([]);
    await sandbox.run(`(await import("node:fs")).writeFileSync("/w/old.txt", "new"); 1`);
    const change = { path: "old.txt", kind: "modified", type: "file", size: 3 };
    expect(await sandbox.files.diff("/w")).toEqual([change]);
    writeFileSync(path.join(base, "old.txt"), "theirs");
    await expect(sandbox.files.commit("/w")).rejects.toMatchObject({ code: "conflict", paths: ["old.txt"] });
    expect(readFileSync(path.join(base, "old.txt"), "utf8")).toBe("theirs");
    expect(await sandbox.files.commit("/w", { force: true })).toEqual([change]);
    expect(readFileSync(path.join(base, "old.txt"), "utf8")).toBe("new");
    expect(await sandbox.files.diff("/w")).toEqual([]);
  });
});

test("an overlay whose sandbox is on another thread says where its changes are", async () => {
  const overlay = overlayDirectory({ over: memoryDirectory({ files: { a: "1" } }) });
  const sandbox = await create("javascript", { "/w": overlay }, { execution: "worker" });
  await sandbox.run(`(await import("node:fs")).writeFileSync("/w/a", "2"); 1`);
  expect(() => overlay.diff()).toThrow("its changes are on another thread; use sandbox.files.diff");
  expect(() => overlay.commit()).toThrow("its changes are on another thread; use sandbox.files.commit");
  expect(await sandbox.files.diff("/w")).toEqual([{ path: "a", kind: "modified", type: "file", size: 1 }]);
});

test("a fork has an overlay of its own", async () => {
  const base = filled();
  const sandbox = await create("javascript", { "/w": hostDirectory({ path: base, mode: "overlay" }) });
  await sandbox.run(`(await import("node:fs")).writeFileSync("/w/old.txt", "both"); 1`);
  const fork = await sandbox.fork();
  open.push(fork);
  await fork.run(`(await import("node:fs")).writeFileSync("/w/old.txt", "fork's"); 1`);
  await sandbox.run(`(await import("node:fs")).writeFileSync("/w/new.txt", "first's"); 1`);
  expect([await sandbox.files.readText("/w/old.txt"), await fork.files.readText("/w/old.txt")]).toEqual([
    "both",
    "fork's",
  ]);
  expect((await fork.files.list("/w")).some(({ name }) => name === "new.txt")).toBe(false);
});

test("a snapshot carries an overlay's changes, also to the host directory as it is then", async () => {
  const base = filled();
  const sandbox = await create("javascript", { "/w": hostDirectory({ path: base, mode: "overlay" }) });
  await sandbox.run(
    `const fs = await import("node:fs"); fs.writeFileSync("/w/old.txt", "mine"); fs.rmSync("/w/gone.txt"); 1`,
  );
  const bytes = await sandbox.snapshot();
  writeFileSync(path.join(base, "kept.txt"), "changed since");
  const restored = await Sandbox.restore(bytes, {
    language: "javascript",
    files: { "/w": hostDirectory({ path: base, mode: "overlay" }) },
  });
  open.push(restored);
  expect(await restored.files.diff("/w")).toEqual([
    { path: "gone.txt", kind: "removed", type: "file", size: 5 },
    { path: "old.txt", kind: "modified", type: "file", size: 4 },
  ]);
  expect(await restored.files.readText("/w/kept.txt")).toBe("changed since");
});

test("links of the host lead the owner nowhere either", async () => {
  const base = filled();
  symlinkSync("/etc/passwd", path.join(base, "link"));
  symlinkSync(path.dirname(base), path.join(base, "up"));
  const sandbox = await create("javascript", { "/w": hostDirectory({ path: base, mode: "read-write" }) });
  await expect(sandbox.files.read("/w/link")).rejects.toMatchObject({ errno: "ENOENT" });
  await expect(sandbox.files.write("/w/up/x", "x")).rejects.toThrow();
});
