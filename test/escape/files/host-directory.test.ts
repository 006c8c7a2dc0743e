import { execFileSync } from "node:child_process";
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { once } from "node:events";
import { beforeEach, describe, expect, test } from "vitest";
import { createFileView, type OwnedFileView } from "../../../src/capabilities/files/view/create-file-view.ts";
import { attempt } from "../../../src/hosts/node/host-directory/errno-failure.ts";
import { GrowthBudget } from "../../../src/hosts/node/host-directory/growth-budget.ts";
import type { Location } from "../../../src/hosts/node/host-directory/broker.ts";
import { HostDirectoryNode } from "../../../src/hosts/node/host-directory/host-nodes.ts";
import { HostTree } from "../../../src/hosts/node/host-directory/host-tree.ts";
import { listEntries } from "../../../src/hosts/node/host-directory/list-entries.ts";
import { NameRules } from "../../../src/hosts/node/host-directory/name-rules.ts";
import { PathBroker } from "../../../src/hosts/node/host-directory/path-broker.ts";
import { hostDirectory, type HostDirectoryOptions } from "../../../src/hosts/node/host-directory/host-directory.ts";
import { namesIn, ok, openedFile, readText, writeText } from "../../support/file-text.ts";
import { portableHostDirectory } from "../../support/portable-host-directory.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";
import { duringSwaps } from "./swap-rival.ts";

const linux = process.platform === "linux";
const READ = { read: true, write: false };
const SECRET = "canary-7f3a";

/** How the host directory is reached: by descriptors (Linux), or by paths with checks (elsewhere, but it works here too). */
const WAYS = [
  { way: "descriptors", create: hostDirectory },
  { way: "paths", create: portableHostDirectory },
] as const;
let createDirectory: (typeof WAYS)[number]["create"] = hostDirectory;

/** A directory to mount, and beside it what must never be reached. */
let base = "";
let inside = "";
let outside = "";

beforeEach(() => {
  createDirectory = hostDirectory;
  base = temporaryDirectory();
  inside = path.join(base, "inside");
  outside = path.join(base, "outside");
  mkdirSync(path.join(inside, "sub"), { recursive: true });
  mkdirSync(path.join(outside, "sub"), { recursive: true });
  writeFileSync(path.join(inside, "a.txt"), "inside");
  writeFileSync(path.join(inside, "sub/f"), "inside");
  writeFileSync(path.join(outside, "secret"), SECRET);
  writeFileSync(path.join(outside, "sub/f"), SECRET);
});

function mount(options: Partial<HostDirectoryOptions> = {}): OwnedFileView {
  const mounts = new Map([["/data", createDirectory({ path: inside, ...options })]]);
  return createFileView({ mounts, now: () => 0 });
}

function writableMount(options: Partial<HostDirectoryOptions> = {}): OwnedFileView {
  return mount({ mode: "read-write", ...options });
}

/** Everything below a host directory, with content, for before-and-after comparisons. */
function picture(directory: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of readdirSync(directory, { recursive: true, encoding: "utf8" }).sort()) {
    const file = path.join(directory, name);
    found[name] = statSync(file).isFile() ? readFileSync(file, "utf8") : "directory";
  }
  return found;
}

const openDescriptors = (): number => readdirSync("/proc/self/fd").length;

