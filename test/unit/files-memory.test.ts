import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FileContent } from "../../src/capabilities/files/memory/file-content.ts";
import { memoryDirectory, type MemoryDirectory } from "../../src/capabilities/files/memory/memory-directory.ts";
import { createFileView, type OwnedFileView } from "../../src/capabilities/files/view/create-file-view.ts";
import { namesIn, ok, openedFile, readText, writeText } from "../support/file-text.ts";

function viewOf(directory: MemoryDirectory, now: () => number = () => 1_000): OwnedFileView {
  return createFileView({ mounts: new Map([["/d", directory]]), now });
}

describe("memoryDirectory", () => {
  test("takes files as an object, a Map or any iterable, text as UTF-8", () => {
    const bytes = Uint8Array.of(0, 255, 128);
    for (const files of [
      { "a/b.txt": "é", "/c": bytes },
      new Map<string, string | Uint8Array>([
        ["a/b.txt", "é"],
        ["c", bytes],
      ]),
    ]) {
      const directory = memoryDirectory({ files });
      expect(directory.paths()).toEqual(["a/b.txt", "c"]);
      expect(directory.readFile("/a/b.txt")).toEqual(Uint8Array.of(0xc3, 0xa9));
      expect(directory.readFile("c")).toEqual(bytes);
      expect(directory.usedBytes).toBe(5);
    }
    bytes.fill(1);
    expect(memoryDirectory({ files: [["x", bytes]] }).readFile("x")).toEqual(Uint8Array.of(1, 1, 1));
  });

  test("keeps copies: neither side sees the other's changes", () => {
    const bytes = Uint8Array.of(1, 2, 3);
    const directory = memoryDirectory({ files: { f: bytes } });
    bytes.fill(9);
    directory.readFile("f")?.fill(8);
    expect(directory.readFile("f")).toEqual(Uint8Array.of(1, 2, 3));
  });

  test("has names, not properties", () => {
    const names = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "__defineGetter__"];
    const view = viewOf(memoryDirectory());
    for (const name of names) expect([name, readText(view, `/d/${name}`)]).toEqual([name, "ENOENT"]);
    for (const name of names) expect([name, writeText(view, `/d/${name}`, name)]).toEqual([name, undefined]);
    expect(namesIn(view, "/d")).toEqual(names.toSorted());
    expect(view.makeDirectory("/d/deep")).toBeUndefined();
    expect(writeText(view, "/d/deep/__proto__", "polluted")).toBeUndefined();
    expect(Object.keys({})).toEqual([]);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test("refuses options that make no sense, by name", () => {
    const message = (options: object): string => {
      try {
        memoryDirectory(options);
        return "no error";
      } catch (error) {
        return `${(error as Error).name}: ${(error as Error).message}`;
      }
    };
    expect(message({ mode: "rw" })).toBe(
      'TypeError: Cannot make a memory directory: "mode" must be "read-only" or "read-write"',
    );
    expect(message({ maxBytes: "1" })).toBe('TypeError: Cannot make a memory directory: "maxBytes" must be a number');
    for (const maxBytes of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 41]) {
      expect(message({ maxBytes })).toBe(
        'RangeError: Cannot make a memory directory: "maxBytes" must be an integer from 0 to 1099511627776',
      );
    }
    expect(message({ maxEntries: -1 })).toBe(
      'RangeError: Cannot make a memory directory: "maxEntries" must be an integer from 0 to 16777216',
    );
    expect(message({ files: "x" })).toBe(
      'TypeError: Cannot make a memory directory: "files" must be an object or an iterable',
    );
    expect(message({ files: { a: 1 } })).toBe(
      'TypeError: Cannot write "a": the content must be a string or a Uint8Array',
    );
    for (const path of ["", "/", "a//b", "../a", "a/..", "a/./b", "a/", "x\0"]) {
      expect(message({ files: [[path, ""]] })).toMatch(
        /^WardianError: Cannot use ".*" in a memory directory: ".*" cannot be a name$/s,
      );
    }
    expect(
      message({
        files: [
          ["a", ""],
          ["a/b", ""],
        ],
      }),
    ).toBe('WardianError: Cannot use "a/b" in a memory directory: "a" is not a directory');
    expect(
      message({
        files: [
          ["a/b", ""],
          ["a", ""],
        ],
      }),
    ).toBe('WardianError: Cannot use "a" in a memory directory: "a" is a directory');
    expect(message({ files: { a: "12345" }, maxBytes: 4 })).toBe(
      'RangeError: Cannot write "a": the memory directory holds at most 4 bytes',
    );
    expect(message({ files: { "a/b": "" }, maxEntries: 1 })).toBe(
      'RangeError: Cannot write "a/b": the memory directory holds at most 1 entries',
    );
  });

  test("lets the host read what the guest wrote, and write what the guest then reads", () => {
    const directory = memoryDirectory({ mode: "read-only" });
    const view = viewOf(directory);
    directory.writeFile("in/x.txt", "one");
    expect(readText(view, "/d/in/x.txt")).toBe("one");
    directory.writeFile("in/x.txt", "2");
    expect(readText(view, "/d/in/x.txt")).toBe("2");
    expect(directory.readFile("none")).toBeUndefined();
    expect(directory.readFile("in")).toBeUndefined();
    expect(directory.readFile("in/x.txt/y")).toBeUndefined();
  });

  test("stamps with the sandbox's clock", () => {
    let time = 111;
    const directory = memoryDirectory({ files: { old: "" } });
    const view = viewOf(directory, () => time);
    time = 222;
    writeText(view, "/d/new", "x");
    expect([ok(view.stat("/d/old", true)).modifiedMs, ok(view.stat("/d/new", true)).modifiedMs]).toEqual([111, 222]);
    expect(ok(view.stat("/d", true)).modifiedMs).toBe(222);
    time = 333;
    directory.writeFile("old", "by the host");
    expect(ok(view.stat("/d/old", true)).modifiedMs).toBe(333);
  });
});

