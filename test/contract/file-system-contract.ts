import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { DirectoryNode, FileSystem, FileSystemNode, OpenMode } from "../../src/capabilities/files/file-system.ts";
import { createFileView, type OwnedFileView } from "../../src/capabilities/files/view/create-file-view.ts";
import { namesIn, ok, openedFile, readHandle, readNode, readText, writeText } from "../support/file-text.ts";

/** Where one kind of file system comes from. */
export interface FileSystemSubject {
  readonly name: string;
  /** Makes one that holds these files. */
  create(files: Readonly<Record<string, string>>, mode: "read-only" | "read-write"): FileSystem;
  /** Whether guests may make symlinks and hard links. */
  readonly links: boolean;
}

const READ: OpenMode = { read: true, write: false, append: false, truncate: false };
const WRITE: OpenMode = { read: true, write: true, append: false, truncate: false };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const FILES = { "a.txt": "alpha", empty: "", "sub/b.txt": "beta", "sub/deep/c.txt": "gamma", ["__proto__"]: "name" };

/** What every file system promises: on its nodes and handles, and seen through a file view. */
export function describeFileSystem(subject: FileSystemSubject): void {
  describe(`${subject.name}, nodes`, () => nodeContract(subject));
  describe(`${subject.name}, read-only nodes`, () => readOnlyContract(subject));
  describe(`${subject.name}, through a view`, () => viewContract(subject));
}