describe.each(WAYS)("symlinks planted by the host, reached by $way", ({ create }) => {
  beforeEach(() => {
    createDirectory = create;
  });

  const plant = (target: string, name = "link"): string => {
    symlinkSync(target, path.join(inside, name));
    return `/data/${name}`;
  };

  test("that lead out of the mount lead nowhere", () => {
    const view = writableMount();
    const targets = [
      path.join(outside, "secret"),
      "../outside/secret",
      "sub/../../outside/secret",
      "/proc/self/root/etc/passwd",
      "/proc/self/cwd/package.json",
      "/etc/passwd",
      "/dev/zero",
    ];
    for (const [index, target] of targets.entries()) {
      const link = plant(target, `file${index}`);
      expect([target, readText(view, link)]).toEqual([target, "ENOENT"]);
      expect([target, view.stat(link, true)]).toEqual([target, "ENOENT"]);
      expect([target, ok(view.readLink(link))]).toEqual([target, { target }]);
      expect([target, view.open(link, { ...READ, noFollow: true })]).toEqual([target, "ELOOP"]);
      expect([target, view.open(link, { read: true, write: true, create: true, exclusive: true })]).toEqual([
        target,
        "EEXIST",
      ]);
    }
    for (const [index, target] of [outside, "../outside", "..", "/", "/proc/self/root", "../.."].entries()) {
      const link = plant(target, `directory${index}`);
      for (const tail of ["/secret", "/outside/secret", "/sub/f", "/etc/passwd", "/../outside/secret"]) {
        expect([target, tail, readText(view, link + tail)]).toEqual([target, tail, "ENOENT"]);
        expect(writeText(view, link + tail, "owned")).not.toBeUndefined();
      }
    }
    expect(picture(outside)).toEqual({ secret: SECRET, sub: "directory", "sub/f": SECRET });
    view.dispose();
  });

  test("cannot be used to create a file outside", () => {
    const view = writableMount();
    const link = plant(path.join(outside, "made"));
    const relative = plant("../outside/made", "relative");
    for (const name of [link, relative]) {
      expect(["ENOENT", "EROFS"]).toContain(writeText(view, name, "owned"));
      expect(view.makeDirectory(name)).toBe("EEXIST");
    }
    expect(existsSync(path.join(outside, "made"))).toBe(false);
    view.dispose();
  });

  test("that stay inside work, and mean the guest's tree", () => {
    const view = mount();
    expect(readText(view, plant("sub/f", "near"))).toBe("inside");
    expect(readText(view, plant("/data/a.txt", "absolute"))).toBe("inside");
    expect(readText(view, plant("../data/sub/../a.txt", "round"))).toBe("inside");
    view.dispose();
  });

  test("are removed and renamed themselves, never what they point to", () => {
    const view = writableMount();
    plant(path.join(outside, "secret"), "l1");
    plant(outside, "l2");
    expect(view.removeFile("/data/l1")).toBeUndefined();
    expect(view.removeDirectory("/data/l2")).toBe("ENOTDIR");
    expect(view.rename("/data/l2", "/data/l3")).toBeUndefined();
    expect(readlinkSync(path.join(inside, "l3"))).toBe(outside);
    expect(view.rename("/data/a.txt", "/data/l3")).toBeUndefined();
    expect(readFileSync(path.join(inside, "l3"), "utf8")).toBe("inside");
    expect(picture(outside)).toEqual({ secret: SECRET, sub: "directory", "sub/f": SECRET });
    view.dispose();
  });

  test("have their own times, not those of the target", () => {
    const view = writableMount();
    const link = plant(path.join(outside, "secret"));
    const before = statSync(path.join(outside, "secret")).mtimeMs;
    expect(view.setTimes(link, { modifiedMs: 5_000 }, false)).toBeUndefined();
    expect(view.setTimes(link, { modifiedMs: 5_000 }, true)).toBe("ENOENT");
    expect(ok(view.stat(link, false)).modifiedMs).toBe(5_000);
    expect(statSync(path.join(outside, "secret")).mtimeMs).toBe(before);
    view.dispose();
  });
});

describe.each(WAYS)("links made by the guest, reached by $way", ({ create }) => {
  beforeEach(() => {
    createDirectory = create;
  });

  test("are refused in a host directory, symbolic and hard", () => {
    const view = writableMount();
    expect(view.symlink("../outside/secret", "/data/l")).toBe("EPERM");
    expect(view.symlink("a.txt", "/data/l")).toBe("EPERM");
    expect(view.link("/data/a.txt", "/data/l")).toBe("EPERM");
    expect(view.stat("/data/l", false)).toBe("ENOENT");
    expect(statSync(path.join(inside, "a.txt")).nlink).toBe(1);
    view.dispose();
  });
});

