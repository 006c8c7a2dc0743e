import { describe, expect, test } from "vitest";
import { memoryDirectory } from "../../src/capabilities/files/memory/memory-directory.ts";
import type { DirectoryNode, FileStat, FileSystem } from "../../src/capabilities/files/file-system.ts";
import { fileSystemTraits, recordFiles, replayFiles } from "../../src/capabilities/recording/files-tape.ts";
import { TapeReader } from "../../src/capabilities/recording/tape-reader.ts";
import { TapeWriter } from "../../src/capabilities/recording/tape-writer.ts";

/** Runs `use` on a recorded file system and on its replay; both must answer the same. */
function both<T>(fileSystem: FileSystem, use: (root: DirectoryNode) => T): T {
  const writer = new TapeWriter(1e6);
  const recorded = recordFiles(fileSystem, writer).root({ now: () => 0 });
  writer.begin();
  const first = use(recorded);
  const reader = new TapeReader(writer.take() ?? new Uint8Array(0), 1);
  const again = use(replayFiles(fileSystemTraits(fileSystem), () => reader).root());
  expect(again).toEqual(first);
  expect(reader.atEnd).toBe(true);
  return first;
}

function attempt<T>(act: () => T): T | string {
  try {
    return act();
  } catch {
    return "threw";
  }
}

const STAT: FileStat = {
  kind: "directory",
  size: 0,
  inode: 1,
  links: 2,
  writable: false,
  accessedMs: 1,
  modifiedMs: 2,
  changedMs: 3,
};

/** A directory that answers `answers`, and throws for everything else. */
function odd(answers: Partial<Record<keyof DirectoryNode, unknown>>): FileSystem {
  const refuse = (): never => {
    throw new Error("/home/host/secret");
  };
  const node = new Proxy({ kind: "directory" } as DirectoryNode, {
    get: (inner, name) => {
      if (name === "kind") return inner.kind;
      return name in answers ? () => answers[name as keyof DirectoryNode] : refuse;
    },
  });
  return { kind: "odd", writable: true, root: () => node };
}

describe("a recorded file system", () => {
  test("answers every operation again, bytes included", () => {
    const seen = both(memoryDirectory({ maxBytes: 1_000, files: { "a.txt": "alpha" } }), (root) => {
      const made = root.createFile("b");
      if (typeof made === "string") return made;
      const handle = made.open({ read: true, write: true, append: false, truncate: false });
      if (typeof handle === "string") return handle;
      const into = new Uint8Array(8);
      const answers = [
        handle.write(new TextEncoder().encode("hello"), 0),
        handle.write(new Uint8Array(2_000), 5),
        handle.read(into, 1),
        [...into],
        handle.truncate(2),
        typeof handle.stat(),
        handle.setTimes({ modifiedMs: 9 }),
        handle.sync(),
      ];
      handle.close();
      const directory = root.createDirectory("d");
      if (typeof directory === "string") return directory;
      const list = root.list();
      return [
        ...answers,
        root.createFile("b"),
        root.link(made, "c"),
        root.rename("c", directory, "e"),
        typeof root.createSymlink("s", "\ud800"),
        root.removeFile("d"),
        root.removeDirectory("d"),
        typeof list === "string" ? list : list.map(({ name }) => name),
        root.lookup("none"),
      ];
    });
    expect(seen).toEqual([
      5,
      "EFBIG",
      4,
      [101, 108, 108, 111, 0, 0, 0, 0],
      undefined,
      "object",
      undefined,
      undefined,
      "EEXIST",
      undefined,
      undefined,
      "object",
      "EISDIR",
      "ENOTEMPTY",
      ["a.txt", "b", "d"],
      "ENOENT",
    ]);
  });

  test("gives a guest nothing of a stat but its fields, in one order", () => {
    const { changedMs, ...rest } = STAT;
    const stat = both(odd({ stat: { changedMs, path: "/home/host", ...rest } }), (root) => root.stat());
    expect(JSON.stringify(stat)).toBe(
      JSON.stringify({
        kind: "directory",
        writable: false,
        size: 0,
        inode: 1,
        links: 2,
        accessedMs: 1,
        modifiedMs: 2,
        changedMs: 3,
      }),
    );
  });

  test("that throws, or answers what is no answer, throws again", () => {
    const answers = both(
      odd({ list: [{ name: 5, kind: "file", inode: 1 }], lookup: { kind: "door" }, removeFile: "EWHATEVER" }),
      (root) => [
        attempt(() => root.stat()),
        attempt(() => root.list()),
        attempt(() => root.lookup("a")),
        attempt(() => root.removeFile("a")),
      ],
    );
    expect(answers).toEqual(["threw", "threw", "threw", "threw"]);
  });

  test("notes nothing of what its owner asks between runs", () => {
    const writer = new TapeWriter(1e6);
    const fileSystem = recordFiles(memoryDirectory({ files: { a: "x" } }), writer);
    const root = fileSystem.root({ now: () => 0 });
    root.list();
    writer.begin();
    expect(writer.take()).toEqual(new Uint8Array(0));
    expect([typeof fileSystem.capture?.(), fileSystem.kind]).toEqual(["object", "memory"]);
  });
});
