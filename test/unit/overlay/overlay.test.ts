// What is special about an overlay: nothing is copied before it must be, handles of one file agree, and what lies below
// may change under it.
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import type { FileSystem } from "../../../src/capabilities/files/file-system.ts";
import type { FileSystemState } from "../../../src/capabilities/files/file-system-state.ts";
import { memoryDirectory } from "../../../src/capabilities/files/memory/memory-directory.ts";
import { overlayDirectory } from "../../../src/capabilities/files/overlay/overlay-directory.ts";
import { createFileView, type OwnedFileView } from "../../../src/capabilities/files/view/create-file-view.ts";
import { hostDirectory, type HostDirectoryOptions } from "../../../src/hosts/node/host-directory/host-directory.ts";
import { namesIn, ok, openedFile, readHandle, readText, writeText } from "../../support/file-text.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";

const READ = { read: true, write: false };
const WRITE = { read: true, write: true };
const MIB = 2 ** 20;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

let base = "";
beforeEach(() => {
  base = temporaryDirectory();
  writeFileSync(path.join(base, "a.txt"), "alpha");
  mkdirSync(path.join(base, "sub/deep"), { recursive: true });
  writeFileSync(path.join(base, "sub/b.txt"), "beta");
  writeFileSync(path.join(base, "sub/deep/c.txt"), "gamma");
});

function viewOf(fileSystem: FileSystem, charge?: (units: number) => unknown): OwnedFileView {
  return createFileView({
    mounts: new Map([["/d", fileSystem]]),
    now: () => 1_700_000_000_000,
    ...(charge === undefined ? {} : { charge }),
  });
}

function mounted(options: Partial<HostDirectoryOptions> = {}) {
  const overlay = hostDirectory({ path: base, ...options, mode: "overlay" });
  return { overlay, view: viewOf(overlay) };
}

describe("an overlay copies nothing before it must", () => {
  beforeEach(() => writeFileSync(path.join(base, "big"), new Uint8Array(200 * MIB)));

  test("opening, reading and cutting a file take nothing of the quota", () => {
    const { overlay, view } = mounted({ maxBytes: MIB });
    const reader = openedFile(view.open("/d/big", READ));
    expect(reader.handle.read(new Uint8Array(1), 150 * MIB)).toBe(1);
    const writer = openedFile(view.open("/d/big", WRITE));
    expect(writer.handle.read(new Uint8Array(1), 150 * MIB)).toBe(1);
    expect(overlay.usedBytes).toBe(0);
    expect(overlay.diff()).toEqual([]);
    expect(writer.handle.truncate(100 * MIB)).toBeUndefined();
    expect(overlay.usedBytes).toBe(0);
    expect(ok(reader.handle.stat()).size).toBe(100 * MIB);
    expect(overlay.diff()).toEqual([{ path: "big", kind: "modified", type: "file", size: 100 * MIB }]);
    view.dispose();
  });

  test("a write takes the pieces that it touches, and what it adds", () => {
    const { overlay, view } = mounted({ maxBytes: MIB });
    const file = openedFile(view.open("/d/big", WRITE));
    expect(file.handle.write(Uint8Array.of(1), 100 * MIB + 5)).toBe(1);
    expect(overlay.usedBytes).toBe(65_536);
    expect(file.handle.write(Uint8Array.of(2), 100 * MIB + 7)).toBe(1);
    expect(overlay.usedBytes).toBe(65_536);
    const log = openedFile(view.open("/d/big", { ...READ, append: true }));
    expect(log.handle.write(bytes("line\n"), 0)).toBe(5);
    expect(overlay.usedBytes).toBe(65_541);
    const around = new Uint8Array(4);
    expect(file.handle.read(around, 100 * MIB + 4)).toBe(4);
    expect([...around]).toEqual([0, 1, 0, 2]);
    expect(file.handle.truncate(10)).toBeUndefined();
    expect(overlay.usedBytes).toBe(0);
    view.dispose();
    expect(statSync(path.join(base, "big")).size).toBe(200 * MIB);
  });

  test("the quota holds, byte by byte and by entries, and what is refused changes nothing", () => {
    const { overlay, view } = mounted({ maxBytes: 150_000, maxEntries: 3 });
    const file = openedFile(view.open("/d/big", WRITE));
    expect(file.handle.write(Uint8Array.of(1), 0)).toBe(1);
    expect(file.handle.write(Uint8Array.of(1), 65_536)).toBe(1);
    expect(file.handle.write(Uint8Array.of(1), 2 * 65_536)).toBe("ENOSPC");
    expect(file.handle.write(Uint8Array.of(1), 201 * MIB)).toBe("EFBIG");
    expect(file.handle.truncate(201 * MIB)).toBe("EFBIG");
    expect(file.handle.write(bytes("both"), 65_534)).toBe(4);
    expect(overlay.usedBytes).toBe(131_072);
    file.close();
    // One entry is the file; a removal counts, and a change in a directory takes that directory along.
    expect(view.removeFile("/d/sub/b.txt")).toBeUndefined();
    expect(view.removeFile("/d/a.txt")).toBe("ENOSPC");
    expect(writeText(view, "/d/new", "x")).toBe("ENOSPC");
    expect(view.rename("/d/a.txt", "/d/z.txt")).toBe("ENOSPC");
    expect(namesIn(view, "/d")).toEqual(["a.txt", "big", "sub"]);
    expect(readText(view, "/d/a.txt")).toBe("alpha");
    view.dispose();
  });

  test("copying up is paid for", () => {
    let spent = 0;
    const view = viewOf(hostDirectory({ path: base, mode: "overlay" }), (units) => {
      spent += units;
      return spent < 100e6;
    });
    const file = openedFile(view.open("/d/big", WRITE));
    const costOf = (position: number): number => {
      const before = spent;
      expect(file.handle.write(Uint8Array.of(1), position)).toBe(1);
      return spent - before;
    };
    // 64 KiB come up for the first byte in a piece, nothing for the second.
    const [first, second] = [costOf(5), costOf(6)];
    expect(first - second).toBeGreaterThanOrEqual(2 * 65_536);
    let position = 0;
    let result = file.handle.write(Uint8Array.of(1), position);
    while (result === 1) result = file.handle.write(Uint8Array.of(1), (position += 65_536));
    expect(result).toBe("EIO");
    view.dispose();
  });
});