describe("what is no file, directory or symlink", () => {
  test.skipIf(!linux)(
    "FIFOs, sockets and devices do not exist for a guest, and opening them does not hang",
    async () => {
      const view = writableMount();
      execFileSync("mkfifo", [path.join(inside, "fifo")]);
      const server = createServer().listen(path.join(inside, "socket"));
      await once(server, "listening");
      const special = ["fifo", "socket"];
      try {
        execFileSync("mknod", [path.join(inside, "zero"), "c", "1", "5"], { stdio: "ignore" });
        special.push("zero");
      } catch {
        // Only root may make devices; the FIFO and the socket take the same way.
      }
      expect(namesIn(view, "/data")).toEqual(["a.txt", "sub"]);
      for (const name of special) {
        const file = `/data/${name}`;
        expect([name, view.open(file, READ)]).toEqual([name, "EACCES"]);
        expect([name, view.open(file, { read: true, write: true, create: true, truncate: true })]).toEqual([
          name,
          "EACCES",
        ]);
        expect([name, view.stat(file, false)]).toEqual([name, "EACCES"]);
        expect([name, view.removeFile(file)]).toEqual([name, "EACCES"]);
        expect([name, view.rename(file, "/data/x")]).toEqual([name, "EACCES"]);
        expect([name, view.rename("/data/a.txt", file)]).toEqual([name, "EACCES"]);
      }
      expect(readFileSync(path.join(inside, "a.txt"), "utf8")).toBe("inside");
      server.close();
      view.dispose();
    },
  );
});

describe.skipIf(!linux)("a rival process that swaps a directory for a symlink", () => {
  /** Runs `attack` while the rival swaps `inside/sub` and a symlink to `outside/sub`. */
  async function whileSwapped(attack: () => void): Promise<number> {
    const link = path.join(base, "waiting-link");
    symlinkSync(path.join(outside, "sub"), link);
    return await duringSwaps({ target: path.join(inside, "sub"), directory: path.join(base, "waiting"), link }, attack);
  }

  test("never makes a read reach outside", async () => {
    const view = mount();
    const seen = new Map<string, number>();
    const swaps = await whileSwapped(() => {
      for (let index = 0; index < 10_000; index += 1) {
        const text = readText(view, "/data/sub/f");
        seen.set(text, (seen.get(text) ?? 0) + 1);
      }
    });
    // Both sides did their part, else the test says nothing.
    expect(swaps).toBeGreaterThan(100);
    expect(seen.get("inside")).toBeGreaterThan(0);
    seen.delete("inside");
    for (const text of seen.keys()) expect(["ENOENT", "ENOTDIR"]).toContain(text);
    view.dispose();
  }, 120_000);

  test("never makes a change land outside", async () => {
    const view = writableMount();
    const results = new Set<string>();
    let done = 0;
    const swaps = await whileSwapped(() => {
      for (let index = 0; index < 3_000; index += 1) {
        const outcomes = [
          writeText(view, "/data/sub/made", "owned"),
          view.makeDirectory("/data/sub/directory"),
          view.rename("/data/sub/made", "/data/sub/moved"),
          view.setTimes("/data/sub", { modifiedMs: 1_000 }, true),
          view.setTimes("/data/sub/f", { modifiedMs: 1_000 }, true),
          view.removeFile("/data/sub/moved"),
          view.removeDirectory("/data/sub/directory"),
          writeText(view, "/data/sub/f", "changed"),
        ];
        for (const outcome of outcomes) {
          if (typeof outcome === "string") results.add(outcome);
          else done += 1;
        }
      }
    });
    expect(swaps).toBeGreaterThan(100);
    expect(done).toBeGreaterThan(100);
    for (const errno of results) expect(["ENOENT", "ENOTDIR", "EEXIST"]).toContain(errno);
    expect(picture(outside)).toEqual({ secret: SECRET, sub: "directory", "sub/f": SECRET });
    expect(statSync(path.join(outside, "sub/f")).mtimeMs).not.toBe(1_000);
    expect(statSync(path.join(outside, "sub")).mtimeMs).not.toBe(1_000);
    view.dispose();
  }, 120_000);
});