function nodeContract(subject: FileSystemSubject): void {
  let fileSystem: FileSystem;
  let root: DirectoryNode;
  const within = <K extends FileSystemNode["kind"]>(directory: DirectoryNode, name: string, kind: K) => {
    const node = ok(directory.lookup(name));
    if (node.kind !== kind) throw new Error(`${name} is a ${node.kind}`);
    return node as Extract<FileSystemNode, { kind: K }>;
  };
  beforeEach(() => {
    fileSystem = subject.create(FILES, "read-write");
    root = fileSystem.root({ now: () => 1_600_000_000_000 });
  });
  afterEach(() => fileSystem.dispose?.());

  test("lookup finds files and directories by exact name", () => {
    expect(readNode(within(root, "a.txt", "file"))).toBe("alpha");
    expect(readNode(within(within(root, "sub", "directory"), "b.txt", "file"))).toBe("beta");
    expect(readNode(within(root, "__proto__", "file"))).toBe("name");
    for (const name of ["A.TXT", "a.txt ", "constructor", "toString", "hasOwnProperty", "sub/b.txt.", "%61.txt"]) {
      if (!name.includes("/")) expect([name, root.lookup(name)]).toEqual([name, "ENOENT"]);
    }
  });

  test("list names every entry once with its kind", () => {
    const entries = ok(root.list()).map(({ name, kind }) => `${kind} ${name}`);
    expect(entries.sort()).toEqual(["directory sub", "file __proto__", "file a.txt", "file empty"]);
  });

  test("stat tells kind, size and times", () => {
    const stat = ok(within(root, "a.txt", "file").stat());
    expect(stat).toMatchObject({ kind: "file", size: 5, links: 1, writable: true });
    expect(Number.isSafeInteger(stat.inode)).toBe(true);
    expect(stat.modifiedMs).toBeGreaterThan(1_500_000_000_000);
    expect(ok(root.stat())).toMatchObject({ kind: "directory" });
    expect(ok(within(root, "sub", "directory").stat()).inode).not.toBe(stat.inode);
  });

  test("read returns what is there from any position, and 0 at the end", () => {
    const handle = ok(within(root, "a.txt", "file").open(READ));
    const into = new Uint8Array(3);
    expect([handle.read(into, 3), Array.from(into)]).toEqual([2, [...bytes("ha"), 0]]);
    expect(handle.read(into, 5)).toBe(0);
    expect(handle.read(into, 2 ** 40)).toBe(0);
    expect(handle.read(new Uint8Array(0), 0)).toBe(0);
    handle.close();
  });

  test("write replaces, extends and fills gaps with zeros", () => {
    const handle = ok(within(root, "a.txt", "file").open(WRITE));
    expect(handle.write(bytes("LP"), 1)).toBe(2);
    expect(handle.write(bytes("!"), 7)).toBe(1);
    expect(ok(readHandle(handle)).text).toBe("aLPha\0\0!");
    expect(ok(handle.stat()).size).toBe(8);
    handle.close();
    expect(readNode(within(root, "a.txt", "file"))).toBe("aLPha\0\0!");
  });

  test("write copies: the buffer may change afterwards", () => {
    const buffer = bytes("first");
    const handle = ok(within(root, "a.txt", "file").open(WRITE));
    expect(handle.write(buffer, 0)).toBe(5);
    buffer.fill(0x58);
    expect(ok(readHandle(handle)).text).toBe("first");
    handle.close();
  });

  test("append ignores the position", () => {
    const handle = ok(within(root, "a.txt", "file").open({ ...WRITE, append: true }));
    expect(handle.write(bytes("1"), 0)).toBe(1);
    expect(handle.write(bytes("2"), 0)).toBe(1);
    expect(ok(readHandle(handle)).text).toBe("alpha12");
    handle.close();
  });

  test("truncate shortens, and lengthens with zeros", () => {
    const handle = ok(within(root, "a.txt", "file").open(WRITE));
    expect(handle.truncate(2)).toBeUndefined();
    expect(handle.truncate(4)).toBeUndefined();
    expect(ok(readHandle(handle)).text).toBe("al\0\0");
    handle.close();
    const again = ok(within(root, "a.txt", "file").open({ ...WRITE, truncate: true }));
    expect(ok(again.stat()).size).toBe(0);
    again.close();
  });

  test("a handle does what it was opened for and nothing else", () => {
    const node = within(root, "a.txt", "file");
    const reader = ok(node.open(READ));
    expect(reader.write(bytes("x"), 0)).toBe("EBADF");
    expect(reader.truncate(0)).toBe("EBADF");
    reader.close();
    const writer = ok(node.open({ ...WRITE, read: false }));
    expect(writer.read(new Uint8Array(1), 0)).toBe("EBADF");
    expect(writer.sync()).toBeUndefined();
    writer.close();
    expect(readNode(node)).toBe("alpha");
  });

  test("a closed handle answers EBADF, also after a second close", () => {
    const handle = ok(within(root, "a.txt", "file").open(WRITE));
    handle.close();
    handle.close();
    expect(handle.read(new Uint8Array(1), 0)).toBe("EBADF");
    expect(handle.write(bytes("x"), 0)).toBe("EBADF");
    expect(handle.truncate(0)).toBe("EBADF");
    expect(handle.stat()).toBe("EBADF");
    expect(handle.setTimes({ modifiedMs: 0 })).toBe("EBADF");
    expect(handle.sync()).toBe("EBADF");
    expect(readNode(within(root, "a.txt", "file"))).toBe("alpha");
  });

  test("an open file outlives its name", () => {
    const handle = ok(within(root, "a.txt", "file").open(WRITE));
    expect(root.removeFile("a.txt")).toBeUndefined();
    expect(root.lookup("a.txt")).toBe("ENOENT");
    expect(handle.write(bytes("A"), 0)).toBe(1);
    expect(ok(readHandle(handle)).text).toBe("Alpha");
    handle.close();
  });

  test("createFile makes an empty file, and only where no name is", () => {
    const node = ok(root.createFile("new"));
    expect(readNode(node)).toBe("");
    expect(root.createFile("new")).toBe("EEXIST");
    expect(root.createFile("sub")).toBe("EEXIST");
    expect(readNode(within(root, "new", "file"))).toBe("");
  });

  test("createDirectory makes a directory that can be filled", () => {
    const made = ok(root.createDirectory("made"));
    expect(ok(made.list())).toEqual([]);
    ok(made.createFile("inner"));
    expect(ok(within(root, "made", "directory").list()).map(({ name }) => name)).toEqual(["inner"]);
    expect(root.createDirectory("made")).toBe("EEXIST");
    expect(root.createDirectory("a.txt")).toBe("EEXIST");
  });

  test("a directory's modification time changes when an entry is made or removed", () => {
    const sub = within(root, "sub", "directory");
    expect(sub.setTimes({ accessedMs: 1_000, modifiedMs: 2_000 })).toBeUndefined();
    expect(ok(sub.stat()).modifiedMs).toBe(2_000);
    ok(sub.createFile("fresh"));
    expect(ok(within(root, "sub", "directory").stat()).modifiedMs).toBeGreaterThan(1_500_000_000_000);
    expect(sub.setTimes({ modifiedMs: 2_000 })).toBeUndefined();
    expect(sub.removeFile("fresh")).toBeUndefined();
    expect(ok(within(root, "sub", "directory").stat()).modifiedMs).toBeGreaterThan(1_500_000_000_000);
  });

  test("removeFile and removeDirectory each take their own kind", () => {
    expect(root.removeFile("sub")).toBe("EISDIR");
    expect(root.removeDirectory("a.txt")).toBe("ENOTDIR");
    expect(root.removeDirectory("sub")).toBe("ENOTEMPTY");
    expect(root.removeFile("none")).toBe("ENOENT");
    expect(root.removeDirectory("none")).toBe("ENOENT");
    ok(root.createDirectory("bare"));
    expect(root.removeDirectory("bare")).toBeUndefined();
    expect(root.lookup("bare")).toBe("ENOENT");
  });

  test("rename moves, replaces a file, replaces an empty directory", () => {
    const sub = within(root, "sub", "directory");
    expect(root.rename("a.txt", sub, "moved")).toBeUndefined();
    expect(root.lookup("a.txt")).toBe("ENOENT");
    expect(sub.rename("moved", sub, "b.txt")).toBeUndefined();
    expect(readNode(within(sub, "b.txt", "file"))).toBe("alpha");
    ok(root.createDirectory("bare"));
    expect(sub.rename("deep", root, "bare")).toBeUndefined();
    expect(readNode(within(within(root, "bare", "directory"), "c.txt", "file"))).toBe("gamma");
    expect(sub.lookup("deep")).toBe("ENOENT");
  });

  test("a directory that was moved can still be filled, and knows where it is", () => {
    const sub = within(root, "sub", "directory");
    ok(root.createDirectory("target"));
    const target = within(root, "target", "directory");
    expect(root.rename("sub", target, "moved")).toBeUndefined();
    const moved = within(target, "moved", "directory");
    expect(readNode(ok(moved.createFile("fresh")))).toBe("");
    expect(root.rename("target", moved, "x")).toBe("EINVAL");
    // The node from before the move may follow it or be gone, but it never means another directory.
    const listed = sub.list();
    expect(typeof listed === "string" ? listed : listed.map(({ name }) => name)).toBeOneOf([
      "ENOENT",
      expect.arrayContaining(["b.txt", "deep", "fresh"]),
    ]);
  });

  test("nothing can be put into a directory that was removed", () => {
    ok(root.createDirectory("gone"));
    const gone = within(root, "gone", "directory");
    const file = within(root, "a.txt", "file");
    expect(root.removeDirectory("gone")).toBeUndefined();
    expect({
      createFile: gone.createFile("x"),
      createDirectory: gone.createDirectory("x"),
      rename: root.rename("a.txt", gone, "x"),
      lookup: gone.lookup("x"),
    }).toEqual({ createFile: "ENOENT", createDirectory: "ENOENT", rename: "ENOENT", lookup: "ENOENT" });
    expect(gone.link(file, "x")).toBe(subject.links ? "ENOENT" : "EPERM");
    expect(readNode(within(root, "a.txt", "file"))).toBe("alpha");
  });

  test("rename refuses what POSIX refuses", () => {
    const sub = within(root, "sub", "directory");
    expect(root.rename("none", root, "x")).toBe("ENOENT");
    expect(root.rename("a.txt", root, "sub")).toBe("EISDIR");
    expect(root.rename("sub", root, "a.txt")).toBe("ENOTDIR");
    expect(root.rename("sub", within(sub, "deep", "directory"), "x")).toBe("EINVAL");
    expect(root.rename("sub", sub, "x")).toBe("EINVAL");
    ok(root.createDirectory("full"));
    ok(within(root, "full", "directory").createFile("f"));
    expect(root.rename("full", root, "sub")).toBe("ENOTEMPTY");
    expect(readNode(within(sub, "b.txt", "file"))).toBe("beta");
  });

  test("rename to itself changes nothing", () => {
    expect(root.rename("a.txt", root, "a.txt")).toBeUndefined();
    expect(readNode(within(root, "a.txt", "file"))).toBe("alpha");
  });

  test("rename and link refuse a directory or file of another file system", () => {
    const other = subject.create(FILES, "read-write");
    const otherRoot = other.root();
    expect(root.rename("a.txt", otherRoot, "stolen")).toBe("EXDEV");
    const file = within(otherRoot, "a.txt", "file");
    expect(root.link(file, "linked")).toBe(subject.links ? "EXDEV" : "EPERM");
    expect(otherRoot.lookup("stolen")).toBe("ENOENT");
    expect(root.lookup("linked")).toBe("ENOENT");
    other.dispose?.();
  });

  test("times can be set, one at a time too", () => {
    const node = within(root, "a.txt", "file");
    expect(node.setTimes({ accessedMs: 86_400_000, modifiedMs: 1_234_000 })).toBeUndefined();
    expect(node.setTimes({ modifiedMs: 5_678_000 })).toBeUndefined();
    expect(ok(node.stat())).toMatchObject({ accessedMs: 86_400_000, modifiedMs: 5_678_000 });
    const handle = ok(node.open(WRITE));
    expect(handle.setTimes({ modifiedMs: -1_000 })).toBeUndefined();
    expect(ok(handle.stat()).modifiedMs).toBe(-1_000);
    handle.close();
  });

  test("names keep their exact spelling", () => {
    const names = [
      "é",
      "e\u0301",
      "‥",
      "a\\b",
      "%2e%2e",
      " .",
      "..x",
      "tab\there",
      "ünïcødé 🪴",
      "x".repeat(255),
      "con",
      "\u202Eevil",
    ];
    for (const name of names) ok(root.createFile(name));
    const listed = new Set(ok(root.list()).map(({ name }) => name));
    for (const name of names) expect([name, listed.has(name)]).toEqual([name, true]);
  });

  if (subject.links) {
    test("symlinks are kept as written and never followed here", () => {
      const link = ok(root.createSymlink("link", "../../etc/passwd"));
      expect(ok(link.readTarget())).toEqual({ target: "../../etc/passwd" });
      expect(within(root, "link", "symlink").kind).toBe("symlink");
      expect(ok(link.stat()).size).toBe("../../etc/passwd".length);
      expect(root.createFile("link")).toBe("EEXIST");
      expect(root.removeFile("link")).toBeUndefined();
    });

    test("a hard link is a second name of the same file", () => {
      const node = within(root, "a.txt", "file");
      expect(root.link(node, "twin")).toBeUndefined();
      const twin = within(root, "twin", "file");
      expect(ok(twin.stat())).toEqual({ ...ok(node.stat()), links: 2 });
      const handle = ok(twin.open(WRITE));
      expect(handle.write(bytes("A"), 0)).toBe(1);
      handle.close();
      expect(readNode(node)).toBe("Alpha");
      expect(root.removeFile("a.txt")).toBeUndefined();
      expect(readNode(twin)).toBe("Alpha");
      expect(ok(twin.stat()).links).toBe(1);
      expect(root.link(twin, "sub")).toBe("EEXIST");
      // A file without a name cannot get one again.
      expect(root.removeFile("twin")).toBeUndefined();
      expect(root.link(twin, "again")).toBe("ENOENT");
    });
  } else {
    test("links are refused", () => {
      expect(root.createSymlink("link", "a.txt")).toBe("EPERM");
      expect(root.link(within(root, "a.txt", "file"), "twin")).toBe("EPERM");
      expect(root.lookup("link")).toBe("ENOENT");
      expect(root.lookup("twin")).toBe("ENOENT");
    });
  }
}