describe("open files", () => {
  test("see what another handle writes, whichever was first", () => {
    const { view } = mounted();
    const early = openedFile(view.open("/d/a.txt", READ));
    const writer = openedFile(view.open("/d/a.txt", WRITE));
    const late = openedFile(view.open("/d/a.txt", READ));
    expect(writer.handle.write(bytes("AL"), 0)).toBe(2);
    for (const reader of [early, late, writer]) expect(ok(readHandle(reader.handle)).text).toBe("ALpha");
    expect(ok(early.handle.stat())).toEqual(ok(late.handle.stat()));
    expect(view.removeFile("/d/a.txt")).toBeUndefined();
    writer.close();
    expect(ok(readHandle(early.handle)).text).toBe("ALpha");
    early.close();
    expect(ok(readHandle(late.handle)).text).toBe("ALpha");
    late.close();
    view.dispose();
  });

  test("outlive their names: removed, replaced and made again", () => {
    const { overlay, view } = mounted();
    const old = openedFile(view.open("/d/a.txt", READ));
    expect(view.removeFile("/d/a.txt")).toBeUndefined();
    expect(writeText(view, "/d/a.txt", "new")).toBeUndefined();
    expect(ok(readHandle(old.handle)).text).toBe("alpha");
    expect(readText(view, "/d/a.txt")).toBe("new");
    expect(view.rename("/d/sub/b.txt", "/d/a.txt")).toBeUndefined();
    expect(ok(readHandle(old.handle)).text).toBe("alpha");
    expect(readText(view, "/d/a.txt")).toBe("beta");
    old.close();
    expect(overlay.diff()).toEqual([
      { path: "a.txt", kind: "modified", type: "file", size: 4 },
      { path: "sub/b.txt", kind: "removed", type: "file", size: 4 },
    ]);
    view.dispose();
  });

  test("bytes of a removed file are given back when the last handle is closed", () => {
    const { overlay, view } = mounted();
    const file = openedFile(view.open("/d/a.txt", WRITE));
    expect(file.handle.write(bytes("x".repeat(1_000)), 0)).toBe(1_000);
    expect(view.removeFile("/d/a.txt")).toBeUndefined();
    expect(overlay.usedBytes).toBe(1_000);
    file.close();
    expect(overlay.usedBytes).toBe(0);
    view.dispose();
  });
});