describe.each(WAYS)("a directory that is swapped between lookup and use, reached by $way", ({ create }) => {
  test("is either the one that was found or an error", () => {
    const fileSystem = create({ path: inside, mode: "read-write" });
    const root = fileSystem.root();
    const sub = ok(root.lookup("sub"));
    if (sub.kind !== "directory") throw new Error("not a directory");
    const file = ok(sub.lookup("f"));
    if (file.kind !== "file") throw new Error("not a file");
    // Else the descriptors that are held still mean what was found, and everything works on that.
    fileSystem.settle?.();
    const before = linux ? openDescriptors() : 0;
    renameSync(path.join(inside, "sub"), path.join(inside, "old"));
    symlinkSync(path.join(outside, "sub"), path.join(inside, "sub"));
    const outcomes = {
      lookup: sub.lookup("f"),
      list: sub.list(),
      stat: sub.stat(),
      fileStat: file.stat(),
      open: file.open({ read: true, write: true, append: false, truncate: true }),
      createFile: sub.createFile("made"),
      createDirectory: sub.createDirectory("made"),
      setTimes: sub.setTimes({ modifiedMs: 1_000 }),
      fileTimes: file.setTimes({ modifiedMs: 1_000 }),
      rename: root.rename("a.txt", sub, "made"),
      renameOut: sub.rename("f", root, "stolen"),
      removeFile: sub.removeFile("f"),
      removeDirectory: root.removeDirectory("sub"),
    };
    expect(outcomes).toEqual({
      ...Object.fromEntries(Object.keys(outcomes).map((name) => [name, "ENOENT"])),
      removeDirectory: "ENOTDIR",
    });
    fileSystem.settle?.();
    expect(linux ? openDescriptors() : 0).toBe(before);
    expect(picture(outside)).toEqual({ secret: SECRET, sub: "directory", "sub/f": SECRET });
    for (const swapped of ["sub", "sub/f"]) expect(statSync(path.join(outside, swapped)).mtimeMs).not.toBe(1_000);
    fileSystem.dispose?.();
  });

  test("and a file that is swapped for a link to another is not opened", () => {
    const fileSystem = create({ path: inside, mode: "read-write" });
    const root = fileSystem.root();
    const file = ok(root.lookup("a.txt"));
    if (file.kind !== "file") throw new Error("not a file");
    fileSystem.settle?.();
    rmSync(path.join(inside, "a.txt"));
    symlinkSync(path.join(outside, "secret"), path.join(inside, "a.txt"));
    const mode = { read: true, write: true, append: false, truncate: true };
    expect([file.open(mode), file.stat(), file.setTimes({ modifiedMs: 1_000 })]).toEqual([
      "ENOENT",
      "ENOENT",
      "ENOENT",
    ]);
    rmSync(path.join(inside, "a.txt"));
    linkSync(path.join(outside, "secret"), path.join(inside, "a.txt"));
    expect([file.open(mode), file.stat()]).toEqual(["ENOENT", "ENOENT"]);
    expect(picture(outside)).toEqual({ secret: SECRET, sub: "directory", "sub/f": SECRET });
    fileSystem.dispose?.();
  });
});

