import { equal } from "../assertions.ts";
import { bytesOf, ok } from "../file-access.ts";
import { type NodeCase, READ, WRITE } from "./case.ts";

/** What a file system promises that is not writable. */
export const READ_ONLY_CASES: readonly NodeCase[] = [
  [
    "everything that changes something is EROFS and changes nothing",
    ({ fileSystem, root }) => {
      const file = ok(root.lookup("a.txt"));
      if (file.kind !== "file") throw new Error("not a file");
      const before = { list: root.list(), stat: file.stat() };
      equal(fileSystem.writable, false);
      equal(
        {
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
        },
        {
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
        },
      );
      const handle = ok(file.open(READ));
      equal(handle.setTimes({ modifiedMs: 0 }), "EROFS");
      equal(handle.write(bytesOf("x"), 0), "EBADF");
      equal(ok(handle.stat()).writable, false);
      handle.close();
      equal({ list: root.list(), stat: file.stat() }, before);
    },
  ],
];