function readOnlyContract(subject: FileSystemSubject): void {
  test("everything that changes something is EROFS and changes nothing", () => {
    const fileSystem = subject.create(FILES, "read-only");
    const root = fileSystem.root();
    const file = ok(root.lookup("a.txt"));
    if (file.kind !== "file") throw new Error("not a file");
    const before = { list: root.list(), stat: file.stat() };
    expect(fileSystem.writable).toBe(false);
    expect({
      write: file.open(WRITE),
      append: file.open({ ...READ, append: true }),
      truncate: file.open({ ...READ, truncate: true }),
      setTimes: file.setTimes({ modifiedMs: 0 }),
      rootTimes: root.setTimes({ modifiedMs: 0 }),
      createFile: root.createFile("x"),
      createDirectory: root.createDirectory("x"),
      createSymlink: root.createSymlink("x", "a.txt"),
      removeFile: root.removeFile("a.txt"),
      removeDirectory: root.removeDirectory("sub"),
      rename: root.rename("a.txt", root, "x"),
      link: root.link(file, "x"),
    }).toEqual({
      write: "EROFS",
      append: "EROFS",
      truncate: "EROFS",
      setTimes: "EROFS",
      rootTimes: "EROFS",
      createFile: "EROFS",
      createDirectory: "EROFS",
      createSymlink: "EROFS",
      removeFile: "EROFS",
      removeDirectory: "EROFS",
      rename: "EROFS",
      link: "EROFS",
    });
    const handle = ok(file.open(READ));
    expect(handle.setTimes({ modifiedMs: 0 })).toBe("EROFS");
    expect(handle.write(bytes("x"), 0)).toBe("EBADF");
    expect(ok(handle.stat()).writable).toBe(false);
    handle.close();
    expect({ list: root.list(), stat: file.stat() }).toEqual(before);
    fileSystem.dispose?.();
  });
}