test("a file that is swapped between the check of its path and the opening is neither opened nor emptied", () => {
  /** Lets the rival act at the worst moments: it swaps before the opening, and back before the check after it. */
  class RacedBroker extends PathBroker {
    readonly #aside: string = path.join(base, "aside");
    #swapped: string | undefined;

    override pathOf(location: Location): string {
      const checked = super.pathOf(location);
      renameSync(checked, this.#aside);
      linkSync(path.join(outside, "secret"), checked);
      this.#swapped = checked;
      return checked;
    }

    override confirm(location: Location): void {
      if (this.#swapped !== undefined) renameSync(this.#aside, this.#swapped);
      this.#swapped = undefined;
      super.confirm(location);
    }
  }
  const tree = new HostTree(new RacedBroker(inside), new NameRules([], false), new GrowthBudget(100, 100), true);
  const file = ok(new HostDirectoryNode(tree, tree.broker.root).lookup("a.txt"));
  if (file.kind !== "file") throw new Error("not a file");
  const before = linux ? openDescriptors() : 0;
  expect(file.open({ read: true, write: false, append: false, truncate: false })).toBe("ENOENT");
  expect(linux ? openDescriptors() : 0).toBe(before);
  expect(readFileSync(path.join(outside, "secret"), "utf8")).toBe(SECRET);
});

describe("the root of a mount", () => {
  test.skipIf(!linux)("stays the directory it was, when its path is swapped for a symlink", () => {
    const view = writableMount();
    expect(readText(view, "/data/sub/f")).toBe("inside");
    renameSync(inside, path.join(base, "moved"));
    symlinkSync(outside, inside);
    expect(readText(view, "/data/sub/f")).toBe("inside");
    expect(readText(view, "/data/secret")).toBe("ENOENT");
    expect(writeText(view, "/data/new", "n")).toBeUndefined();
    expect(readFileSync(path.join(base, "moved/new"), "utf8")).toBe("n");
    expect(existsSync(path.join(outside, "new"))).toBe(false);
    view.dispose();
  });

  test("that is removed leaves an empty place, not an error", () => {
    const view = writableMount();
    rmSync(inside, { recursive: true });
    expect(readText(view, "/data/a.txt")).toBe("ENOENT");
    expect(writeText(view, "/data/new", "x")).toBe("ENOENT");
    view.dispose();
  });

  test.skipIf(!linux)("may be given through a symlink, which is followed once", () => {
    symlinkSync(inside, path.join(base, "by-link"));
    const view = mount({ path: path.join(base, "by-link") });
    rmSync(path.join(base, "by-link"));
    symlinkSync(outside, path.join(base, "by-link"));
    expect(readText(view, "/data/a.txt")).toBe("inside");
    expect(readText(view, "/data/secret")).toBe("ENOENT");
    view.dispose();
  });
});

describe.each(WAYS)("an open directory, reached by $way", ({ create }) => {
  beforeEach(() => {
    createDirectory = create;
  });

  test("that another process replaced is not the new one", () => {
    const view = writableMount();
    const directory = ok(view.open("/data/sub", READ));
    if (directory.kind !== "directory") throw new Error("not a directory");
    renameSync(path.join(inside, "sub"), path.join(inside, "old"));
    symlinkSync(path.join(outside, "sub"), path.join(inside, "sub"));
    expect([directory.list(), directory.stat()]).toEqual(["ENOENT", "ENOENT"]);
    rmSync(path.join(inside, "sub"));
    mkdirSync(path.join(inside, "sub"));
    expect([directory.list(), directory.stat()]).toEqual(["ENOENT", "ENOENT"]);
    directory.close();
    view.dispose();
  });
});

describe.skipIf(!linux)("host descriptors", () => {
  test("are given back after every operation, failed or not", () => {
    const before = openDescriptors();
    const view = writableMount();
    // The root of the mount.
    expect(openDescriptors()).toBe(before + 1);
    mkdirSync(path.join(inside, "d/".repeat(60)), { recursive: true });
    symlinkSync("sub/../sub/../sub/loop", path.join(inside, "sub/loop"));
    for (const name of [
      "a.txt",
      "none",
      "sub",
      "sub/f",
      "sub/f/x",
      "sub/loop",
      "d/".repeat(60),
      `${"d/".repeat(60)}x`,
    ]) {
      const file = `/data/${name}`;
      view.stat(file, true);
      view.list(file);
      readText(view, file);
      view.canonicalize(file);
      view.makeDirectory(file);
      view.rename(file, `/data/${"d/".repeat(59)}y`);
      view.rename(`/data/${"d/".repeat(59)}y`, file);
      view.removeDirectory(file);
      expect([name, openDescriptors()]).toEqual([name, before + 1]);
    }
    view.dispose();
    expect(openDescriptors()).toBe(before);
  });

  test("are never more than the quota, however much a guest opens", () => {
    const before = openDescriptors();
    const view = mount();
    let opened = 0;
    for (let index = 0; index < 100_000; index += 1) {
      const file = view.open(index % 2 === 0 ? "/data/a.txt" : "/data/sub", READ);
      if (file === "EMFILE") continue;
      ok(file);
      opened += 1;
    }
    expect(opened).toBe(256);
    expect(openDescriptors()).toBeLessThanOrEqual(before + 1 + 256);
    view.closeAll();
    expect(openDescriptors()).toBe(before + 1);
    view.dispose();
    expect(openDescriptors()).toBe(before);
  });

  test("of a mount are closed when the last sandbox that uses it is gone", () => {
    const before = openDescriptors();
    const shared = hostDirectory({ path: inside });
    const views = [1, 2].map(() => createFileView({ mounts: new Map([["/data", shared]]), now: () => 0 }));
    expect(openDescriptors()).toBe(before + 1);
    views[0]?.dispose();
    expect(views[1] && readText(views[1], "/data/a.txt")).toBe("inside");
    views[1]?.dispose();
    expect(openDescriptors()).toBe(before);
  });

  test("that are closed cannot be used: a disposed view answers with errors", () => {
    const view = writableMount();
    const file = openedFile(view.open("/data/a.txt", { read: true, write: true }));
    const directory = ok(view.open("/data/sub", READ));
    view.dispose();
    // The number of the closed descriptor may now be another file's.
    const other = createFileView({ mounts: new Map([["/o", hostDirectory({ path: outside })]]), now: () => 0 });
    expect(file.handle.read(new Uint8Array(9), 0)).toBe("EBADF");
    expect(file.handle.write(new Uint8Array(9), 0)).toBe("EBADF");
    if (directory.kind === "directory") expect(directory.list()).toBe("EBADF");
    expect(readText(view, "/data/secret")).toBe("EBADF");
    expect(readText(view, "/data/a.txt")).toBe("EBADF");
    expect(namesIn(view, "/data")).toBe("EBADF");
    expect(writeText(view, "/data/new", "x")).toBe("EBADF");
    other.dispose();
  });
});

test("a directory with more entries than a listing may have is EFBIG", () => {
  const tree = new HostTree(new PathBroker(inside), new NameRules([], false), new GrowthBudget(0, 0), false);
  const listed = (maxEntries: number): unknown => attempt(() => listEntries(tree, tree.broker.root, maxEntries));
  expect(listed(1)).toBe("EFBIG");
  expect(listed(2)).toMatchObject([{ name: "a.txt" }, { name: "sub" }]);
});

describe("what a guest writes", () => {
  test("is bounded in bytes, sparse files included", () => {
    const view = writableMount({ maxBytes: 100 });
    expect(writeText(view, "/data/x", "x".repeat(60))).toBeUndefined();
    expect(writeText(view, "/data/y", "x".repeat(60))).toBe("ENOSPC");
    const file = openedFile(view.open("/data/x", { read: true, write: true }));
    expect(file.handle.write(Uint8Array.of(1), 2 ** 40)).toBe("EFBIG");
    expect(file.handle.truncate(2 ** 40)).toBe("EFBIG");
    expect(file.handle.truncate(120)).toBe("ENOSPC");
    // Writing over what is there costs nothing; cutting gives back.
    expect(file.handle.write(new Uint8Array(60), 0)).toBe(60);
    expect(file.handle.truncate(0)).toBeUndefined();
    expect(file.handle.write(new Uint8Array(100), 0)).toBe(100);
    expect(file.handle.write(Uint8Array.of(1), 100)).toBe("ENOSPC");
    file.close();
    expect(statSync(path.join(inside, "x")).size).toBe(100);
    // Cutting a file of the host's is no credit for more than the quota.
    expect(writeText(view, "/data/a.txt", "")).toBeUndefined();
    expect(writeText(view, "/data/z", "1234567")).toBe("ENOSPC");
    view.dispose();
  });

  test("is bounded in entries, and what failed is not counted", () => {
    const view = writableMount({ maxEntries: 3 });
    for (let index = 0; index < 5; index += 1) expect(view.makeDirectory("/data/sub")).toBe("EEXIST");
    expect(writeText(view, "/data/1", "")).toBeUndefined();
    expect(view.makeDirectory("/data/2")).toBeUndefined();
    expect(writeText(view, "/data/3", "")).toBeUndefined();
    expect(writeText(view, "/data/4", "")).toBe("ENOSPC");
    expect(view.makeDirectory("/data/4")).toBe("ENOSPC");
    view.dispose();
  });

  test.skipIf(process.platform === "win32")("is never executable", () => {
    const view = writableMount();
    writeText(view, "/data/script", "#!/bin/sh");
    expect(statSync(path.join(inside, "script")).mode & 0o111).toBe(0);
    expect(statSync(path.join(inside, "script")).mode & 0o6022).toBe(0);
    view.dispose();
  });

  test("never changes a file that has another name, outside perhaps", () => {
    const view = writableMount();
    linkSync(path.join(outside, "secret"), path.join(inside, "linked"));
    const before = statSync(path.join(outside, "secret"));
    expect([
      writeText(view, "/data/linked", "owned"),
      view.open("/data/linked", { read: true, write: false, append: true }),
      view.open("/data/linked", { read: true, write: true }),
      view.setTimes("/data/linked", { modifiedMs: 1_000 }, true),
    ]).toEqual(["EPERM", "EPERM", "EPERM", "EPERM"]);
    const reader = openedFile(view.open("/data/linked", READ));
    expect(reader.handle.setTimes({ modifiedMs: 1_000 })).toBe("EPERM");
    reader.close();
    expect(readFileSync(path.join(outside, "secret"), "utf8")).toBe(SECRET);
    expect(statSync(path.join(outside, "secret")).mtimeMs).toBe(before.mtimeMs);
    // The name itself can be taken away; the file stays.
    expect(view.rename("/data/a.txt", "/data/linked")).toBeUndefined();
    expect(readFileSync(path.join(outside, "secret"), "utf8")).toBe(SECRET);
    expect(writeText(view, "/data/linked", "mine")).toBeUndefined();
    view.dispose();
  });
});

describe("names", () => {
  test.skipIf(!linux)("that are no UTF-8 on the host are not listed, and no guest name becomes one", () => {
    const view = writableMount();
    writeFileSync(Buffer.concat([Buffer.from(`${inside}/bad`), Buffer.of(0xff)]), "bytes");
    symlinkSync(Buffer.of(0xff, 0xfe), path.join(inside, "link"));
    writeFileSync(path.join(inside, "real\uFFFD"), "");
    mkdirSync(path.join(inside, "real\uFFFDtoo"));
    expect(ok(view.list("/data")).map(({ name, kind }) => `${kind} ${name}`)).toEqual([
      "file a.txt",
      "symlink link",
      "file real\uFFFD",
      "directory real\uFFFDtoo",
      "directory sub",
    ]);
    expect(readText(view, "/data/bad\uFFFD")).toBe("ENOENT");
    expect(readText(view, "/data/link")).toBe("EINVAL");
    for (const name of ["\uD800", "x\uDC00", "\uDC00\uD800"]) {
      expect(view.stat(`/data/${name}`, true)).toBe("EINVAL");
      expect(writeText(view, `/data/${name}`, "")).toBe("EINVAL");
    }
    view.dispose();
  });

  test("that are hidden can neither be seen, made, replaced nor reached", () => {
    mkdirSync(path.join(inside, "sub/.git/hooks"), { recursive: true });
    writeFileSync(path.join(inside, "sub/.git/config"), SECRET);
    writeFileSync(path.join(inside, ".env.local"), SECRET);
    writeFileSync(path.join(inside, "id_rsa"), SECRET);
    symlinkSync("sub/.git/config", path.join(inside, "shortcut"));
    const view = writableMount({ hide: [".git", ".env*", "id_rsa", "*.p*m"] });
    expect(namesIn(view, "/data")).toEqual(["a.txt", "shortcut", "sub"]);
    expect(namesIn(view, "/data/sub")).toEqual(["f"]);
    for (const name of [
      "sub/.git",
      "sub/.git/config",
      ".env.local",
      ".env",
      "id_rsa",
      "key.pem",
      "shortcut",
      ".GIT",
      "ID_RSA",
    ]) {
      expect([name, view.stat(`/data/${name}`, true)]).toEqual([name, "ENOENT"]);
    }
    for (const name of [
      "sub/.git",
      ".env",
      ".envrc",
      "id_rsa",
      ".git",
      ".Git",
      ".gIt",
      ".g\u200Cit",
      "x.pem",
      "x.pxm",
    ]) {
      expect([name, writeText(view, `/data/${name}`, "owned")]).toEqual([name, "EACCES"]);
      expect([name, view.makeDirectory(`/data/${name}`)]).toEqual([name, "EACCES"]);
      expect([name, view.rename("/data/a.txt", `/data/${name}`)]).toEqual([name, "EACCES"]);
      expect([name, view.rename("/data/sub", `/data/${name}`)]).toEqual([
        name,
        name.startsWith("sub/") ? "EINVAL" : "EACCES",
      ]);
      expect([name, view.removeFile(`/data/${name}`)]).toEqual([name, "ENOENT"]);
      expect([name, view.removeDirectory(`/data/${name}`)]).toEqual([name, "ENOENT"]);
    }
    for (const name of [".gitignore", "env", "my_id_rsa", "pem", "x.pem2"])
      expect([name, writeText(view, `/data/${name}`, "")]).toEqual([name, undefined]);
    expect(readFileSync(path.join(inside, "sub/.git/config"), "utf8")).toBe(SECRET);
    view.dispose();
  });
});

describe("a directory that cannot be mounted", () => {
  const failure = (options: Partial<HostDirectoryOptions>): string => {
    try {
      mount(options).dispose();
      return "no error";
    } catch (error) {
      const code = error instanceof Error && "code" in error ? ` ${String(error.code)}` : "";
      return `${(error as Error).name}${code}: ${(error as Error).message}`;
    }
  };

  test("is named with its host path and mount point, before anything runs", () => {
    const none = path.join(base, "none");
    const file = path.join(inside, "a.txt");
    expect(failure({ path: none })).toBe(
      `WardianError invalid-mount: Cannot mount "/data": host path "${none}" does not exist`,
    );
    expect(failure({ path: file })).toBe(
      `WardianError invalid-mount: Cannot mount "/data": host path "${file}" is not a directory`,
    );
    expect(failure({ path: path.join(file, "x") })).toBe(
      `WardianError invalid-mount: Cannot mount "/data": host path "${path.join(file, "x")}" is not a directory`,
    );
    symlinkSync(none, path.join(base, "dangling"));
    expect(failure({ path: path.join(base, "dangling") })).toMatch(/does not exist$/);
    expect(failure({ path: "" })).toBe('RangeError: Cannot use a host directory: "path" is empty or holds a NUL');
    expect(failure({ path: "a\0b" })).toBe('RangeError: Cannot use a host directory: "path" is empty or holds a NUL');
    expect(failure({ path: 7 as unknown as string })).toBe(
      'TypeError: Cannot use a host directory: "path" must be a string or a file URL',
    );
    expect(failure({ mode: "rw" as "read-write" })).toBe(
      'TypeError: Cannot use a host directory: "mode" must be "read-only", "read-write" or "overlay"',
    );
    expect(failure({ hide: ["a/b"] })).toBe(
      'TypeError: Cannot use a host directory: "hide" holds "a/b", which is not a name',
    );
    expect(failure({ hide: "x" as unknown as string[] })).toBe(
      'TypeError: Cannot use a host directory: "hide" must be an array of names',
    );
    expect(failure({ maxBytes: -1 })).toMatch(
      /^RangeError: Cannot use a host directory: "maxBytes" must be an integer/,
    );
    expect(failure({ maxEntries: "9" as unknown as number })).toBe(
      'TypeError: Cannot use a host directory: "maxEntries" must be a number',
    );
    expect(() => hostDirectory(undefined as unknown as HostDirectoryOptions)).toThrow(
      "Cannot use a host directory: give { path }",
    );
    expect(failure({ path: new URL(`file://${inside}`) })).toBe("no error");
  });
});
