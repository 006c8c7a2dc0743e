// Writing an overlay back: what a commit does, what it refuses, and that a refused one changes nothing.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import {
  CommitConflictError,
  CommitIncompleteError,
} from "../../../src/capabilities/files/overlay/commit/commit-error.ts";
import { FileError } from "../../../src/capabilities/files/file-error.ts";
import type { FileSystem } from "../../../src/capabilities/files/file-system.ts";
import { memoryDirectory } from "../../../src/capabilities/files/memory/memory-directory.ts";
import { Overlay } from "../../../src/capabilities/files/overlay/overlay.ts";
import { overlayDirectory } from "../../../src/capabilities/files/overlay/overlay-directory.ts";
import { createFileView, type OwnedFileView } from "../../../src/capabilities/files/view/create-file-view.ts";
import { commitTarget } from "../../../src/hosts/node/host-directory/commit-to-host.ts";
import { PathBroker } from "../../../src/hosts/node/host-directory/path-broker.ts";
import { portableHostDirectory } from "../../support/portable-host-directory.ts";
import { hostDirectory, type HostDirectoryOptions } from "../../../src/hosts/node/host-directory/host-directory.ts";
import { namesIn, ok, openedFile, readText, writeText } from "../../support/file-text.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";

let base = "";
beforeEach(() => {
  base = temporaryDirectory();
  writeFileSync(path.join(base, "a.txt"), "alpha");
  mkdirSync(path.join(base, "sub/deep"), { recursive: true });
  writeFileSync(path.join(base, "sub/b.txt"), "beta");
  writeFileSync(path.join(base, "sub/deep/c.txt"), "gamma");
});

function viewOf(fileSystem: FileSystem): OwnedFileView {
  return createFileView({ mounts: new Map([["/d", fileSystem]]), now: () => 1_700_000_000_000 });
}

function mounted(options: Partial<HostDirectoryOptions> = {}) {
  const overlay = hostDirectory({ path: base, ...options, mode: "overlay" });
  return { overlay, view: viewOf(overlay) };
}

/** Every path with its content, "directory" or "-> target". */
function tree(): Record<string, string> {
  const entries = readdirSync(base, { recursive: true, withFileTypes: true }).map((entry): [string, string] => {
    const file = path.join(entry.parentPath, entry.name);
    const name = path.relative(base, file);
    if (entry.isSymbolicLink()) return [name, `-> ${readlinkSync(file)}`];
    return [name, entry.isFile() ? readFileSync(file, "utf8") : "directory"];
  });
  return Object.fromEntries(entries);
}

const START = {
  "a.txt": "alpha",
  sub: "directory",
  "sub/b.txt": "beta",
  "sub/deep": "directory",
  "sub/deep/c.txt": "gamma",
};

function failureOf(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return "no error";
}

test("a commit writes what was added, changed, moved and removed, and says so", () => {
  const { overlay, view } = mounted();
  expect(writeText(view, "/d/a.txt", "changed")).toBeUndefined();
  expect(view.makeDirectory("/d/new")).toBeUndefined();
  expect(writeText(view, "/d/new/n.txt", "n")).toBeUndefined();
  expect(view.rename("/d/sub/deep", "/d/moved")).toBeUndefined();
  expect(view.removeFile("/d/sub/b.txt")).toBeUndefined();
  expect(writeText(view, "/d/gone", "x")).toBeUndefined();
  expect(view.removeFile("/d/gone")).toBeUndefined();
  const expected = [
    { path: "a.txt", kind: "modified", type: "file", size: 7 },
    { path: "moved", kind: "added", type: "directory", size: 0 },
    { path: "moved/c.txt", kind: "added", type: "file", size: 5 },
    { path: "new", kind: "added", type: "directory", size: 0 },
    { path: "new/n.txt", kind: "added", type: "file", size: 1 },
    { path: "sub/b.txt", kind: "removed", type: "file", size: 4 },
    { path: "sub/deep", kind: "removed", type: "directory", size: 0 },
    { path: "sub/deep/c.txt", kind: "removed", type: "file", size: 5 },
  ];
  expect(overlay.diff()).toEqual(expected);
  expect(tree()).toEqual(START);
  expect(overlay.commit()).toEqual(expected);
  expect(tree()).toEqual({
    "a.txt": "changed",
    moved: "directory",
    "moved/c.txt": "gamma",
    new: "directory",
    "new/n.txt": "n",
    sub: "directory",
  });
  expect([overlay.diff(), overlay.usedBytes, overlay.commit()]).toEqual([[], 0, []]);
  // The overlay goes on over what it has written.
  expect(writeText(view, "/d/new/n.txt", "again")).toBeUndefined();
  expect(overlay.commit()).toEqual([{ path: "new/n.txt", kind: "modified", type: "file", size: 5 }]);
  view.dispose();
});

