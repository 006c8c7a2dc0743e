// A custom file system that is broken or hostile to its user: the sandbox stays whole, the guest sees EIO, and the caller
// is told which mount it was and what it did.
import { afterEach, describe, expect, test } from "vitest";
import { memoryDirectory, overlayDirectory, Sandbox } from "../../../src/index.ts";
import type { DirectoryNode, FileHandle, FileNode, FileSystem } from "../../../src/index.ts";
import { createFileView } from "../../../src/capabilities/files/view/create-file-view.ts";
import { tableDirectory } from "../../support/table-directory.ts";

const CANARY = "/home/user/.ssh/canary";
const open: Sandbox[] = [];
afterEach(() => {
  for (const sandbox of open.splice(0)) sandbox.close();
});

/** A sound file system with some answers replaced. */
function broken(change: {
  readonly root?: Partial<Record<keyof DirectoryNode, unknown>>;
  readonly file?: Partial<Record<keyof FileNode, unknown>>;
  readonly handle?: Partial<Record<keyof FileHandle, unknown>>;
}): FileSystem {
  const sound = tableDirectory(
    new Map([
      ["a.txt", "alpha"],
      ["sub/b", "beta"],
    ]),
  );
  return {
    ...sound,
    root: () => {
      const root = sound.root();
      return {
        ...root,
        lookup: (name: string) => {
          const node = root.lookup(name);
          if (typeof node === "string" || node.kind !== "file") return node;
          const openFile: FileNode["open"] = (mode) => {
            const handle = node.open(mode);
            return typeof handle === "string" ? handle : ({ ...handle, ...change.handle } as FileHandle);
          };
          return { ...node, open: openFile, ...change.file } as FileNode;
        },
        ...change.root,
      } as DirectoryNode;
    },
  };
}

const boom = (): never => {
  throw new Error(`cannot reach ${CANARY}`);
};
const bad = (value: unknown) => () => value;
const WORK = `
import os
for act in (lambda: os.listdir("/m"), lambda: os.stat("/m/a.txt"), lambda: open("/m/a.txt").read(), lambda: os.stat("/m")):
    try: act()
    except OSError as e: print(e.errno, e.strerror)
"done"`;

const CASES: readonly [string, FileSystem, string][] = [
  ["throws in lookup", broken({ root: { lookup: boom } }), "lookup: it threw"],
  [
    "throws something that is no error",
    broken({
      root: {
        list: () => {
          throw null;
        },
      },
    }),
    "list: it threw",
  ],
  [
    "answers with a promise",
    broken({ root: { lookup: async () => await Promise.resolve({ kind: "file" }) } }),
    "lookup: it answered with a promise, and files are synchronous",
  ],
  [
    "reads asynchronously",
    broken({ handle: { read: async () => await Promise.resolve(3) } }),
    "read: it answered with a promise, and files are synchronous",
  ],
  [
    "answers with a path as an errno",
    broken({ root: { lookup: bad(CANARY) } }),
    "lookup: it answered with text that is no errno",
  ],
  [
    "answers with nothing",
    broken({ root: { lookup: bad(undefined) } }),
    "lookup: it answered with something that is no node",
  ],
  [
    "answers with an unknown kind",
    broken({ root: { lookup: bad({ kind: "device" }) } }),
    "lookup: it answered with something that is no node",
  ],
  [
    "lies about sizes",
    broken({ file: { stat: bad({ kind: "file", size: -5 }) } }),
    "stat: its stat has a size that is no whole number of bytes",
  ],
  [
    "has sizes that are no numbers",
    broken({ file: { stat: bad({ kind: "file", size: "5" }) } }),
    "stat: its stat has a size that is no whole number of bytes",
  ],
  [
    "has no times",
    broken({ root: { stat: bad({ kind: "directory", size: 0 }) } }),
    "stat: its stat has a time that is no number",
  ],
  [
    "changes its kind",
    broken({ root: { stat: bad({ kind: "file", size: 0 }) } }),
    'stat: its stat says another kind than "directory"',
  ],
  ["reads a negative length", broken({ handle: { read: bad(-1) } }), "read: it answered a count that is none of 0 to"],
  [
    "reads more than there is room",
    broken({ handle: { read: bad(2 ** 31) } }),
    "read: it answered a count that is none of 0 to",
  ],
  [
    "lists without end",
    broken({
      root: { list: bad(Array.from({ length: 70_000 }, (_, i) => ({ name: `${i}`, kind: "file", inode: 0 }))) },
    }),
    "list: it listed 70000 entries, and 65536 are the most",
  ],
  [
    "claims a length that it has not",
    broken({ root: { list: bad(new Array(2 ** 32 - 1)) } }),
    "list: it listed 4294967295 entries, and 65536 are the most",
  ],
  [
    "lists names that are paths",
    broken({ root: { list: bad([{ name: "../x", kind: "file", inode: 0 }]) } }),
    "list: it listed what can be no entry",
  ],
  ["lists no array", broken({ root: { list: bad({ length: 1 }) } }), "list: its list is no array"],
  ["answers with traps", broken({ root: { lookup: bad(new Proxy({}, { get: boom })) } }), "lookup: it threw"],
  ["throws in settle and close", { ...broken({ handle: { close: boom } }), settle: boom }, "close: it threw"],
];

