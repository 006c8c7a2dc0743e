// The content of a memory directory as plain data: the same after a round trip, and never trusted on the way back.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FileSystemState } from "../../src/capabilities/files/file-system-state.ts";
import { memoryDirectory } from "../../src/capabilities/files/memory/memory-directory.ts";
import { createFileView, type OwnedFileView } from "../../src/capabilities/files/view/create-file-view.ts";
import { ok, openedFile, readText, writeText } from "../support/file-text.ts";

function mounted(directory = memoryDirectory({ maxBytes: 300_000, maxEntries: 20 })) {
  const view = createFileView({ mounts: new Map([["/d", directory]]), now: () => 1_600_000_000_000 });
  return { directory, view };
}

function fill(view: OwnedFileView): void {
  expect(view.makeDirectory("/d/sub")).toBeUndefined();
  expect(writeText(view, "/d/sub/__proto__", "name \uD83E\uDEB4")).toBeUndefined();
  expect(view.link("/d/sub/__proto__", "/d/twin")).toBeUndefined();
  expect(view.symlink("sub/__proto__", "/d/link")).toBeUndefined();
  const sparse = openedFile(view.open("/d/sparse", { read: true, write: true, create: true }));
  expect(sparse.handle.write(Uint8Array.of(7), 200_000)).toBe(1);
  sparse.close();
}

test("a captured directory is the same after a restore, in another one too", () => {
  const { directory, view } = mounted();
  fill(view);
  // Through the structured clone: plain data only.
  const state = structuredClone(directory.capture());
  const other = mounted();
  other.directory.restore(state);
  expect(other.directory.paths()).toEqual(["link", "sparse", "sub/__proto__", "twin"].filter((p) => p !== "link"));
  expect(readText(other.view, "/d/link")).toBe("name \uD83E\uDEB4");
  expect(ok(other.view.stat("/d/twin", true))).toEqual(ok(view.stat("/d/sub/__proto__", true)));
  expect(ok(other.view.stat("/d/sparse", true))).toMatchObject({ size: 200_001 });
  expect(other.directory.usedBytes).toBe(directory.usedBytes);
  expect(other.directory.capture()).toEqual(state);
});

test("neither side sees what the other writes afterwards", () => {
  const { directory, view } = mounted();
  fill(view);
  const state = directory.capture();
  const other = mounted();
  other.directory.restore(state);
  expect(writeText(view, "/d/twin", "here", { truncate: false })).toBeUndefined();
  expect(readText(other.view, "/d/twin")).toBe("name \uD83E\uDEB4");
  expect(writeText(other.view, "/d/twin", "THERE")).toBeUndefined();
  expect(readText(view, "/d/twin")).toBe("here \uD83E\uDEB4");
  directory.restore(state);
  expect(readText(view, "/d/twin")).toBe("name \uD83E\uDEB4");
});

test("open files are closed by a restore, and reset still goes back to the start", () => {
  const { directory, view } = mounted(memoryDirectory({ files: { first: "1" } }));
  const state = directory.capture();
  const file = openedFile(view.open("/d/first", { read: true, write: true }));
  expect(writeText(view, "/d/second", "2")).toBeUndefined();
  const later = directory.capture();
  directory.restore(state);
  expect(file.handle.write(Uint8Array.of(1), 0)).toBe("EBADF");
  file.close();
  expect(directory.paths()).toEqual(["first"]);
  directory.restore(later);
  expect(directory.paths()).toEqual(["first", "second"]);
  view.reset();
  expect(directory.paths()).toEqual(["first"]);
});

test("the quota of the directory holds for what is restored", () => {
  const { directory, view } = mounted();
  fill(view);
  const state = directory.capture();
  const small = memoryDirectory({ maxBytes: 1_000, files: { kept: "k" } });
  expect(() => small.restore(state)).toThrow("Cannot restore the files of a sandbox: it has too many bytes");
  const few = memoryDirectory({ maxEntries: 3, files: { kept: "k" } });
  expect(() => few.restore(state)).toThrow("too many");
  expect([small.paths(), few.paths()]).toEqual([["kept"], ["kept"]]);
});