test("files that swap their names swap their content", () => {
  const { overlay, view } = mounted();
  expect(view.rename("/d/a.txt", "/d/t")).toBeUndefined();
  expect(view.rename("/d/sub/b.txt", "/d/a.txt")).toBeUndefined();
  expect(view.rename("/d/t", "/d/sub/b.txt")).toBeUndefined();
  overlay.commit();
  expect(tree()).toEqual({ ...START, "a.txt": "beta", "sub/b.txt": "alpha" });
  view.dispose();
});

test("a file takes the place of a directory and the other way round", () => {
  const { overlay, view } = mounted();
  expect(view.rename("/d/sub/deep/c.txt", "/d/c")).toBeUndefined();
  expect(view.removeDirectory("/d/sub/deep")).toBeUndefined();
  expect(view.rename("/d/c", "/d/sub/deep")).toBeUndefined();
  expect(view.removeFile("/d/a.txt")).toBeUndefined();
  expect(view.makeDirectory("/d/a.txt")).toBeUndefined();
  expect(writeText(view, "/d/a.txt/in", "in")).toBeUndefined();
  overlay.commit();
  expect(tree()).toEqual({
    "a.txt": "directory",
    "a.txt/in": "in",
    sub: "directory",
    "sub/b.txt": "beta",
    "sub/deep": "gamma",
  });
  view.dispose();
});

test("a part that still lies below is copied along", () => {
  writeFileSync(path.join(base, "long"), "x".repeat(300_000));
  const { overlay, view } = mounted();
  const file = openedFile(view.open("/d/long", { read: true, write: true }));
  expect(file.handle.write(new TextEncoder().encode("mine"), 100_000)).toBe(4);
  file.close();
  overlay.commit();
  expect(readFileSync(path.join(base, "long"), "utf8")).toBe(`${"x".repeat(100_000)}mine${"x".repeat(199_996)}`);
  view.dispose();
});

test.skipIf(process.platform === "win32")("a replaced file keeps its permissions, but for set-user-ID", () => {
  chmodSync(path.join(base, "a.txt"), 0o4750);
  const { overlay, view } = mounted();
  expect(writeText(view, "/d/a.txt", "changed")).toBeUndefined();
  expect(writeText(view, "/d/new", "n")).toBeUndefined();
  overlay.commit();
  expect(statSync(path.join(base, "a.txt")).mode & 0o7777).toBe(0o750);
  expect(statSync(path.join(base, "new")).mode & 0o7133).toBe(0);
  view.dispose();
});

test("what the guest has open is closed by a commit", () => {
  const { overlay, view } = mounted();
  const file = openedFile(view.open("/d/a.txt", { read: true, write: true }));
  expect(file.handle.write(Uint8Array.of(65), 0)).toBe(1);
  overlay.commit();
  expect(file.handle.write(Uint8Array.of(66), 0)).toBe("EBADF");
  file.close();
  expect(readText(view, "/d/a.txt")).toBe("Alpha");
  expect(readFileSync(path.join(base, "a.txt"), "utf8")).toBe("Alpha");
  view.dispose();
});