test("inode numbers stay the same through change, move and listing, and are nobody else's", () => {
  const { view } = mounted();
  const number = (name: string): number => ok(view.stat(`/d/${name}`, false)).inode;
  const [file, directory, deep] = [number("a.txt"), number("sub"), number("sub/deep/c.txt")];
  expect(writeText(view, "/d/a.txt", "changed")).toBeUndefined();
  expect(number("a.txt")).toBe(file);
  expect(view.rename("/d/a.txt", "/d/sub/moved")).toBeUndefined();
  expect(number("sub/moved")).toBe(file);
  expect(view.rename("/d/sub", "/d/dir")).toBeUndefined();
  expect([number("dir"), number("dir/moved"), number("dir/deep/c.txt")]).toEqual([directory, file, deep]);
  expect(view.makeDirectory("/d/sub")).toBeUndefined();
  expect(writeText(view, "/d/a.txt", "another")).toBeUndefined();
  const all = ["", "a.txt", "dir", "dir/moved", "dir/b.txt", "dir/deep", "dir/deep/c.txt", "sub"].map(number);
  expect(new Set(all).size).toBe(all.length);
  view.dispose();
});

test("a directory that was moved takes what lies below along, and its old place is free", () => {
  const { overlay, view } = mounted();
  expect(view.rename("/d/sub", "/d/moved")).toBeUndefined();
  expect(view.rename("/d/moved/deep", "/d/deep")).toBeUndefined();
  expect(readText(view, "/d/deep/c.txt")).toBe("gamma");
  expect(namesIn(view, "/d/moved")).toEqual(["b.txt"]);
  expect(view.makeDirectory("/d/sub")).toBeUndefined();
  expect(namesIn(view, "/d/sub")).toEqual([]);
  expect(view.rename("/d/moved", "/d/sub")).toBeUndefined();
  expect(view.rename("/d/deep", "/d/sub/deep")).toBeUndefined();
  // Everything is back where it was.
  expect(overlay.diff()).toEqual([]);
  expect(readText(view, "/d/sub/deep/c.txt")).toBe("gamma");
  view.dispose();
});

test("a file below with two names becomes two files when one is changed", () => {
  const two = memoryDirectory({ files: { a: "one" } });
  const below = viewOf(two);
  expect(below.link("/d/a", "/d/b")).toBeUndefined();
  const view = viewOf(overlayDirectory({ over: two }));
  expect(writeText(view, "/d/a", "changed")).toBeUndefined();
  expect([readText(view, "/d/a"), readText(view, "/d/b")]).toEqual(["changed", "one"]);
  expect(ok(view.stat("/d/a", true)).inode).not.toBe(ok(view.stat("/d/b", true)).inode);
});

test("listings are sorted, whatever the order of changes", () => {
  const { view } = mounted();
  for (const name of ["z", "B", "m", "a"]) expect(writeText(view, `/d/${name}`, "")).toBeUndefined();
  expect(ok(view.list("/d")).map(({ name }) => name)).toEqual(["B", "a", "a.txt", "m", "sub", "z"]);
  view.dispose();
});

test("directories deeper than any stack are listed, compared and committed", () => {
  const over = memoryDirectory({ maxEntries: 20_000 });
  const overlay = overlayDirectory({ over, maxEntries: 20_000 });
  const root = overlay.root({ now: () => 0 });
  let directory = root;
  for (let depth = 0; depth < 5_000; depth += 1) directory = ok(directory.createDirectory("d"));
  ok(directory.createFile("bottom"));
  expect(overlay.diff().length).toBe(5_001);
  expect(overlay.commit().length).toBe(5_001);
  expect(overlay.diff()).toEqual([]);
}, 120_000);

