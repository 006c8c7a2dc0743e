import fc from "fast-check";
import type { OpenFile } from "../../src/capabilities/files/file-view.ts";
import { describe, expect, test } from "vitest";
import { MEMORY_COSTS, STEP_UNITS } from "../../src/capabilities/files/file-charges.ts";
import type { FileSystem } from "../../src/capabilities/files/file-system.ts";
import { memoryDirectory } from "../../src/capabilities/files/memory/memory-directory.ts";
import { createFileView, type OwnedFileView } from "../../src/capabilities/files/view/create-file-view.ts";
import { namesIn, ok, openedFile, readText, writeText } from "../support/file-text.ts";

const now = (): number => 5_000;
const READ = { read: true, write: false };

function viewOf(mounts: Readonly<Record<string, FileSystem>>): OwnedFileView {
  return createFileView({ mounts: new Map(Object.entries(mounts)), now });
}

/** "/data" and "/mnt/other", with files in them. */
function twoMounts(): OwnedFileView {
  return viewOf({
    "/data": memoryDirectory({ files: { "a.txt": "A", "sub/b.txt": "B", "sub/deep/c.txt": "C" } }),
    "/mnt/other": memoryDirectory({ files: { "x.txt": "X" } }),
  });
}

describe("paths", () => {
  test("a path names the same file however it is written", () => {
    const view = twoMounts();
    const spellings: readonly (readonly [path: string, cwd?: string])[] = [
      ["/data/sub/b.txt"],
      ["//data///sub//b.txt"],
      ["/data/./sub/././b.txt"],
      ["/data/sub/deep/../b.txt"],
      ["/../../data/sub/b.txt"],
      ["/mnt/other/../../data/sub/b.txt"],
      ["b.txt", "/data/sub"],
      ["./b.txt", "/data/sub/"],
      ["../sub/b.txt", "/data/sub/deep/.."],
      ["../../../../../data/sub/b.txt", "/data/sub"],
      ["data/sub/b.txt", "/"],
      ["data/sub/b.txt"],
    ];
    for (const [path, cwd] of spellings) {
      const file = openedFile(view.open(path, READ, cwd));
      expect([path, file.path]).toEqual([path, "/data/sub/b.txt"]);
      file.close();
      expect(ok(view.canonicalize(path, cwd))).toEqual({ path: "/data/sub/b.txt" });
    }
  });

  test("the parent of the root is the root", () => {
    const view = twoMounts();
    for (const path of ["/", "/..", "/../..", "/data/..", "/data/../..", "..", ".", "/mnt/..", "/mnt/other/../.."]) {
      expect([path, namesIn(view, path)]).toEqual([path, ["data", "mnt"]]);
      expect(ok(view.canonicalize(path))).toEqual({ path: "/" });
    }
  });

  test("a file is not a directory, whatever follows it", () => {
    const view = twoMounts();
    for (const path of ["/data/a.txt/", "/data/a.txt/.", "/data/a.txt/..", "/data/a.txt/../a.txt", "/data/a.txt/x"]) {
      expect([path, view.open(path, READ)]).toEqual([path, "ENOTDIR"]);
      expect([path, view.stat(path, true)]).toEqual([path, "ENOTDIR"]);
    }
    expect(view.list("/data/a.txt")).toBe("ENOTDIR");
    expect(view.removeFile("/data/a.txt/")).toBe("ENOTDIR");
    expect(view.rename("/data/a.txt/", "/data/z")).toBe("ENOTDIR");
    expect(view.rename("/data/a.txt", "/data/z/")).toBe("ENOTDIR");
    expect(readText(view, "/data/a.txt")).toBe("A");
  });

  test("what is not a path is refused before anything is looked up", () => {
    const view = twoMounts();
    const cases: readonly (readonly [path: string, errno: string])[] = [
      ["", "ENOENT"],
      ["\0", "EINVAL"],
      ["/data/a.txt\0", "EINVAL"],
      ["/data/a.txt\0/../../etc/passwd", "EINVAL"],
      ["/".repeat(4_097), "ENAMETOOLONG"],
      [`/data/${"x".repeat(256)}`, "ENAMETOOLONG"],
      [`/data/${"é".repeat(128)}`, "ENAMETOOLONG"],
      ["/é".repeat(1_366), "ENAMETOOLONG"],
      [`/data/${"x".repeat(255)}`, "ENOENT"],
      [`/data/${"🪴".repeat(63)}`, "ENOENT"],
      [`/data/${"🪴".repeat(64)}`, "ENAMETOOLONG"],
    ];
    for (const [path, errno] of cases) {
      const shown = path.slice(0, 20);
      expect([shown, view.open(path, READ)]).toEqual([shown, errno]);
      expect([shown, view.stat(path, false)]).toEqual([shown, errno]);
      expect([shown, view.removeFile(path)]).toEqual([shown, errno]);
      expect([shown, view.rename("/data/a.txt", path)]).toEqual([
        shown,
        errno === "ENOENT" && path !== "" ? undefined : errno,
      ]);
      if (errno === "ENOENT" && path !== "") ok(view.rename(path, "/data/a.txt") ?? { done: true });
    }
    expect(view.open("a.txt", READ, "data")).toBe("EINVAL");
    expect(view.open("a.txt", READ, "")).toBe("EINVAL");
    expect(view.open("a.txt", READ, "/data\0")).toBe("EINVAL");
    expect(view.open("a.txt", READ, "/none")).toBe("ENOENT");
    expect(view.open("a.txt", READ, "/data/a.txt")).toBe("ENOTDIR");
    expect(view.open(Symbol.iterator as unknown as string, READ)).toBe("EINVAL");
  });

  test("nothing is decoded or normalised: these are plain names", () => {
    const view = viewOf({ "/data": memoryDirectory(), "/secret": memoryDirectory({ files: { key: "K" } }) });
    for (const name of [
      "%2e%2e",
      "..%2fsecret",
      "‥",
      ".. ",
      "...",
      "..\\secret",
      "C:",
      "~",
      "$HOME",
      "*",
      "\\\\.\\pipe\\x",
    ]) {
      expect([name, readText(view, `/data/${name}/secret/key`)]).toEqual([name, "ENOENT"]);
      expect([name, writeText(view, `/data/${name}`, name)]).toEqual([name, undefined]);
      expect([name, readText(view, `/data/${name}`)]).toEqual([name, name]);
    }
  });

  test("whatever a guest asks for, a path stays in the tree and no method throws", () => {
    const part = fc.oneof(
      fc.constantFrom(
        "..",
        ".",
        "",
        "data",
        "sub",
        "a.txt",
        "mnt",
        "other",
        "link",
        "up",
        "etc",
        "passwd",
        "__proto__",
        "\0",
        "%2e%2e",
      ),
      fc.string({ unit: "binary", maxLength: 5 }),
    );
    const path = fc
      .tuple(fc.constantFrom("", "/"), fc.array(part, { maxLength: 12 }))
      .map(([start, parts]) => start + parts.join("/"));
    fc.assert(
      fc.property(path, path, path, (first, second, cwd) => {
        const view = twoMounts();
        view.symlink(second, "/data/link");
        view.symlink("..", "/data/up");
        const found = view.canonicalize(first, cwd);
        if (typeof found !== "string") {
          expect(found.path).toMatch(/^\/(?:$|[^/])/);
          for (const component of found.path.slice(1).split("/")) expect([".", ".."]).not.toContain(component);
          // Canonical paths are fixed points.
          expect(view.canonicalize(found.path)).toEqual(found);
        }
        for (const call of [
          () => view.open(first, { read: true, write: true, create: true }, cwd),
          () => view.open(first, { read: true, write: false, noFollow: true }, cwd),
          () => view.stat(first, true, cwd),
          () => view.list(first, cwd),
          () => view.readLink(first, cwd),
          () => view.link(first, second, cwd),
          () => view.rename(first, second, cwd),
          () => view.makeDirectory(first, cwd),
          () => view.setTimes(first, { modifiedMs: 1 }, true, cwd),
          () => view.removeDirectory(first, cwd),
          () => view.removeFile(second, cwd),
        ]) {
          expect(call).not.toThrow();
        }
        view.closeAll();
        expect(ok(view.list("/")).map(({ name }) => name)).toEqual(["data", "mnt"]);
      }),
      { numRuns: 300 },
    );
  });
});