test("difference and commit also work when the sandbox is gone", () => {
  const { overlay, view } = mounted();
  expect(writeText(view, "/d/a.txt", "changed")).toBeUndefined();
  view.dispose();
  expect(overlay.diff()).toEqual([{ path: "a.txt", kind: "modified", type: "file", size: 7 }]);
  overlay.commit();
  expect(tree()).toEqual({ ...START, "a.txt": "changed" });
  expect(hostDirectory({ path: base, mode: "overlay" }).diff()).toEqual([]);
});

test("a commit works the same where there are no descriptors of directories", () => {
  const overlay = new Overlay({
    over: portableHostDirectory({ path: base, mode: "read-only" }),
    maxBytes: 1e6,
    maxEntries: 100,
    withTarget: (work) => work(commitTarget(new PathBroker(base))),
  });
  const view = viewOf(overlay);
  chmodSync(path.join(base, "a.txt"), 0o640);
  expect(writeText(view, "/d/a.txt", "changed")).toBeUndefined();
  expect(view.rename("/d/sub/deep", "/d/moved")).toBeUndefined();
  expect(view.removeFile("/d/sub/b.txt")).toBeUndefined();
  overlay.commit();
  expect(tree()).toEqual({ "a.txt": "changed", moved: "directory", "moved/c.txt": "gamma", sub: "directory" });
  if (process.platform !== "win32") expect(statSync(path.join(base, "a.txt")).mode & 0o777).toBe(0o640);
  expect(writeText(view, "/d/a.txt", "mine")).toBeUndefined();
  writeFileSync(path.join(base, "a.txt"), "theirs");
  expect(() => overlay.commit()).toThrow(CommitConflictError);
  view.dispose();
});

describe("what the host changed meanwhile", () => {
  const conflict = (guest: (view: OwnedFileView) => void, host: () => void) => {
    const { overlay, view } = mounted();
    guest(view);
    host();
    const before = tree();
    const error = failureOf(() => overlay.commit());
    expect(error).toBeInstanceOf(CommitConflictError);
    expect(tree()).toEqual(before);
    return { overlay, view, error: error as CommitConflictError };
  };
  const at = (name: string): string => path.join(base, name);

  test("is named, and nothing is written", () => {
    const { error, view } = conflict(
      (guest) => {
        expect(writeText(guest, "/d/a.txt", "mine")).toBeUndefined();
        expect(guest.removeFile("/d/sub/b.txt")).toBeUndefined();
        expect(writeText(guest, "/d/fine", "mine")).toBeUndefined();
        expect(writeText(guest, "/d/both", "mine")).toBeUndefined();
      },
      () => {
        writeFileSync(at("a.txt"), "theirs");
        writeFileSync(at("sub/b.txt"), "theirs");
        writeFileSync(at("both"), "theirs");
      },
    );
    expect([error.code, error.paths, error.message]).toEqual([
      "conflict",
      ["a.txt", "both", "sub/b.txt"],
      'Cannot commit: "a.txt", "both", "sub/b.txt" changed below the overlay meanwhile; { force: true } overwrites',
    ]);
    view.dispose();
  });

  test("is overwritten by force", () => {
    const { overlay, view } = conflict(
      (guest) => {
        expect(writeText(guest, "/d/a.txt", "mine")).toBeUndefined();
        expect(guest.removeFile("/d/sub/b.txt")).toBeUndefined();
      },
      () => {
        writeFileSync(at("a.txt"), "theirs");
        writeFileSync(at("sub/b.txt"), "theirs");
      },
    );
    overlay.commit({ force: true });
    const { "sub/b.txt": _, ...rest } = START;
    expect(tree()).toEqual({ ...rest, "a.txt": "mine" });
    view.dispose();
  });

  test("counts also where only the time tells, and for what was removed, replaced or added in a removed directory", () => {
    const cases: readonly [string, (guest: OwnedFileView) => unknown, () => void, string[]][] = [
      ["touched", (v) => writeText(v, "/d/a.txt", "mine"), () => utimesSync(at("a.txt"), 1, 1), ["a.txt"]],
      ["removed", (v) => writeText(v, "/d/a.txt", "mine", { truncate: false }), () => rmSync(at("a.txt")), ["a.txt"]],
      [
        "replaced by a directory",
        (v) => v.removeFile("/d/a.txt"),
        () => {
          rmSync(at("a.txt"));
          mkdirSync(at("a.txt"));
        },
        ["a.txt"],
      ],
      [
        "added in a removed directory",
        (v) => v.removeFile("/d/sub/deep/c.txt") ?? v.removeDirectory("/d/sub/deep"),
        () => writeFileSync(at("sub/deep/late"), "late"),
        ["sub/deep/late"],
      ],
      [
        "changed after a move",
        (v) => v.rename("/d/a.txt", "/d/z.txt"),
        () => writeFileSync(at("a.txt"), "theirs"),
        ["a.txt"],
      ],
    ];
    for (const [name, guest, host, paths] of cases) {
      rmSync(base, { recursive: true });
      mkdirSync(path.join(base, "sub/deep"), { recursive: true });
      for (const [file, content] of Object.entries(START))
        if (content !== "directory") writeFileSync(at(file), content);
      const { error, view } = conflict((v) => expect([name, guest(v)]).toEqual([name, undefined]), host);
      expect([name, error.paths]).toEqual([name, paths]);
      view.dispose();
    }
  });

  test("is no conflict if both removed the same file, or if only the guest looked at it", () => {
    const { overlay, view } = mounted();
    expect(view.removeFile("/d/a.txt")).toBeUndefined();
    openedFile(view.open("/d/sub/b.txt", { read: true, write: true })).close();
    expect(view.setTimes("/d/sub/deep/c.txt", { modifiedMs: 1 }, true)).toBeUndefined();
    rmSync(at("a.txt"));
    writeFileSync(at("sub/b.txt"), "theirs");
    writeFileSync(at("sub/deep/c.txt"), "theirs");
    expect(overlay.commit()).toEqual([]);
    view.dispose();
  });
});

