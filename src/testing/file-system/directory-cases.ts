import { above, differs, equal, matches, oneOf } from "../assertions.ts";
import { ok, readNode, within } from "../file-access.ts";
import { type NodeCase, WRITE } from "./case.ts";

/** What directories promise. */
export const DIRECTORY_CASES: readonly NodeCase[] = [
  [
    "lookup finds files and directories by exact name",
    ({ root }) => {
      equal(readNode(within(root, "a.txt", "file")), "alpha");
      equal(readNode(within(within(root, "sub", "directory"), "b.txt", "file")), "beta");
      equal(readNode(within(root, "__proto__", "file")), "name");
      for (const name of ["A.TXT", "a.txt ", "constructor", "toString", "hasOwnProperty", "sub/b.txt.", "%61.txt"]) {
        if (!name.includes("/")) equal([name, root.lookup(name)], [name, "ENOENT"]);
      }
    },
  ],
  [
    "list names every entry once with its kind",
    ({ root }) => {
      const entries = ok(root.list()).map(({ name, kind }) => `${kind} ${name}`);
      equal(entries.sort(), ["directory sub", "file __proto__", "file a.txt", "file empty"]);
    },
  ],
  [
    "stat tells kind, size and times",
    ({ root }) => {
      const stat = ok(within(root, "a.txt", "file").stat());
      matches(stat, { kind: "file", size: 5, links: 1, writable: true });
      equal(Number.isSafeInteger(stat.inode), true);
      above(stat.modifiedMs, 1_500_000_000_000);
      matches(ok(root.stat()), { kind: "directory" });
      differs(ok(within(root, "sub", "directory").stat()).inode, stat.inode);
    },
  ],
  [
    "createFile makes an empty file, and only where no name is",
    ({ root }) => {
      const node = ok(root.createFile("new"));
      equal(readNode(node), "");
      equal(root.createFile("new"), "EEXIST");
      equal(root.createFile("sub"), "EEXIST");
      equal(readNode(within(root, "new", "file")), "");
    },
  ],
  [
    "createDirectory makes a directory that can be filled",
    ({ root }) => {
      const made = ok(root.createDirectory("made"));
      equal(ok(made.list()), []);
      ok(made.createFile("inner"));
      equal(
        ok(within(root, "made", "directory").list()).map(({ name }) => name),
        ["inner"],
      );
      equal(root.createDirectory("made"), "EEXIST");
      equal(root.createDirectory("a.txt"), "EEXIST");
    },
  ],
  [
    "a directory's modification time changes when an entry is made or removed",
    ({ root }) => {
      const sub = within(root, "sub", "directory");
      equal(sub.setTimes({ accessedMs: 1_000, modifiedMs: 2_000 }), undefined);
      equal(ok(sub.stat()).modifiedMs, 2_000);
      ok(sub.createFile("fresh"));
      above(ok(within(root, "sub", "directory").stat()).modifiedMs, 1_500_000_000_000);
      equal(sub.setTimes({ modifiedMs: 2_000 }), undefined);
      equal(sub.removeFile("fresh"), undefined);
      above(ok(within(root, "sub", "directory").stat()).modifiedMs, 1_500_000_000_000);
    },
  ],
  [
    "removeFile and removeDirectory each take their own kind",
    ({ root }) => {
      equal(root.removeFile("sub"), "EISDIR");
      equal(root.removeDirectory("a.txt"), "ENOTDIR");
      equal(root.removeDirectory("sub"), "ENOTEMPTY");
      equal(root.removeFile("none"), "ENOENT");
      equal(root.removeDirectory("none"), "ENOENT");
      ok(root.createDirectory("bare"));
      equal(root.removeDirectory("bare"), undefined);
      equal(root.lookup("bare"), "ENOENT");
    },
  ],
  [
    "rename moves, replaces a file, replaces an empty directory",
    ({ root }) => {
      const sub = within(root, "sub", "directory");
      equal(root.rename("a.txt", sub, "moved"), undefined);
      equal(root.lookup("a.txt"), "ENOENT");
      equal(sub.rename("moved", sub, "b.txt"), undefined);
      equal(readNode(within(sub, "b.txt", "file")), "alpha");
      ok(root.createDirectory("bare"));
      equal(sub.rename("deep", root, "bare"), undefined);
      equal(readNode(within(within(root, "bare", "directory"), "c.txt", "file")), "gamma");
      equal(sub.lookup("deep"), "ENOENT");
    },
  ],
  [
    "a directory that was moved can still be filled, and knows where it is",
    ({ root }) => {
      const sub = within(root, "sub", "directory");
      ok(root.createDirectory("target"));
      const target = within(root, "target", "directory");
      equal(root.rename("sub", target, "moved"), undefined);
      const moved = within(target, "moved", "directory");
      equal(readNode(ok(moved.createFile("fresh"))), "");
      equal(root.rename("target", moved, "x"), "EINVAL");
      // The node from before the move may follow it or be gone, but it never means another directory.
      const listed = sub.list();
      oneOf(typeof listed === "string" ? listed : listed.map(({ name }) => name).sort(), [
        "ENOENT",
        ["b.txt", "deep", "fresh"],
      ]);
    },
  ],
  [
    "nothing can be put into a directory that was removed",
    ({ root, links }) => {
      ok(root.createDirectory("gone"));
      const gone = within(root, "gone", "directory");
      const file = within(root, "a.txt", "file");
      equal(root.removeDirectory("gone"), undefined);
      equal(
        {
          createFile: gone.createFile("x"),
          createDirectory: gone.createDirectory("x"),
          rename: root.rename("a.txt", gone, "x"),
          lookup: gone.lookup("x"),
        },
        { createFile: "ENOENT", createDirectory: "ENOENT", rename: "ENOENT", lookup: "ENOENT" },
      );
      equal(gone.link(file, "x"), links ? "ENOENT" : "EPERM");
      equal(readNode(within(root, "a.txt", "file")), "alpha");
    },
  ],
  [
    "rename refuses what POSIX refuses",
    ({ root }) => {
      const sub = within(root, "sub", "directory");
      equal(root.rename("none", root, "x"), "ENOENT");
      equal(root.rename("a.txt", root, "sub"), "EISDIR");
      equal(root.rename("sub", root, "a.txt"), "ENOTDIR");
      equal(root.rename("sub", within(sub, "deep", "directory"), "x"), "EINVAL");
      equal(root.rename("sub", sub, "x"), "EINVAL");
      ok(root.createDirectory("full"));
      ok(within(root, "full", "directory").createFile("f"));
      equal(root.rename("full", root, "sub"), "ENOTEMPTY");
      equal(readNode(within(sub, "b.txt", "file")), "beta");
    },
  ],
  [
    "rename to itself changes nothing",
    ({ root }) => {
      equal(root.rename("a.txt", root, "a.txt"), undefined);
      equal(readNode(within(root, "a.txt", "file")), "alpha");
    },
  ],
  [
    "rename and link refuse a directory or file of another file system",
    ({ root, other, links }) => {
      const otherRoot = other.root();
      equal(root.rename("a.txt", otherRoot, "stolen"), "EXDEV");
      const file = within(otherRoot, "a.txt", "file");
      equal(root.link(file, "linked"), links ? "EXDEV" : "EPERM");
      equal(otherRoot.lookup("stolen"), "ENOENT");
      equal(root.lookup("linked"), "ENOENT");
    },
  ],
  [
    "times can be set, one at a time too",
    ({ root }) => {
      const node = within(root, "a.txt", "file");
      equal(node.setTimes({ accessedMs: 86_400_000, modifiedMs: 1_234_000 }), undefined);
      equal(node.setTimes({ modifiedMs: 5_678_000 }), undefined);
      matches(ok(node.stat()), { accessedMs: 86_400_000, modifiedMs: 5_678_000 });
      const handle = ok(node.open(WRITE));
      equal(handle.setTimes({ modifiedMs: -1_000 }), undefined);
      equal(ok(handle.stat()).modifiedMs, -1_000);
      handle.close();
    },
  ],
  [
    "names keep their exact spelling",
    ({ root }) => {
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
      for (const name of names) equal([name, listed.has(name)], [name, true]);
    },
  ],
];