describe("symlinks", () => {
  test("are resolved in the guest's tree, relative to where they lie", () => {
    const view = twoMounts();
    view.symlink("../a.txt", "/data/sub/near");
    view.symlink("/mnt/other/x.txt", "/data/far");
    view.symlink("sub/", "/data/dir");
    expect(readText(view, "/data/sub/near")).toBe("A");
    expect(readText(view, "/data/far")).toBe("X");
    expect(readText(view, "/data/dir/b.txt")).toBe("B");
    expect(ok(view.canonicalize("/data/dir/deep/../../far"))).toEqual({ path: "/mnt/other/x.txt" });
    expect(ok(view.readLink("/data/far"))).toEqual({ target: "/mnt/other/x.txt" });
    expect(view.readLink("/data/a.txt")).toBe("EINVAL");
    expect(view.readLink("/data/dir/")).toBe("EINVAL");
    expect(ok(view.stat("/data/dir", false)).kind).toBe("symlink");
    expect(ok(view.stat("/data/dir/", false)).kind).toBe("directory");
    expect(ok(view.stat("/data/dir", true)).kind).toBe("directory");
  });

  test("that lead up end at the root", () => {
    const view = twoMounts();
    view.symlink("../../../../../..", "/data/up");
    expect(namesIn(view, "/data/up")).toEqual(["data", "mnt"]);
    expect(readText(view, "/data/up/../../etc/passwd")).toBe("ENOENT");
    expect(readText(view, "/data/up/data/a.txt")).toBe("A");
  });

  test("in a ring end in ELOOP, and 40 in a row still work", () => {
    const view = twoMounts();
    view.symlink("b", "/data/a");
    view.symlink("a", "/data/b");
    view.symlink("self/self/self", "/data/self");
    for (const path of ["/data/a", "/data/a/x", "/data/self", "/data/self/self"]) {
      expect([path, view.open(path, READ)]).toEqual([path, "ELOOP"]);
    }
    view.symlink("a.txt", "/data/l1");
    for (let index = 2; index <= 41; index += 1) view.symlink(`l${index - 1}`, `/data/l${index}`);
    expect(readText(view, "/data/l40")).toBe("A");
    expect(readText(view, "/data/l41")).toBe("ELOOP");
  });

  test("are followed by open with create, not with exclusive or noFollow", () => {
    const view = twoMounts();
    view.symlink("new.txt", "/data/dangling");
    expect(view.open("/data/dangling", READ)).toBe("ENOENT");
    expect(view.open("/data/dangling", { read: true, write: true, create: true, exclusive: true })).toBe("EEXIST");
    expect(view.open("/data/dangling", { read: true, write: false, noFollow: true })).toBe("ELOOP");
    expect(writeText(view, "/data/dangling", "made")).toBeUndefined();
    expect(readText(view, "/data/new.txt")).toBe("made");
    expect(ok(view.stat("/data/dangling", false)).kind).toBe("symlink");
  });

  test("are themselves what is removed, renamed and replaced", () => {
    const view = twoMounts();
    view.symlink("a.txt", "/data/l");
    view.symlink("sub", "/data/d");
    expect(view.removeDirectory("/data/d")).toBe("ENOTDIR");
    expect(view.removeDirectory("/data/d/")).toBe("ENOTDIR");
    expect(view.rename("/data/l", "/data/m")).toBeUndefined();
    expect(ok(view.stat("/data/m", false)).kind).toBe("symlink");
    expect(view.removeFile("/data/m")).toBeUndefined();
    expect(view.makeDirectory("/data/d")).toBe("EEXIST");
    expect(view.removeFile("/data/d")).toBeUndefined();
    expect(readText(view, "/data/a.txt")).toBe("A");
    expect(readText(view, "/data/sub/b.txt")).toBe("B");
  });

  test("that end in a slash need a directory at their end", () => {
    const view = twoMounts();
    view.symlink("a.txt/", "/data/file");
    view.symlink("sub/", "/data/directory");
    expect(readText(view, "/data/file")).toBe("ENOTDIR");
    expect(view.stat("/data/file", true)).toBe("ENOTDIR");
    expect(ok(view.stat("/data/directory", true)).kind).toBe("directory");
  });

  test("take no empty, too long or NUL target", () => {
    const view = twoMounts();
    expect(view.symlink("", "/data/l")).toBe("ENOENT");
    expect(view.symlink("a\0b", "/data/l")).toBe("EINVAL");
    expect(view.symlink("x".repeat(4_097), "/data/l")).toBe("ENAMETOOLONG");
    expect(view.symlink("x", "/data/l/")).toBe("ENOENT");
    expect(view.stat("/data/l", false)).toBe("ENOENT");
  });
});