describe("a forged state", () => {
  const file = { kind: "file", id: 2, accessedMs: 0, modifiedMs: 0, changedMs: 0, size: 1, chunks: [] } as const;
  const root = { ...file, kind: "directory", id: 1, entries: [["a", 1]] } as const;
  const inner = { ...root, id: 2 } as const;
  const origin = { path: "a", number: 1, limit: 0, version: { inode: 1, size: 1, modifiedMs: 0 } };
  const forged: readonly [string, unknown][] = [
    ["no inodes", { inodes: [], nextId: 9 }],
    ["a file as its root", { inodes: [file], nextId: 9 }],
    ["an entry that leads nowhere", { inodes: [root], nextId: 9 }],
    ["an entry that leads to the root", { inodes: [{ ...root, entries: [["a", 0]] }], nextId: 9 }],
    [
      "a directory in itself",
      {
        inodes: [
          { ...root, entries: [] },
          { ...inner, entries: [["a", 1]] },
        ],
        nextId: 9,
      },
    ],
    [
      "a directory with two names",
      {
        inodes: [
          {
            ...root,
            entries: [
              ["a", 1],
              ["b", 1],
            ],
          },
          { ...inner, entries: [] },
        ],
        nextId: 9,
      },
    ],
    ["a file without a name", { inodes: [{ ...root, entries: [] }, file], nextId: 9 }],
    ["a name that is a path", { inodes: [{ ...root, entries: [["../a", 1]] }, file], nextId: 9 }],
    [
      "the same name twice",
      {
        inodes: [
          {
            ...root,
            entries: [
              ["a", 1],
              ["a", 1],
            ],
          },
          file,
        ],
        nextId: 9,
      },
    ],
    ["the same number twice", { inodes: [root, { ...file, id: 1 }], nextId: 9 }],
    ["a number that is not given out yet", { inodes: [root, file], nextId: 2 }],
    ["a size that is no size", { inodes: [root, { ...file, size: -1 }], nextId: 9 }],
    ["a size over the quota", { inodes: [root, { ...file, size: 2 ** 40 }], nextId: 9 }],
    [
      "a piece behind the end",
      { inodes: [root, { ...file, chunks: [{ index: 1, bytes: new Uint8Array(1) }] }], nextId: 9 },
    ],
    [
      "a piece twice",
      { inodes: [root, { ...file, chunks: [0, 0].map((index) => ({ index, bytes: new Uint8Array(1) })) }], nextId: 9 },
    ],
    [
      "a piece that is too long",
      { inodes: [root, { ...file, chunks: [{ index: 0, bytes: new Uint8Array(65_537) }] }], nextId: 9 },
    ],
    ["an origin where nothing lies below", { inodes: [root, { ...file, origin }], nextId: 9 }],
    ["an unknown kind", { inodes: [root, { ...file, kind: "device" }], nextId: 9 }],
  ];

  test.each(forged)("with %s is refused and changes nothing", (_, state) => {
    const directory = memoryDirectory({ files: { kept: "k" } });
    expect(() => directory.restore(state as FileSystemState)).toThrow(/^Cannot restore the files of a sandbox: /);
    expect(directory.paths()).toEqual(["kept"]);
  });

  test("the sound one among them is taken", () => {
    const directory = memoryDirectory();
    directory.restore({ inodes: [root, file], nextId: 9 });
    expect(directory.readFile("a")).toEqual(Uint8Array.of(0));
  });

  test("does not show bytes behind the end of a file when it grows", () => {
    const { directory, view } = mounted();
    directory.restore({
      inodes: [root, { ...file, chunks: [{ index: 0, bytes: Uint8Array.of(1, 2, 3) }] }],
      nextId: 9,
    });
    const grown = openedFile(view.open("/d/a", { read: true, write: true }));
    expect(grown.handle.truncate(3)).toBeUndefined();
    expect(directory.readFile("a")).toEqual(Uint8Array.of(1, 0, 0));
    grown.close();
  });
});

test("whatever was written, a round trip keeps it", () => {
  const name = fc.constantFrom("a", "b", "c");
  const step = fc.tuple(
    fc.constantFrom("write", "directory", "link", "symlink", "remove", "truncate"),
    name,
    name,
    fc.nat(140_000),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const { directory, view } = mounted();
      for (const [act, a, b, size] of steps) {
        if (act === "write") writeText(view, `/d/${a}/${b}`, "x".repeat(size % 1_000));
        if (act === "directory") view.makeDirectory(`/d/${a}`);
        if (act === "link") view.link(`/d/${a}`, `/d/${b}`);
        if (act === "symlink") view.symlink(a, `/d/${b}`);
        if (act === "remove") view.removeFile(`/d/${a}`);
        if (act === "truncate") {
          const file = view.open(`/d/${a}`, { read: true, write: true, create: true });
          if (typeof file === "string") continue;
          if (file.kind === "file") file.handle.truncate(size);
          file.close();
        }
      }
      const state = structuredClone(directory.capture());
      const other = mounted();
      other.directory.restore(state);
      expect(text(other.directory.capture())).toBe(text(state));
      expect(other.directory.usedBytes).toBe(directory.usedBytes);
      const contents = [directory, other.directory].map((d) => text(d.paths().map((p) => [p, d.readFile(p)])));
      expect(contents[1]).toBe(contents[0]);
    }),
    { numRuns: 100 },
  );
});

/** As text, since comparing long arrays number by number is slow. */
function text(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part instanceof Uint8Array ? Buffer.from(part).toString("latin1") : part,
  );
}
