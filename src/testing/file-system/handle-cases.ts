import { equal } from "../assertions.ts";
import { bytesOf, ok, readHandle, readNode, within } from "../file-access.ts";
import { type NodeCase, READ, WRITE } from "./case.ts";

/** What open files promise. */
export const HANDLE_CASES: readonly NodeCase[] = [
  [
    "read returns what is there from any position, and 0 at the end",
    ({ root }) => {
      const handle = ok(within(root, "a.txt", "file").open(READ));
      const into = new Uint8Array(3);
      equal([handle.read(into, 3), Array.from(into)], [2, [...bytesOf("ha"), 0]]);
      equal(handle.read(into, 5), 0);
      equal(handle.read(into, 2 ** 40), 0);
      equal(handle.read(new Uint8Array(0), 0), 0);
      handle.close();
    },
  ],
  [
    "write replaces, extends and fills gaps with zeros",
    ({ root }) => {
      const handle = ok(within(root, "a.txt", "file").open(WRITE));
      equal(handle.write(bytesOf("LP"), 1), 2);
      equal(handle.write(bytesOf("!"), 7), 1);
      equal(ok(readHandle(handle)).text, "aLPha\0\0!");
      equal(ok(handle.stat()).size, 8);
      handle.close();
      equal(readNode(within(root, "a.txt", "file")), "aLPha\0\0!");
    },
  ],
  [
    "write copies: the buffer may change afterwards",
    ({ root }) => {
      const buffer = bytesOf("first");
      const handle = ok(within(root, "a.txt", "file").open(WRITE));
      equal(handle.write(buffer, 0), 5);
      buffer.fill(0x58);
      equal(ok(readHandle(handle)).text, "first");
      handle.close();
    },
  ],
  [
    "append ignores the position",
    ({ root }) => {
      const handle = ok(within(root, "a.txt", "file").open({ ...WRITE, append: true }));
      equal(handle.write(bytesOf("1"), 0), 1);
      equal(handle.write(bytesOf("2"), 0), 1);
      equal(ok(readHandle(handle)).text, "alpha12");
      handle.close();
    },
  ],
  [
    "truncate shortens, and lengthens with zeros",
    ({ root }) => {
      const handle = ok(within(root, "a.txt", "file").open(WRITE));
      equal(handle.truncate(2), undefined);
      equal(handle.truncate(4), undefined);
      equal(ok(readHandle(handle)).text, "al\0\0");
      handle.close();
      const again = ok(within(root, "a.txt", "file").open({ ...WRITE, truncate: true }));
      equal(ok(again.stat()).size, 0);
      again.close();
    },
  ],
  [
    "a handle does what it was opened for and nothing else",
    ({ root }) => {
      const node = within(root, "a.txt", "file");
      const reader = ok(node.open(READ));
      equal(reader.write(bytesOf("x"), 0), "EBADF");
      equal(reader.truncate(0), "EBADF");
      reader.close();
      const writer = ok(node.open({ ...WRITE, read: false }));
      equal(writer.read(new Uint8Array(1), 0), "EBADF");
      equal(writer.sync(), undefined);
      writer.close();
      equal(readNode(node), "alpha");
    },
  ],
  [
    "a closed handle answers EBADF, also after a second close",
    ({ root }) => {
      const handle = ok(within(root, "a.txt", "file").open(WRITE));
      handle.close();
      handle.close();
      equal(handle.read(new Uint8Array(1), 0), "EBADF");
      equal(handle.write(bytesOf("x"), 0), "EBADF");
      equal(handle.truncate(0), "EBADF");
      equal(handle.stat(), "EBADF");
      equal(handle.setTimes({ modifiedMs: 0 }), "EBADF");
      equal(handle.sync(), "EBADF");
      equal(readNode(within(root, "a.txt", "file")), "alpha");
    },
  ],
  [
    "an open file outlives its name",
    ({ root }) => {
      const handle = ok(within(root, "a.txt", "file").open(WRITE));
      equal(root.removeFile("a.txt"), undefined);
      equal(root.lookup("a.txt"), "ENOENT");
      equal(handle.write(bytesOf("A"), 0), 1);
      equal(ok(readHandle(handle)).text, "Alpha");
      handle.close();
    },
  ],
];