describe("the tree above the mounts", () => {
  test("lists mount points and the directories on the way, all read-only", () => {
    const view = twoMounts();
    expect(ok(view.list("/")).map(({ name, kind }) => [name, kind])).toEqual([
      ["data", "directory"],
      ["mnt", "directory"],
    ]);
    expect(namesIn(view, "/mnt")).toEqual(["other"]);
    expect(ok(view.stat("/mnt", true))).toMatchObject({ kind: "directory", writable: false, modifiedMs: 5_000 });
    expect(ok(view.stat("/data", true)).writable).toBe(true);
    const directory = ok(view.open("/mnt", READ));
    expect(directory).toMatchObject({ kind: "directory", path: "/mnt" });
    directory.close();
  });

  test("cannot be changed", () => {
    const view = twoMounts();
    const results = {
      makeDirectory: view.makeDirectory("/new"),
      inner: view.makeDirectory("/mnt/new"),
      again: view.makeDirectory("/data"),
      create: view.open("/new", { read: true, write: true, create: true }),
      symlink: view.symlink("/data", "/l"),
      removeMount: view.removeDirectory("/data"),
      removeVirtual: view.removeDirectory("/mnt"),
      removeRoot: view.removeDirectory("/"),
      removeDot: view.removeDirectory("/data/sub/."),
      unlinkMount: view.removeFile("/data"),
      renameMount: view.rename("/data", "/other"),
      renameRoot: view.rename("/", "/data/x"),
      replaceMount: view.rename("/data/sub", "/mnt/other"),
      out: view.rename("/data/a.txt", "/a.txt"),
      linkOut: view.link("/data/a.txt", "/a.txt"),
      times: view.setTimes("/", { modifiedMs: 1 }, true),
      write: view.open("/mnt", { read: true, write: true }),
    };
    expect(results).toEqual({
      makeDirectory: "EROFS",
      inner: "EROFS",
      again: "EEXIST",
      create: "EROFS",
      symlink: "EROFS",
      removeMount: "EBUSY",
      removeVirtual: "EBUSY",
      removeRoot: "EBUSY",
      removeDot: "EINVAL",
      unlinkMount: "EISDIR",
      renameMount: "EBUSY",
      renameRoot: "EBUSY",
      replaceMount: "EBUSY",
      out: "EROFS",
      linkOut: "EROFS",
      times: "EROFS",
      write: "EISDIR",
    });
  });

  test("nothing moves from one mount to another", () => {
    const view = twoMounts();
    expect(view.rename("/data/a.txt", "/mnt/other/a.txt")).toBe("EXDEV");
    expect(view.rename("/data/sub", "/mnt/other/sub")).toBe("EXDEV");
    expect(view.link("/data/a.txt", "/mnt/other/a.txt")).toBe("EXDEV");
    expect(namesIn(view, "/mnt/other")).toEqual(["x.txt"]);
  });

  test("a directory cannot move into itself, also not through a symlink", () => {
    const view = twoMounts();
    view.symlink("/data/sub/deep", "/data/shortcut");
    expect(view.rename("/data/sub", "/data/sub/deep/x")).toBe("EINVAL");
    expect(view.rename("/data/sub", "/data/shortcut/x")).toBe("EINVAL");
    expect(view.rename("/data/sub", "/data/sub/x")).toBe("EINVAL");
    expect(view.rename("/data/sub/deep", "/data/sub")).toBe("ENOTEMPTY");
    expect(view.rename("/data/sub", "/data/submarine")).toBeUndefined();
    expect(readText(view, "/data/submarine/deep/c.txt")).toBe("C");
  });

  test("a mount at the root is the whole tree", () => {
    const view = viewOf({ "/": memoryDirectory({ files: { "a.txt": "A" } }) });
    expect(readText(view, "/../a.txt")).toBe("A");
    expect(view.makeDirectory("/d")).toBeUndefined();
    expect(view.removeDirectory("/")).toBe("EBUSY");
  });

  test("without mounts there is an empty root", () => {
    const view = viewOf({});
    expect(namesIn(view, "/")).toEqual([]);
    expect(readText(view, "/etc/passwd")).toBe("ENOENT");
  });

  test("inode numbers of different mounts never meet", () => {
    const view = viewOf({
      "/a/b": memoryDirectory({ files: { f: "" } }),
      "/a/c": memoryDirectory({ files: { f: "" } }),
    });
    const inodes = ["/", "/a", "/a/b", "/a/c", "/a/b/f", "/a/c/f"].map((path) => ok(view.stat(path, true)).inode);
    expect(new Set(inodes).size).toBe(inodes.length);
    expect(inodes.every((inode) => Number.isSafeInteger(inode) && inode > 0)).toBe(true);
  });
});