describe("names", () => {
  test("that are hidden below cannot be made, moved to or seen", () => {
    mkdirSync(path.join(base, ".git"));
    const { overlay, view } = mounted({ hide: [".git", "*.key"] });
    expect(writeText(view, "/d/.git/config", "x")).toBe("ENOENT");
    for (const name of [".git", ".GIT", "a.key", ".wardian-commit-1"]) {
      expect([name, writeText(view, `/d/${name}`, "x")]).toEqual([name, "EACCES"]);
      expect([name, view.makeDirectory(`/d/${name}`)]).toEqual([name, "EACCES"]);
      expect([name, view.symlink("x", `/d/${name}`)]).toEqual([name, "EACCES"]);
      expect([name, view.link("/d/a.txt", `/d/${name}`)]).toEqual([name, "EACCES"]);
      expect([name, view.rename("/d/sub", `/d/${name}`)]).toEqual([name, "EACCES"]);
    }
    expect(writeText(view, "/d/\uD800", "x")).toBe("EINVAL");
    expect(overlay.diff()).toEqual([]);
    view.dispose();
  });

  test("such as __proto__ are names", () => {
    const { overlay, view } = mounted();
    for (const name of ["__proto__", "constructor", "hasOwnProperty", "é", "e\u0301", "A.TXT"])
      expect(writeText(view, `/d/${name}`, name)).toBeUndefined();
    expect(view.removeFile("/d/__proto__")).toBeUndefined();
    expect(readText(view, "/d/a.txt")).toBe("alpha");
    expect(overlay.diff().map((change) => change.path)).toEqual([
      "A.TXT",
      "constructor",
      "e\u0301",
      "hasOwnProperty",
      "é",
    ]);
    view.dispose();
  });
});

describe("what changes below meanwhile", () => {
  test("is seen as long as the guest has not changed it itself", () => {
    const { overlay, view } = mounted();
    writeFileSync(path.join(base, "a.txt"), "from the host");
    writeFileSync(path.join(base, "sub/late"), "late");
    expect(readText(view, "/d/a.txt")).toBe("from the host");
    expect(view.rename("/d/sub", "/d/moved")).toBeUndefined();
    writeFileSync(path.join(base, "sub/later"), "later");
    expect(readText(view, "/d/moved/later")).toBe("later");
    rmSync(path.join(base, "sub"), { recursive: true });
    expect(namesIn(view, "/d/moved")).toEqual([]);
    expect(overlay.diff()).toEqual([{ path: "moved", kind: "added", type: "directory", size: 0 }]);
    view.dispose();
  });

  test("is never mixed with what the guest wrote", () => {
    writeFileSync(path.join(base, "long"), "x".repeat(200_000));
    const { view } = mounted();
    const file = openedFile(view.open("/d/long", WRITE));
    expect(file.handle.write(bytes("mine"), 0)).toBe(4);
    writeFileSync(path.join(base, "long"), "y".repeat(200_001));
    expect(file.handle.read(new Uint8Array(4), 0)).toBe(4);
    expect(file.handle.read(new Uint8Array(4), 100_000)).toBe("EIO");
    expect(file.handle.write(bytes("more"), 100_000)).toBe("EIO");
    file.close();
    view.dispose();
  });

  test("a directory that is swapped for a link or a file no longer shows through", () => {
    const { view } = mounted();
    expect(writeText(view, "/d/sub/new", "n")).toBeUndefined();
    renameSync(path.join(base, "sub"), path.join(base, "old"));
    symlinkSync("/etc", path.join(base, "sub"));
    expect(namesIn(view, "/d/sub")).toEqual(["new"]);
    expect(readText(view, "/d/sub/passwd")).toBe("ENOENT");
    view.dispose();
  });
});