describe("a commit refuses", () => {
  test("symbolic links, unless they may be left out", () => {
    symlinkSync("a.txt", path.join(base, "old-link"));
    const { overlay, view } = mounted();
    expect(view.symlink("/etc/passwd", "/d/sub/link")).toBeUndefined();
    expect(view.rename("/d/old-link", "/d/moved-link")).toBeUndefined();
    expect(writeText(view, "/d/new", "n")).toBeUndefined();
    expect(overlay.diff().filter(({ type }) => type === "symlink")).toEqual([
      { path: "moved-link", kind: "added", type: "symlink", size: 5 },
      { path: "old-link", kind: "removed", type: "symlink", size: 5 },
      { path: "sub/link", kind: "added", type: "symlink", size: 11 },
    ]);
    const error = failureOf(() => overlay.commit());
    expect(error).toBeInstanceOf(FileError);
    expect(String(error)).toMatch(/it is a symbolic link; \{ symlinks: "skip" \} leaves links out \(EPERM\)$/);
    expect(tree()).toEqual({ ...START, "old-link": "-> a.txt" });
    overlay.commit({ symlinks: "skip" });
    expect(tree()).toEqual({ ...START, new: "n" });
    view.dispose();
  });

  test("to throw away what a removed directory hides", () => {
    writeFileSync(path.join(base, "sub/deep/.env"), "secret");
    const { overlay, view } = mounted({ hide: [".env"] });
    expect(view.removeFile("/d/sub/deep/c.txt")).toBeUndefined();
    expect(view.removeDirectory("/d/sub/deep")).toBeUndefined();
    expect(writeText(view, "/d/a.txt", "changed")).toBeUndefined();
    expect(String(failureOf(() => overlay.commit({ force: true })))).toBe(
      'FileError: Cannot commit "sub/deep": it holds files that the guest could not see (ENOTEMPTY)',
    );
    expect(tree()).toEqual({ ...START, "sub/deep/.env": "secret" });
    view.dispose();
  });

  test("what lies over something read-only", () => {
    const overlay = overlayDirectory({ over: memoryDirectory({ mode: "read-only" }) });
    const view = viewOf(overlay);
    expect(writeText(view, "/d/new", "n")).toBeUndefined();
    expect(() => overlay.commit()).toThrow("what lies below the overlay is read-only");
    expect(readText(view, "/d/new")).toBe("n");
  });

  test("half of itself: what was staged is taken away when the disk or the quota is full", () => {
    const over = memoryDirectory({ files: { a: "alpha" }, maxBytes: 100 });
    const overlay = overlayDirectory({ over });
    const view = viewOf(overlay);
    expect(writeText(view, "/d/a", "x".repeat(60))).toBeUndefined();
    expect(writeText(view, "/d/b", "x".repeat(60))).toBeUndefined();
    expect(failureOf(() => overlay.commit())).toMatchObject({ name: "FileError", errno: "ENOSPC" });
    expect(over.paths()).toEqual(["a"]);
    expect(new TextDecoder().decode(over.readFile("a"))).toBe("alpha");
    expect(readText(view, "/d/b")).toBe("x".repeat(60));
  });
});