describe("mount points", () => {
  const failing = (...paths: readonly string[]): unknown => {
    try {
      createFileView({ mounts: new Map(paths.map((path) => [path, memoryDirectory()])), now });
      return "no error";
    } catch (error) {
      return error instanceof Error && "code" in error ? `${String(error.code)}: ${error.message}` : error;
    }
  };

  test("that cannot be are refused by name", () => {
    expect(failing("data")).toBe('invalid-mount: Cannot mount "data": a mount point starts with "/"');
    expect(failing("")).toBe('invalid-mount: Cannot mount "": a mount point starts with "/"');
    expect(failing("/data/")).toBe('invalid-mount: Cannot mount "/data/": "" cannot be a part of a mount point');
    expect(failing("//data")).toBe('invalid-mount: Cannot mount "//data": "" cannot be a part of a mount point');
    expect(failing("/a/../b")).toBe('invalid-mount: Cannot mount "/a/../b": ".." cannot be a part of a mount point');
    expect(failing("/a/./b")).toBe('invalid-mount: Cannot mount "/a/./b": "." cannot be a part of a mount point');
    expect(failing("/a\0b")).toBe(
      String.raw`invalid-mount: Cannot mount "/a\u0000b": "a\u0000b" cannot be a part of a mount point`,
    );
    expect(failing(`/${"x".repeat(256)}`)).toMatch(/^invalid-mount: .* cannot be a part of a mount point$/);
    expect(failing("/ab".repeat(1_400))).toMatch(/^invalid-mount: .*: the path is too long$/);
  });

  test("that overlap are refused with both names", () => {
    const message = 'invalid-mount: Cannot mount "/data/in": it lies inside another mount point, "/data"';
    expect(failing("/data", "/data/in")).toBe(message);
    expect(failing("/data/in", "/data")).toBe(message);
    expect(failing("/data-x", "/data!", "/data", "/data0", "/data/in")).toBe(message);
    expect(failing("/", "/x")).toBe('invalid-mount: Cannot mount "/x": it lies inside another mount point, "/"');
    expect(failing("/data", "/database", "/da/ta")).toBe("no error");
  });

  test("need a file system each, and give back what was opened before the failure", () => {
    const shared = memoryDirectory();
    expect(() => viewOf({ "/a": shared, "/b": shared })).toThrow(
      'Cannot mount "/b": the same file system is already mounted at "/a"',
    );
    expect(() => viewOf({ "/a": {} as FileSystem })).toThrow('Cannot mount "/a": it is not a file system');
    expect(() => viewOf({ "/a": undefined as unknown as FileSystem })).toThrow(
      'Cannot mount "/a": it is not a file system',
    );
    let disposed = 0;
    const memory = memoryDirectory();
    const first: FileSystem = {
      kind: "custom",
      writable: false,
      root: () => memory.root(),
      dispose: () => {
        disposed += 1;
      },
    };
    const second: FileSystem = {
      kind: "custom",
      writable: false,
      root: () => {
        throw new Error("no disk");
      },
    };
    expect(() => viewOf({ "/a": first, "/b": second })).toThrow('Cannot mount "/b": no disk');
    expect(disposed).toBe(1);
  });

  test("are at most 255", () => {
    const many = Array.from({ length: 256 }, (_, index) => `/m${index}`);
    expect(failing(...many)).toBe("invalid-mount: Cannot mount 256 directories: at most 255 are allowed");
    expect(failing(...many.slice(1))).toBe("no error");
  });
});

