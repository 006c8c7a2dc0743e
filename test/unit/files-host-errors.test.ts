// Errors of the host's disk reach the guest as the errno that they are, and a commit that meets one changes nothing.
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statfsSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { createFileView } from "../../src/capabilities/files/view/create-file-view.ts";
import { attempt } from "../../src/hosts/node/host-directory/errno-failure.ts";
import { hostDirectory, Sandbox } from "../../src/node.ts";
import { openedFile, readText, writeText } from "../support/file-text.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const mounted: string[] = [];
afterEach(() => {
  for (const directory of mounted.splice(0)) execFileSync("umount", [directory]);
});

/** A real disk of 256 KiB; undefined where this process may not mount one. */
function smallDisk(): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return undefined;
  const directory = path.join(temporaryDirectory(), "disk");
  mkdirSync(directory);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k", "none", directory], { stdio: "ignore" });
  } catch {
    return undefined;
  }
  mounted.push(directory);
  return directory;
}

describe("a full disk", () => {
  test("is ENOSPC for the guest, who can go on when there is room again", async (context) => {
    const disk = smallDisk();
    if (disk === undefined) return context.skip("needs the right to mount a small tmpfs");
    const sandbox = await Sandbox.create({
      language: "python",
      files: { "/disk": hostDirectory({ path: disk, mode: "read-write" }) },
    });
    const result = await sandbox.run(`
import errno, os
try:
    with open("/disk/big", "wb", buffering=0) as f:
        while True: f.write(bytes(16384))
except OSError as e:
    name = errno.errorcode[e.errno]
os.remove("/disk/big")
open("/disk/small", "w").write("fits")
name`);
    sandbox.close();
    expect(result).toMatchObject({ status: "ok", value: "ENOSPC" });
    expect(readFileSync(path.join(disk, "small"), "utf8")).toBe("fits");
  });

  test("ends a commit before it changes anything, and leaves nothing behind", (context) => {
    const disk = smallDisk();
    if (disk === undefined) return context.skip("needs the right to mount a small tmpfs");
    writeFileSync(path.join(disk, "a"), "old a");
    writeFileSync(path.join(disk, "b"), "old b");
    const free = statfsSync(disk).bfree;
    const overlay = hostDirectory({ path: disk, mode: "overlay" });
    const view = createFileView({ mounts: new Map([["/d", overlay]]), now: () => 0 });
    expect(writeText(view, "/d/a", "new a")).toBeUndefined();
    const big = openedFile(view.open("/d/b", { read: false, write: true }));
    expect(big.handle.write(new Uint8Array(300_000), 0)).toBe(300_000);
    big.close();
    expect(() => overlay.commit()).toThrow(
      expect.objectContaining({ name: "FileError", code: "file", errno: "ENOSPC", path: "b" }) as Error,
    );
    expect(readdirSync(disk).sort()).toEqual(["a", "b"]);
    expect(["a", "b"].map((name) => readFileSync(path.join(disk, name), "utf8"))).toEqual(["old a", "old b"]);
    expect(statfsSync(disk).bfree).toBe(free);
    // The changes are still there, and what fits can be written.
    expect(writeText(view, "/d/b", "new b")).toBeUndefined();
    expect(overlay.commit().length).toBe(2);
    expect(readFileSync(path.join(disk, "b"), "utf8")).toBe("new b");
    view.dispose();
  });
});

test.skipIf(process.platform !== "linux")("a disk that cannot be read is EIO", () => {
  // The memory of this process as a file: nothing lies at its first page.
  const view = createFileView({ mounts: new Map([["/p", hostDirectory({ path: "/proc/self" })]]), now: () => 0 });
  expect(readText(view, "/p/mem")).toBe("EIO");
  view.dispose();
});

test("a user's quota is a full disk, and what has no name for guests is EIO", () => {
  const failing = (code: string) =>
    attempt(() => {
      throw Object.assign(new Error("/home/secret"), { code });
    });
  expect(["EDQUOT", "ENOSPC", "EIO", "EUCLEAN", "ESTALE", "ENOMEM"].map(failing)).toEqual([
    "ENOSPC",
    "ENOSPC",
    "EIO",
    "EIO",
    "EIO",
    "EIO",
  ]);
});