describe.each(CASES)("a file system that %s", (_, fileSystem, why) => {
  test("fails in the guest with EIO and is named to the caller; the sandbox goes on", async () => {
    let stdout = "";
    const sandbox = await Sandbox.create({
      language: "python",
      files: { "/m": fileSystem, "/fine": memoryDirectory({ files: { f: "fine" } }) },
      onOutput: ({ text }) => void (stdout += text),
    });
    open.push(sandbox);
    const error: unknown = await sandbox.run(WORK).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "WardianError", code: "broken-file-system" });
    expect((error as Error).message).toContain(`The file system mounted at "/m" broke its contract in ${why}`);
    for (const line of stdout.split("\n").filter(Boolean)) expect(line).toMatch(/^29 /);
    expect(stdout).not.toContain("canary");
    const result = await sandbox.run(`open("/fine/f").read()`);
    expect(result).toMatchObject({ status: "ok", value: "fine" });
  });
});

test("an overlay over such a file system fails the same way", async () => {
  const sandbox = await Sandbox.create({
    language: "python",
    files: { "/m": overlayDirectory({ over: broken({ root: { lookup: boom } }) }) },
  });
  open.push(sandbox);
  await expect(sandbox.run(`open("/m/a.txt")`)).rejects.toMatchObject({
    code: "broken-file-system",
    message: `The file system mounted at "/m" broke its contract in lookup: it threw`,
  });
});

test("no root, no mount", async () => {
  for (const root of [bad(undefined), bad(Promise.resolve()), bad({ kind: "file" }), boom]) {
    const files = { "/m": { kind: "custom", writable: false, root } as unknown as FileSystem };
    await expect(Sandbox.create({ language: "python", files })).rejects.toMatchObject({ code: "invalid-mount" });
  }
});

test("a kind's name buys no trust, and a stack that the guest used up is not its fault", () => {
  const liar = { ...broken({ root: { lookup: bad(CANARY) } }), kind: "memory" };
  const view = createFileView({ mounts: new Map([["/m", liar]]), now: () => 0 });
  expect(view.stat("/m/a.txt", true)).toBe("EIO");
  expect(view.takeFault()?.error.message).toContain("broke its contract in lookup");
  const deep = broken({
    root: {
      lookup: () => {
        const down = (): number => 1 + down();
        return down();
      },
    },
  });
  const other = createFileView({ mounts: new Map([["/m", deep]]), now: () => 0 });
  expect(other.stat("/m/a.txt", true)).toBe("EIO");
  expect(other.takeFault()).toBeUndefined();
});