describe("limits", () => {
  test("open files and directories are counted until closed", () => {
    const mounts = new Map([["/data", memoryDirectory({ files: { a: "A" } })]]);
    const view = createFileView({ mounts, now, maxOpenFiles: 3 });
    const files = [view.open("/data/a", READ), view.open("/data", READ), view.open("/", READ)].map(ok);
    expect(view.open("/data/a", READ)).toBe("EMFILE");
    expect(view.open("/data/new", { read: true, write: true, create: true })).toBe("EMFILE");
    expect(view.stat("/data/new", true)).toBe("ENOENT");
    files[0]?.close();
    files[0]?.close();
    const again = ok(view.open("/data/a", READ));
    expect(view.open("/data/a", READ)).toBe("EMFILE");
    expect(view.openFiles).toBe(3);
    expect(view.usage.quotaRefusals).toBe(3);
    view.closeAll();
    expect(view.openFiles).toBe(0);
    if (again.kind === "file") expect(again.handle.read(new Uint8Array(1), 0)).toBe("EBADF");
    again.close();
    expect(view.openFiles).toBe(0);
  });

  test("each is closed once and by itself, in whatever order", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constant("open"), fc.nat({ max: 8 })), { maxLength: 40 }), (steps) => {
        const mounts = new Map([["/data", memoryDirectory({ files: { a: "A" } })]]);
        const view = createFileView({ mounts, now, maxOpenFiles: 5 });
        const opened: { readonly file: OpenFile; closed: boolean }[] = [];
        for (const step of steps) {
          if (step === "open") {
            const file = view.open(opened.length % 3 === 0 ? "/data" : "/data/a", READ);
            if (typeof file !== "string") opened.push({ file, closed: false });
          } else {
            const one = opened[step % Math.max(1, opened.length)];
            one?.file.close();
            if (one !== undefined) one.closed = true;
          }
          expect(view.openFiles).toBe(opened.filter(({ closed }) => !closed).length);
          for (const { file, closed } of opened)
            expect(file.kind === "file" ? file.handle.stat() === "EBADF" : file.list() === "EBADF").toBe(closed);
        }
      }),
      { numRuns: 200 },
    );
  });

  test("a failed open holds no place", () => {
    const view = createFileView({
      mounts: new Map([["/data", memoryDirectory({ mode: "read-only" })]]),
      now,
      maxOpenFiles: 1,
    });
    for (let index = 0; index < 5; index += 1) {
      expect(view.open("/data/x", { read: true, write: true, create: true })).toBe("EROFS");
      expect(view.open("/data", { read: true, write: true })).toBe("EISDIR");
    }
    expect(view.openFiles).toBe(0);
  });

  test("each option has a range", () => {
    for (const maxOpenFiles of [0, -1, 1.5, Number.NaN, 65_537]) {
      expect(() => createFileView({ mounts: new Map(), now, maxOpenFiles })).toThrow(RangeError);
    }
  });

  test("positions and sizes that are no offsets are refused", () => {
    const view = twoMounts();
    const file = openedFile(view.open("/data/a.txt", { read: true, write: true }));
    for (const position of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
      expect([position, file.handle.read(new Uint8Array(1), position)]).toEqual([position, "EINVAL"]);
      expect([position, file.handle.write(new Uint8Array(1), position)]).toEqual([position, "EINVAL"]);
    }
    expect(file.handle.write(new Uint8Array(1), Number.MAX_SAFE_INTEGER)).toBe("EFBIG");
    expect(file.handle.truncate(-1)).toBe("EINVAL");
    expect(file.handle.truncate(2 ** 60)).toBe("EFBIG");
    expect(file.handle.setTimes({ modifiedMs: Number.NaN })).toBe("EINVAL");
    expect(view.setTimes("/data/a.txt", { accessedMs: Number.POSITIVE_INFINITY }, true)).toBe("EINVAL");
    file.close();
  });

  test("one call moves at most 4 MiB", () => {
    const view = twoMounts();
    const file = openedFile(view.open("/data/big", { read: true, write: true, create: true }));
    const big = new Uint8Array(5 * 2 ** 20).fill(7);
    expect(file.handle.write(big, 0)).toBe(4 * 2 ** 20);
    expect(file.handle.write(big.subarray(4 * 2 ** 20), 4 * 2 ** 20)).toBe(2 ** 20);
    expect(file.handle.read(new Uint8Array(5 * 2 ** 20), 0)).toBe(4 * 2 ** 20);
    file.close();
  });
});

