import { equal, oneOf } from "../assertions.ts";
import { bytesOf, namesIn, ok, openedFile, readText, writeText } from "../file-access.ts";
import { type ViewCase } from "./case.ts";

/** What guests see of a file system by its paths. */
export const VIEW_CASES: readonly ViewCase[] = [
  [
    "files are made, read, appended, moved and removed by path",
    ({ view }) => {
      equal(view.makeDirectory("/mnt/data/out"), undefined);
      equal(writeText(view, "/mnt/data/out/r.txt", "one"), undefined);
      equal(writeText(view, "r.txt", "two", { append: true, truncate: false }), "EROFS");
      const file = openedFile(view.open("r.txt", { read: false, write: true, append: true }, "/mnt/data/out"));
      equal(file.path, "/mnt/data/out/r.txt");
      equal(file.handle.write(bytesOf("-two"), 0), 4);
      file.close();
      equal(readText(view, "/mnt/data/out/r.txt"), "one-two");
      equal(view.rename("/mnt/data/out", "/mnt/data/sub/out"), undefined);
      equal(readText(view, "/mnt/data/sub/out/r.txt"), "one-two");
      equal(view.removeFile("/mnt/data/sub/out/r.txt"), undefined);
      equal(view.removeDirectory("/mnt/data/sub/out"), undefined);
      equal(namesIn(view, "/mnt/data/sub"), ["b.txt", "deep"]);
    },
  ],
  [
    "a read-only mount refuses every change with EROFS",
    ({ guarded }) => {
      equal(writeText(guarded, "/mnt/data/a.txt", "x"), "EROFS");
      equal(writeText(guarded, "/mnt/data/new", "x"), "EROFS");
      equal(guarded.open("/mnt/data/a.txt", { read: true, write: false, truncate: true }), "EROFS");
      equal(guarded.makeDirectory("/mnt/data/x"), "EROFS");
      equal(guarded.removeFile("/mnt/data/a.txt"), "EROFS");
      equal(guarded.removeDirectory("/mnt/data/sub"), "EROFS");
      equal(guarded.rename("/mnt/data/a.txt", "/mnt/data/x"), "EROFS");
      equal(guarded.symlink("a.txt", "/mnt/data/x"), "EROFS");
      equal(guarded.link("/mnt/data/a.txt", "/mnt/data/x"), "EROFS");
      equal(guarded.setTimes("/mnt/data/a.txt", { modifiedMs: 0 }, true), "EROFS");
      equal(guarded.setTimes("/mnt/data", { modifiedMs: 0 }, true), "EROFS");
      equal(ok(guarded.stat("/mnt/data/a.txt", true)).writable, false);
      equal(readText(guarded, "/mnt/data/a.txt"), "alpha");
    },
  ],
  [
    "an open directory lists and stats, and answers EBADF when closed",
    ({ view }) => {
      const directory = ok(view.open("/mnt/data/sub", { read: true, write: false, directory: true }));
      if (directory.kind !== "directory") throw new Error("not a directory");
      equal(
        ok(directory.list()).map(({ name }) => name),
        ["b.txt", "deep"],
      );
      equal(ok(directory.stat()), ok(view.stat("/mnt/data/sub", true)));
      equal(view.openFiles, 1);
      directory.close();
      directory.close();
      equal([directory.list(), directory.stat(), view.openFiles], ["EBADF", "EBADF", 0]);
    },
  ],
  [
    "a directory that was removed while open has no entries to offer",
    ({ view }) => {
      equal(view.makeDirectory("/mnt/data/gone"), undefined);
      const directory = ok(view.open("/mnt/data/gone", { read: true, write: false }));
      if (directory.kind !== "directory") throw new Error("not a directory");
      equal(view.removeDirectory("/mnt/data/gone"), undefined);
      const entries = directory.list();
      oneOf(typeof entries === "string" ? entries : entries.length, ["ENOENT", 0]);
      directory.close();
    },
  ],
  [
    "create, exclusive and truncate work as in POSIX",
    ({ view }) => {
      const options = { read: true, write: true };
      equal(view.open("/mnt/data/none", options), "ENOENT");
      equal(view.open("/mnt/data/a.txt", { ...options, create: true, exclusive: true }), "EEXIST");
      equal(view.open("/mnt/data/sub", options), "EISDIR");
      equal(view.open("/mnt/data/sub", { ...options, create: true }), "EISDIR");
      equal(view.open("/mnt/data/a.txt", { ...options, directory: true }), "ENOTDIR");
      equal(view.open("/mnt/data/a.txt/", options), "ENOTDIR");
      equal(view.open("/mnt/data/new/", { ...options, create: true }), "EISDIR");
      equal(view.open("/mnt/data/none/x", { ...options, create: true }), "ENOENT");
      equal(view.open("/mnt/data/a.txt/x", { ...options, create: true }), "ENOTDIR");
      const kept = openedFile(view.open("/mnt/data/a.txt", { ...options, create: true }));
      equal(ok(kept.handle.stat()).size, 5);
      kept.close();
      const emptied = openedFile(view.open("/mnt/data/a.txt", { ...options, create: true, truncate: true }));
      equal(ok(emptied.handle.stat()).size, 0);
      emptied.close();
    },
  ],
  [
    "inode numbers agree between names and handles",
    ({ view }) => {
      const file = openedFile(view.open("/mnt/data/a.txt", { read: true, write: false }));
      equal(ok(file.handle.stat()), ok(view.stat("/mnt/data/a.txt", true)));
      file.close();
    },
  ],
];