test("a reset drops the changes, and what is open is closed", () => {
  const { overlay, view } = mounted();
  expect(writeText(view, "/d/a.txt", "changed")).toBeUndefined();
  expect(view.removeFile("/d/sub/b.txt")).toBeUndefined();
  expect(view.rename("/d/sub", "/d/moved")).toBeUndefined();
  const held = openedFile(view.open("/d/moved/deep/c.txt", READ));
  view.reset();
  expect(held.handle.read(new Uint8Array(1), 0)).toBe("EBADF");
  expect([readText(view, "/d/a.txt"), readText(view, "/d/sub/b.txt"), namesIn(view, "/d")]).toEqual([
    "alpha",
    "beta",
    ["a.txt", "sub"],
  ]);
  expect([overlay.diff(), overlay.usedBytes]).toEqual([[], 0]);
  view.dispose();
});

test("times alone are no change, and survive", () => {
  const { overlay, view } = mounted();
  expect(view.setTimes("/d/a.txt", { modifiedMs: 5_000 }, true)).toBeUndefined();
  expect(ok(view.stat("/d/a.txt", true)).modifiedMs).toBe(5_000);
  expect(overlay.diff()).toEqual([]);
  utimesSync(path.join(base, "a.txt"), 1, 1);
  expect(ok(view.stat("/d/a.txt", true)).modifiedMs).toBe(5_000);
  view.dispose();
  expect(readFileSync(path.join(base, "a.txt"), "utf8")).toBe("alpha");
});

describe("a forged state", () => {
  const times = { accessedMs: 0, modifiedMs: 0, changedMs: 0 };
  const version = { inode: 1, size: 5, modifiedMs: 0 };
  const origin = (at: string) => ({ path: at, number: 3, version, limit: 0 });
  const root = { kind: "directory", id: 1, ...times } as const;
  const directory = { kind: "directory", id: 2, ...times, entries: [] } as const;
  const states: readonly [string, unknown][] = [
    [
      "shows a directory in two places",
      {
        nextId: 9,
        inodes: [
          { ...root, entries: [["x", 1]] },
          { ...directory, origin: origin("sub") },
        ],
      },
    ],
    [
      "puts the root into itself",
      {
        nextId: 9,
        inodes: [
          { ...root, entries: [["x", 1]] },
          { ...directory, origin: origin("") },
        ],
      },
    ],
    [
      "leaves the directory",
      {
        nextId: 9,
        inodes: [
          { ...root, entries: [["x", 1]] },
          { ...directory, origin: origin("../x") },
        ],
        removed: [{ path: "../x", kind: "directory", version }],
      },
    ],
    [
      "removes the root",
      { nextId: 9, inodes: [{ ...root, entries: [] }], removed: [{ path: "", kind: "directory", version }] },
    ],
    [
      "removes a path twice",
      {
        nextId: 9,
        inodes: [{ ...root, entries: [] }],
        removed: [0, 0].map(() => ({ path: "a", kind: "file", version })),
      },
    ],
    [
      "removes more than the quota",
      {
        nextId: 9,
        inodes: [{ ...root, entries: [] }],
        removed: Array.from({ length: 11 }, (_, i) => ({ path: `f${i}`, kind: "file", version })),
      },
    ],
    [
      "has a piece of a file that is not there",
      {
        nextId: 9,
        inodes: [
          { ...root, entries: [["x", 1]] },
          { ...directory, kind: "file", size: 1, chunks: [], origin: { ...origin("a.txt"), limit: 2 } },
        ],
      },
    ],
  ];
  test.each(states)("that %s is refused", (_, state) => {
    const { overlay, view } = mounted({ maxEntries: 10 });
    expect(() => overlay.restore(state as FileSystemState)).toThrow(/^Cannot restore the files of a sandbox: /);
    expect(namesIn(view, "/d")).toEqual(["a.txt", "sub"]);
    view.dispose();
  });
});

test("bad options are told", () => {
  expect(() => overlayDirectory({} as never)).toThrow(
    'Cannot make an overlay: "over" must be a file system, such as memoryDirectory(…)',
  );
  expect(() => overlayDirectory({ over: memoryDirectory(), maxBytes: -1 })).toThrow(
    `Cannot make an overlay: "maxBytes" must be an integer from 0 to ${2 ** 40}`,
  );
  expect(() => hostDirectory({ path: base, mode: "overlay", maxEntries: "9" as never })).toThrow(TypeError);
});
