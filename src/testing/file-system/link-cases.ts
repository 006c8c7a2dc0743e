import { equal } from "../assertions.ts";
import { bytesOf, ok, readNode, within } from "../file-access.ts";
import { type NodeCase, WRITE } from "./case.ts";

/** What links promise, or their refusal. */
export const LINK_CASES: readonly NodeCase[] = [
  [
    "symlinks are kept as written and never followed here",
    ({ root }) => {
      const link = ok(root.createSymlink("link", "../../etc/passwd"));
      equal(ok(link.readTarget()), { target: "../../etc/passwd" });
      equal(within(root, "link", "symlink").kind, "symlink");
      equal(ok(link.stat()).size, "../../etc/passwd".length);
      equal(root.createFile("link"), "EEXIST");
      equal(root.removeFile("link"), undefined);
    },
  ],
  [
    "a hard link is a second name of the same file",
    ({ root }) => {
      const node = within(root, "a.txt", "file");
      equal(root.link(node, "twin"), undefined);
      const twin = within(root, "twin", "file");
      equal(ok(twin.stat()), { ...ok(node.stat()), links: 2 });
      const handle = ok(twin.open(WRITE));
      equal(handle.write(bytesOf("A"), 0), 1);
      handle.close();
      equal(readNode(node), "Alpha");
      equal(root.removeFile("a.txt"), undefined);
      equal(readNode(twin), "Alpha");
      equal(ok(twin.stat()).links, 1);
      equal(root.link(twin, "sub"), "EEXIST");
      // A file without a name cannot get one again.
      equal(root.removeFile("twin"), undefined);
      equal(root.link(twin, "again"), "ENOENT");
    },
  ],
  [
    "links are refused",
    ({ root }) => {
      equal(root.createSymlink("link", "a.txt"), "EPERM");
      equal(root.link(within(root, "a.txt", "file"), "twin"), "EPERM");
      equal(root.lookup("link"), "ENOENT");
      equal(root.lookup("twin"), "ENOENT");
    },
  ],
];