describe("charges", () => {
  test("each step, operation, byte and entry is paid for", () => {
    const charged: number[] = [];
    const mounts = new Map([["/data", memoryDirectory({ files: { a: "12345", b: "" } })]]);
    const view = createFileView({ mounts, now, charge: (units) => charged.push(units) });
    const taken = (): number => charged.splice(0).reduce((sum, units) => sum + units, 0);
    const operation = STEP_UNITS + MEMORY_COSTS.operationUnits;
    view.stat("/data/a", true);
    // The operation, the step in the virtual root, the step in the mount.
    expect(taken()).toBe(2 * STEP_UNITS + operation);
    view.list("/data");
    expect(taken()).toBe(2 * STEP_UNITS + operation + 2 * MEMORY_COSTS.entryUnits);
    const file = openedFile(view.open("/data/a", { read: true, write: true }));
    taken();
    file.handle.read(new Uint8Array(1_000), 0);
    // By what there was, not by what was asked for.
    expect(taken()).toBe(MEMORY_COSTS.handleUnits + 5);
    file.handle.write(new Uint8Array(300), 0);
    expect(taken()).toBe(MEMORY_COSTS.handleUnits + 300);
    view.makeDirectory("/data/d");
    expect(taken()).toBe(2 * STEP_UNITS + operation + MEMORY_COSTS.operationUnits + MEMORY_COSTS.changeUnits);
    expect(view.usage).toEqual({ bytesRead: 5, bytesWritten: 300, denials: [], quotaRefusals: 0 });
    file.close();
  });

  test("who cannot pay gets EIO and no work is done", () => {
    let funds = true;
    const memory = memoryDirectory({ files: { a: "A" } });
    const view = createFileView({ mounts: new Map([["/data", memory]]), now, charge: () => funds });
    const file = openedFile(view.open("/data/a", { read: true, write: true }));
    funds = false;
    expect([
      view.open("/data/a", READ),
      view.stat("/data/a", true),
      view.list("/data"),
      view.makeDirectory("/data/d"),
      view.removeFile("/data/a"),
      file.handle.read(new Uint8Array(1), 0),
      file.handle.write(new Uint8Array(1), 0),
    ]).toEqual(Array.from({ length: 7 }, () => "EIO"));
    expect(new TextDecoder().decode(memory.readFile("a"))).toBe("A");
    file.close();
  });

  test("a path of many symlinks is paid step by step", () => {
    let units = 0;
    const memory = memoryDirectory();
    const view = createFileView({
      mounts: new Map([["/data", memory]]),
      now,
      charge: (more) => {
        units += more;
      },
    });
    view.makeDirectory("/data/d");
    // Each pass through the link walks 2,000 components and comes to the link again.
    view.symlink(`${"d/../".repeat(400)}link`, "/data/link");
    units = 0;
    expect(view.stat("/data/link", true)).toBe("ELOOP");
    expect(units).toBeGreaterThan(40 * 400 * STEP_UNITS);
  });
});