describe("quotas", () => {
  test("bytes: ENOSPC when full, EFBIG for what could never fit, and room comes back", () => {
    const directory = memoryDirectory({ maxBytes: 10 });
    const view = viewOf(directory);
    expect(writeText(view, "/d/a", "123456")).toBeUndefined();
    expect(writeText(view, "/d/b", "12345")).toBe("ENOSPC");
    expect(writeText(view, "/d/b", "1234")).toBeUndefined();
    const file = openedFile(view.open("/d/b", { read: true, write: true }));
    expect(file.handle.write(Uint8Array.of(1), 4)).toBe("ENOSPC");
    expect(file.handle.write(Uint8Array.of(1), 2 ** 40)).toBe("EFBIG");
    expect(file.handle.write(new Uint8Array(0), 2 ** 40)).toBe(0);
    expect(file.handle.truncate(5)).toBe("ENOSPC");
    expect(file.handle.truncate(11)).toBe("EFBIG");
    expect(file.handle.write(Uint8Array.of(1), 3)).toBe(1);
    expect(view.removeFile("/d/a")).toBeUndefined();
    expect(file.handle.truncate(10)).toBeUndefined();
    expect(directory.usedBytes).toBe(10);
    file.close();
    expect(view.open("/d/b", { read: false, write: true, truncate: true })).toMatchObject({ kind: "file" });
    expect(directory.usedBytes).toBe(0);
    expect(view.usage.quotaRefusals).toBe(5);
  });

  test("the bytes of a removed file count while it is open", () => {
    const directory = memoryDirectory({ maxBytes: 10 });
    const view = viewOf(directory);
    writeText(view, "/d/a", "12345678");
    const first = openedFile(view.open("/d/a", { read: true, write: true }));
    const second = openedFile(view.open("/d/a", { read: true, write: false }));
    view.removeFile("/d/a");
    expect(writeText(view, "/d/b", "123")).toBe("ENOSPC");
    first.close();
    expect(directory.usedBytes).toBe(8);
    second.close();
    expect(directory.usedBytes).toBe(0);
    expect(writeText(view, "/d/b", "123")).toBeUndefined();
  });

  test("bytes count once for a file of two names, and targets of symlinks count", () => {
    const directory = memoryDirectory({ maxBytes: 10 });
    const view = viewOf(directory);
    writeText(view, "/d/a", "123456");
    expect(view.link("/d/a", "/d/b")).toBeUndefined();
    view.removeFile("/d/a");
    expect(directory.usedBytes).toBe(6);
    expect(view.symlink("12345", "/d/l")).toBe("ENOSPC");
    expect(view.symlink("1234", "/d/l")).toBeUndefined();
    expect(view.symlink("x", "/d/l")).toBe("EEXIST");
    expect(directory.usedBytes).toBe(10);
    view.removeFile("/d/l");
    view.removeFile("/d/b");
    expect(directory.usedBytes).toBe(0);
  });

  test("entries: files, directories, symlinks and links count; a rename does not", () => {
    const view = viewOf(memoryDirectory({ maxEntries: 4 }));
    writeText(view, "/d/f", "");
    view.makeDirectory("/d/d");
    view.symlink("f", "/d/s");
    expect(view.link("/d/f", "/d/g")).toBeUndefined();
    expect([
      writeText(view, "/d/x", ""),
      view.makeDirectory("/d/x"),
      view.symlink("f", "/d/x"),
      view.link("/d/f", "/d/x"),
    ]).toEqual(["ENOSPC", "ENOSPC", "ENOSPC", "ENOSPC"]);
    expect(view.rename("/d/f", "/d/d/f")).toBeUndefined();
    expect(view.rename("/d/d/f", "/d/s")).toBeUndefined();
    expect(view.makeDirectory("/d/x")).toBeUndefined();
    expect(view.makeDirectory("/d/y")).toBe("ENOSPC");
    view.removeDirectory("/d/x");
    expect(view.makeDirectory("/d/y")).toBeUndefined();
  });

  test("hold whatever a guest does: the counts are those of a fresh count", () => {
    const names = ["a", "b", "c"];
    const path = fc
      .array(fc.constantFrom(...names), { minLength: 1, maxLength: 3 })
      .map((parts) => `/d/${parts.join("/")}`);
    const step = fc.oneof(
      fc.record({ do: fc.constant("write" as const), path, size: fc.nat(20), at: fc.nat(20) }),
      fc.record({ do: fc.constant("truncate" as const), path, size: fc.nat(30) }),
      fc.record({ do: fc.constant("remove" as const), path }),
      fc.record({ do: fc.constant("mkdir" as const), path }),
      fc.record({ do: fc.constant("rename" as const), path, to: path }),
      fc.record({ do: fc.constant("link" as const), path, to: path }),
      fc.record({ do: fc.constant("symlink" as const), path, to: path }),
      fc.record({ do: fc.constant("hold" as const), path }),
      fc.record({ do: fc.constant("release" as const) }),
      fc.record({ do: fc.constant("reset" as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const directory = memoryDirectory({ files: { "a/a": "12345", b: "1" }, maxBytes: 60, maxEntries: 6 });
        const view = viewOf(directory);
        for (const move of steps) {
          if (move.do === "write" || move.do === "truncate") {
            const file = view.open(move.path, { read: true, write: true, create: true });
            if (typeof file !== "string" && file.kind === "file") {
              if (move.do === "write") file.handle.write(new Uint8Array(move.size).fill(65), move.at);
              else file.handle.truncate(move.size);
              file.close();
            }
          }
          if (move.do === "remove" && view.removeFile(move.path) === "EISDIR") view.removeDirectory(move.path);
          if (move.do === "mkdir") view.makeDirectory(move.path);
          if (move.do === "rename") view.rename(move.path, move.to);
          if (move.do === "link") view.link(move.path, move.to);
          if (move.do === "symlink") view.symlink(move.to, move.path);
          if (move.do === "hold") view.open(move.path, { read: true, write: false });
          if (move.do === "release") view.closeAll();
          if (move.do === "reset") view.reset();
          expect(directory.usedBytes).toBeLessThanOrEqual(60);
        }
        view.closeAll();
        const counted = count(view, "/d");
        expect(directory.usedBytes).toBe([...counted.files.values()].reduce((sum, size) => sum + size, 0));
        expect(counted.entries).toBeLessThanOrEqual(6);
        // As many entries are left as the quota says.
        let made = 0;
        while (view.makeDirectory(`/d/fresh${made}`) === undefined) made += 1;
        expect(made).toBe(6 - counted.entries);
        view.reset();
        expect(directory.paths()).toEqual(["a/a", "b"]);
        expect(directory.usedBytes).toBe(6);
      }),
      { numRuns: 150 },
    );
  });
});

function count(view: OwnedFileView, path: string): { entries: number; files: Map<number, number> } {
  const total = { entries: 0, files: new Map<number, number>() };
  for (const { name, kind } of ok(view.list(path))) {
    total.entries += 1;
    const stat = ok(view.stat(`${path}/${name}`, false));
    if (kind !== "directory") total.files.set(stat.inode, stat.size);
    if (kind !== "directory") continue;
    const inner = count(view, `${path}/${name}`);
    total.entries += inner.entries;
    for (const [inode, size] of inner.files) total.files.set(inode, size);
  }
  return total;
}

describe("reset", () => {
  test("puts content, times, names and inode numbers back, again and again", () => {
    const directory = memoryDirectory({ files: { "a/b": "old", keep: "k" } });
    let time = 100;
    const view = viewOf(directory, () => time);
    const picture = (): unknown => [
      ok(view.list("/d")),
      ok(view.list("/d/a")),
      ok(view.stat("/d", true)),
      ok(view.stat("/d/a/b", true)),
      readText(view, "/d/a/b"),
      directory.usedBytes,
    ];
    const before = picture();
    for (let round = 0; round < 3; round += 1) {
      time += 50;
      writeText(view, "/d/a/b", `changed in round ${round}`);
      view.rename("/d/a", "/d/z");
      view.removeFile("/d/keep");
      writeText(view, "/d/new", "n");
      view.symlink("new", "/d/link");
      expect(picture).toThrow();
      view.reset();
      expect(picture()).toEqual(before);
    }
  });

  test("puts a file back that was written in the middle, for every size", () => {
    for (const size of [0, 1, 64, 65_535, 65_536, 65_537, 200_000]) {
      const original = Uint8Array.from({ length: size }, (_, index) => index % 251);
      const directory = memoryDirectory({ files: { f: original } });
      const view = viewOf(directory);
      const file = openedFile(view.open("/d/f", { read: true, write: true }));
      file.handle.write(new Uint8Array(3), Math.floor(size / 2));
      file.handle.write(new Uint8Array(3), size);
      file.handle.truncate(Math.floor(size / 3));
      file.close();
      view.reset();
      expect(directory.readFile("f")).toEqual(original);
    }
  });

  test("closes what was open, and an old handle can neither read nor write", () => {
    const directory = memoryDirectory({ files: { f: "old" } });
    const root = directory.root();
    const view = viewOf(directory);
    const file = openedFile(view.open("/d/f", { read: true, write: true }));
    const node = ok(root.lookup("f"));
    if (node.kind !== "file") throw new Error("not a file");
    const raw = ok(node.open({ read: true, write: true, append: false, truncate: false }));
    view.reset();
    expect(view.openFiles).toBe(0);
    for (const handle of [file.handle, raw]) {
      expect([handle.read(new Uint8Array(1), 0), handle.write(Uint8Array.of(1), 0), handle.stat()]).toEqual([
        "EBADF",
        "EBADF",
        "EBADF",
      ]);
      handle.close();
    }
    // Nodes from before are stale too; the root is not.
    expect([node.stat(), node.open({ read: true, write: false, append: false, truncate: false })]).toEqual([
      "ENOENT",
      "ENOENT",
    ]);
    expect(ok(root.list())).toHaveLength(1);
    expect(directory.usedBytes).toBe(3);
  });

  test("does not count what only an old handle holds", () => {
    const directory = memoryDirectory({ files: { f: "12345" }, maxBytes: 8 });
    const first = viewOf(directory);
    const held = openedFile(first.open("/d/f", { read: true, write: true }));
    first.removeFile("/d/f");
    // A second sandbox mounts it while the first still holds the removed file.
    const second = viewOf(directory);
    second.reset();
    expect(directory.usedBytes).toBe(0);
    held.close();
    expect(directory.usedBytes).toBe(0);
    expect(writeText(second, "/d/g", "12345678")).toBeUndefined();
    expect(writeText(second, "/d/h", "1")).toBe("ENOSPC");
  });

  test("goes back to the mount, not to the options: what a sandbox before left stays", () => {
    const directory = memoryDirectory({ files: { f: "1" } });
    const first = viewOf(directory);
    writeText(first, "/d/f", "2");
    first.dispose();
    const second = viewOf(directory);
    writeText(second, "/d/f", "3");
    second.reset();
    expect(readText(second, "/d/f")).toBe("2");
  });

  test("works on 10,000 directories in one another", () => {
    const directory = memoryDirectory();
    let node = directory.root();
    for (let depth = 0; depth < 10_000; depth += 1) node = ok(node.createDirectory("d"));
    expect(node.createDirectory("d")).toBe("ENOSPC");
    const view = viewOf(directory);
    view.reset();
    expect(namesIn(view, "/d/d/d")).toEqual(["d"]);
  });
});

describe("FileContent", () => {
  test("behaves as one array of bytes, whatever is written, cut and shared", () => {
    const LIMIT = 200_000;
    const position = fc.oneof(fc.nat(100), fc.integer({ min: 65_530, max: 65_540 }), fc.nat(LIMIT - 3_000));
    const step = fc.oneof(
      fc.record({
        do: fc.constant("write" as const),
        at: position,
        size: fc.oneof(fc.nat(10), fc.nat(3_000)),
        fill: fc.integer({ min: 1, max: 255 }),
      }),
      fc.record({ do: fc.constant("truncate" as const), at: position }),
      fc.record({ do: fc.constant("share" as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        let content = new FileContent();
        let model = new Uint8Array(0);
        const frozen: [FileContent, Uint8Array][] = [];
        for (const move of steps) {
          if (move.do === "write" && move.size > 0) {
            const bytes = new Uint8Array(move.size).fill(move.fill);
            content.write(bytes, move.at);
            const grown = new Uint8Array(Math.max(model.length, move.at + move.size));
            grown.set(model);
            grown.set(bytes, move.at);
            model = grown;
          }
          if (move.do === "truncate") {
            content.truncate(move.at);
            const cut = new Uint8Array(move.at);
            cut.set(model.subarray(0, move.at));
            model = cut;
          }
          if (move.do === "share") {
            frozen.push([content, model.slice()]);
            content = content.share();
          }
        }
        for (const [kept, expected] of [...frozen, [content, model] as const]) {
          const all = new Uint8Array(kept.size + 5).fill(0xee);
          expect(kept.read(all, 0)).toBe(expected.length);
          expect(Buffer.compare(all.subarray(0, expected.length), expected)).toBe(0);
          expect(all.subarray(expected.length)).toEqual(new Uint8Array(5).fill(0xee));
        }
      }),
      { numRuns: 150 },
    );
  });
});