test("a commit that breaks off in the middle says what was written", () => {
  // A file system that fails at the second rename.
  const over = memoryDirectory({ files: { a: "1", b: "2" } });
  let renames = 0;
  const failing: FileSystem = {
    kind: "memory",
    writable: true,
    root: (context) => {
      const root = over.root(context);
      const rename = root.rename.bind(root);
      root.rename = (...given) => ((renames += 1) === 2 ? "EIO" : rename(...given));
      return root;
    },
  };
  const overlay = overlayDirectory({ over: failing });
  const view = viewOf(overlay);
  expect(writeText(view, "/d/a", "new a")).toBeUndefined();
  expect(writeText(view, "/d/b", "new b")).toBeUndefined();
  const error = failureOf(() => overlay.commit());
  expect(error).toBeInstanceOf(CommitIncompleteError);
  const { written } = error as CommitIncompleteError;
  expect(written.length).toBe(1);
  // No temporary file stays, and each file is old or new.
  expect(over.paths()).toEqual(["a", "b"]);
  const contents = ["a", "b"].map((name) => new TextDecoder().decode(over.readFile(name)));
  expect(contents.filter((content) => content.startsWith("new")).length).toBe(1);
});

describe("what a killed commit left behind", () => {
  test("is not seen by guests, and the next commit takes the old of it away", () => {
    const [old, fresh] = [".wardian-commit-9-1-0", ".wardian-commit-9-2-0"];
    for (const name of [old, fresh]) writeFileSync(path.join(base, name), "half");
    utimesSync(path.join(base, old), 1, 1);
    for (const mode of ["read-only", "read-write", "overlay"] as const) {
      const view = viewOf(hostDirectory({ path: base, mode }));
      expect(namesIn(view, "/d")).toEqual(["a.txt", "sub"]);
      expect(readText(view, `/d/${fresh}`)).toBe("ENOENT");
      expect(writeText(view, `/d/${fresh}`, "x")).toBe(mode === "read-only" ? "EROFS" : "EACCES");
      view.dispose();
    }
    const { overlay, view } = mounted();
    expect(writeText(view, "/d/a.txt", "changed")).toBeUndefined();
    overlay.commit();
    expect([existsSync(path.join(base, old)), existsSync(path.join(base, fresh))]).toEqual([false, true]);
    view.dispose();
  });
});

test("bad options of a commit are told", () => {
  const { overlay, view } = mounted();
  expect(() => overlay.commit({ symlinks: "follow" as never })).toThrow(
    'Cannot commit: "symlinks" must be "refuse" or "skip"',
  );
  expect(ok(view.stat("/d/a.txt", true)).size).toBe(5);
  view.dispose();
});