describe("what a view reports", () => {
  test("refusals for want of a grant, once per kind, as the guest wrote the path", () => {
    const view = viewOf({ "/ro": memoryDirectory({ files: { a: "A" }, mode: "read-only" }) });
    for (let index = 0; index < 3; index += 1) view.removeFile("/ro/../ro/a");
    writeText(view, "/ro/a", "x");
    readText(view, "/ro/none");
    expect(view.usage.denials).toEqual([
      { operation: "removeFile", path: "/ro/../ro/a", error: "EROFS", count: 3 },
      { operation: "open", path: "/ro/a", error: "EROFS", count: 1 },
    ]);
    for (let index = 0; index < 1_000; index += 1) view.makeDirectory(`/ro/${index}`);
    expect(view.usage.denials).toHaveLength(100);
    view.resetUsage();
    expect(view.usage).toEqual({ bytesRead: 0, bytesWritten: 0, denials: [], quotaRefusals: 0 });
  });
});

describe("a file system that misbehaves", () => {
  const memory = memoryDirectory({ files: { a: "A" } });
  const custom = (change: (root: ReturnType<FileSystem["root"]>) => object): OwnedFileView => {
    const root = memory.root();
    const changed = Object.assign(Object.create(root) as typeof root, change(root));
    return viewOf({ "/data": { kind: "custom", writable: true, root: () => changed } });
  };

  test("that throws becomes EIO, and nothing of the error is seen", () => {
    const view = custom(() => ({
      lookup: () => {
        throw new Error("/home/secret");
      },
    }));
    expect(readText(view, "/data/a")).toBe("EIO");
    expect(view.removeFile("/data/a")).toBe("EIO");
    expect(view.openFiles).toBe(0);
  });

  test("that forgets to be read-only is kept from changing all the same", () => {
    const careless = memoryDirectory({ files: { a: "A", "d/x": "X" } });
    const view = viewOf({ "/data": { kind: "custom", writable: false, root: () => careless.root() } });
    expect([
      writeText(view, "/data/a", "changed"),
      writeText(view, "/data/new", "new"),
      view.makeDirectory("/data/n"),
      view.symlink("a", "/data/n"),
      view.link("/data/a", "/data/n"),
      view.rename("/data/a", "/data/n"),
      view.removeFile("/data/a"),
      view.removeDirectory("/data/d"),
      view.setTimes("/data/a", { modifiedMs: 1 }, true),
      view.setTimes("/data", { modifiedMs: 1 }, true),
    ]).toEqual(Array.from({ length: 10 }, () => "EROFS"));
    const file = openedFile(view.open("/data/a", READ));
    expect(file.handle.setTimes({ modifiedMs: 1 })).toBe("EROFS");
    expect(ok(file.handle.stat()).writable).toBe(false);
    file.close();
    expect(careless.paths()).toEqual(["a", "d/x"]);
  });

  test("that goes on after close is not asked any more", () => {
    let closed = 0;
    const handle = {
      read: () => 1,
      stat: () => "EIO",
      close: () => {
        closed += 1;
        throw new Error("cannot close");
      },
    };
    const view = custom(() => ({ lookup: () => ({ kind: "file", open: () => handle }) }));
    const file = openedFile(view.open("/data/a", READ));
    expect(file.handle.read(new Uint8Array(1), 0)).toBe(1);
    file.handle.close();
    file.close();
    view.closeAll();
    expect([file.handle.read(new Uint8Array(1), 0), file.handle.stat(), closed]).toEqual(["EBADF", "EBADF", 1]);
  });

  test("that counts wrongly becomes EIO", () => {
    for (const count of [-1, 2, 1.5, Number.NaN]) {
      const handle = { read: () => count, write: () => count, close: () => undefined };
      const view = custom(() => ({ lookup: () => ({ kind: "file", open: () => handle }) }));
      const file = openedFile(view.open("/data/a", { read: true, write: true }));
      expect([count, file.handle.read(new Uint8Array(1), 0)]).toEqual([count, "EIO"]);
      expect([count, file.handle.write(new Uint8Array(1), 0)]).toEqual([count, "EIO"]);
      file.close();
    }
  });

  test("that lists impossible names lists nothing", () => {
    const names = ["a", "..", ".", "", "x/y", "z\0", "ok"];
    const view = custom(() => ({ list: () => names.map((name) => ({ name, kind: "file", inode: 1 })) }));
    expect(namesIn(view, "/data")).toBe("EIO");
  });
});
