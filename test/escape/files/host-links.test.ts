// Links that a guest makes in a host directory, where its caller allows them.
import { lstatSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { createFileView } from "../../../src/capabilities/files/view/create-file-view.ts";
import type { FileView } from "../../../src/capabilities/files/file-view.ts";
import { hostDirectory } from "../../../src/node.ts";

const folder = mkdtempSync(path.join(tmpdir(), "wardian-links-"));
let run = 0;
let mounted = "";

beforeEach(() => {
  run += 1;
  mounted = path.join(folder, `run-${run}`, "mounted");
  mkdirSync(mounted, { recursive: true });
  writeFileSync(path.join(mounted, "..", "secret.txt"), "secret");
  writeFileSync(path.join(mounted, "own.txt"), "own");
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function view(dangerouslyAllowLinks: boolean, mode: "read-only" | "read-write" = "read-write"): FileView {
  const mount = hostDirectory({ path: mounted, mode, dangerouslyAllowLinks });
  return createFileView({ mounts: new Map([["/w", mount]]), now: () => 0 });
}

test("no link can be made unless it is allowed", () => {
  for (const [files, errno] of [
    [view(false), "EPERM"],
    [view(true, "read-only"), "EROFS"],
  ] as const) {
    expect(files.symlink("own.txt", "/w/link")).toBe(errno);
    expect(files.link("/w/own.txt", "/w/second")).toBe(errno);
  }
});

test("an allowed link works inside, and leads the guest nowhere outside", () => {
  const files = view(true);
  expect(files.symlink("own.txt", "/w/inside")).toBeUndefined();
  expect(files.stat("/w/inside", true)).toMatchObject({ kind: "file", size: 3 });
  expect(files.symlink("../secret.txt", "/w/outside")).toBeUndefined();
  expect(readlinkSync(path.join(mounted, "outside"))).toBe("../secret.txt");
  expect(files.stat("/w/outside", true)).toBe("ENOENT");
  expect(files.open("/w/outside", { read: true, write: false })).toBe("ENOENT");
  expect(files.symlink(path.dirname(mounted), "/w/absolute")).toBeUndefined();
  expect(files.open("/w/absolute/secret.txt", { read: true, write: false })).toBe("ENOENT");
  expect(files.link("/w/outside", "/w/outside-too")).toBeUndefined();
  expect(lstatSync(path.join(mounted, "outside-too")).isSymbolicLink()).toBe(true);
});

test("a file that got a second name can be read and no longer changed", () => {
  const files = view(true);
  expect(files.link("/w/own.txt", "/w/second")).toBeUndefined();
  expect(files.stat("/w/second", true)).toMatchObject({ size: 3, links: 2 });
  expect(files.open("/w/second", { read: false, write: true })).toBe("EPERM");
});