function viewContract(subject: FileSystemSubject): void {
  let view: OwnedFileView;
  const mounted = (mode: "read-only" | "read-write"): OwnedFileView =>
    createFileView({ mounts: new Map([["/mnt/data", subject.create(FILES, mode)]]), now: () => 1_600_000_000_000 });
  beforeEach(() => {
    view = mounted("read-write");
  });
  afterEach(() => {
    expect(view.openFiles).toBe(0);
    view.dispose();
  });

  test("files are made, read, appended, moved and removed by path", () => {
    expect(view.makeDirectory("/mnt/data/out")).toBeUndefined();
    expect(writeText(view, "/mnt/data/out/r.txt", "one")).toBeUndefined();
    expect(writeText(view, "r.txt", "two", { append: true, truncate: false })).toBe("EROFS");
    const file = openedFile(view.open("r.txt", { read: false, write: true, append: true }, "/mnt/data/out"));
    expect(file.path).toBe("/mnt/data/out/r.txt");
    expect(file.handle.write(bytes("-two"), 0)).toBe(4);
    file.close();
    expect(readText(view, "/mnt/data/out/r.txt")).toBe("one-two");
    expect(view.rename("/mnt/data/out", "/mnt/data/sub/out")).toBeUndefined();
    expect(readText(view, "/mnt/data/sub/out/r.txt")).toBe("one-two");
    expect(view.removeFile("/mnt/data/sub/out/r.txt")).toBeUndefined();
    expect(view.removeDirectory("/mnt/data/sub/out")).toBeUndefined();
    expect(namesIn(view, "/mnt/data/sub")).toEqual(["b.txt", "deep"]);
  });

  test("a read-only mount refuses every change with EROFS", () => {
    const guarded = mounted("read-only");
    expect(writeText(guarded, "/mnt/data/a.txt", "x")).toBe("EROFS");
    expect(writeText(guarded, "/mnt/data/new", "x")).toBe("EROFS");
    expect(guarded.open("/mnt/data/a.txt", { read: true, write: false, truncate: true })).toBe("EROFS");
    expect(guarded.makeDirectory("/mnt/data/x")).toBe("EROFS");
    expect(guarded.removeFile("/mnt/data/a.txt")).toBe("EROFS");
    expect(guarded.removeDirectory("/mnt/data/sub")).toBe("EROFS");
    expect(guarded.rename("/mnt/data/a.txt", "/mnt/data/x")).toBe("EROFS");
    expect(guarded.symlink("a.txt", "/mnt/data/x")).toBe("EROFS");
    expect(guarded.link("/mnt/data/a.txt", "/mnt/data/x")).toBe("EROFS");
    expect(guarded.setTimes("/mnt/data/a.txt", { modifiedMs: 0 }, true)).toBe("EROFS");
    expect(guarded.setTimes("/mnt/data", { modifiedMs: 0 }, true)).toBe("EROFS");
    expect(ok(guarded.stat("/mnt/data/a.txt", true)).writable).toBe(false);
    expect(readText(guarded, "/mnt/data/a.txt")).toBe("alpha");
    guarded.dispose();
  });

  test("an open directory lists and stats, and answers EBADF when closed", () => {
    const directory = ok(view.open("/mnt/data/sub", { read: true, write: false, directory: true }));
    if (directory.kind !== "directory") throw new Error("not a directory");
    expect(ok(directory.list()).map(({ name }) => name)).toEqual(["b.txt", "deep"]);
    expect(ok(directory.stat())).toEqual(ok(view.stat("/mnt/data/sub", true)));
    expect(view.openFiles).toBe(1);
    directory.close();
    directory.close();
    expect([directory.list(), directory.stat(), view.openFiles]).toEqual(["EBADF", "EBADF", 0]);
  });

  test("a directory that was removed while open has no entries to offer", () => {
    expect(view.makeDirectory("/mnt/data/gone")).toBeUndefined();
    const directory = ok(view.open("/mnt/data/gone", { read: true, write: false }));
    if (directory.kind !== "directory") throw new Error("not a directory");
    expect(view.removeDirectory("/mnt/data/gone")).toBeUndefined();
    const entries = directory.list();
    expect(typeof entries === "string" ? entries : entries.length).toBeOneOf(["ENOENT", 0]);
    directory.close();
  });

  test("create, exclusive and truncate work as in POSIX", () => {
    const options = { read: true, write: true };
    expect(view.open("/mnt/data/none", options)).toBe("ENOENT");
    expect(view.open("/mnt/data/a.txt", { ...options, create: true, exclusive: true })).toBe("EEXIST");
    expect(view.open("/mnt/data/sub", options)).toBe("EISDIR");
    expect(view.open("/mnt/data/sub", { ...options, create: true })).toBe("EISDIR");
    expect(view.open("/mnt/data/a.txt", { ...options, directory: true })).toBe("ENOTDIR");
    expect(view.open("/mnt/data/a.txt/", options)).toBe("ENOTDIR");
    expect(view.open("/mnt/data/new/", { ...options, create: true })).toBe("EISDIR");
    expect(view.open("/mnt/data/none/x", { ...options, create: true })).toBe("ENOENT");
    expect(view.open("/mnt/data/a.txt/x", { ...options, create: true })).toBe("ENOTDIR");
    const kept = openedFile(view.open("/mnt/data/a.txt", { ...options, create: true }));
    expect(ok(kept.handle.stat()).size).toBe(5);
    kept.close();
    const emptied = openedFile(view.open("/mnt/data/a.txt", { ...options, create: true, truncate: true }));
    expect(ok(emptied.handle.stat()).size).toBe(0);
    emptied.close();
  });

  test("inode numbers agree between names and handles", () => {
    const file = openedFile(view.open("/mnt/data/a.txt", { read: true, write: false }));
    expect(ok(file.handle.stat())).toEqual(ok(view.stat("/mnt/data/a.txt", true)));
    file.close();
  });
}
