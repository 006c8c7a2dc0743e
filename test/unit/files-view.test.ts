import { describe, expect, test } from "vitest";
import { memoryDirectory } from "../../src/capabilities/files/memory/memory-directory.ts";
import { createFileView, type OwnedFileView } from "../../src/capabilities/files/view/create-file-view.ts";
import type { OpenFile } from "../../src/capabilities/files/file-view.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function opened(file: OpenFile | string): Extract<OpenFile, { kind: "file" }> {
  if (typeof file === "string" || file.kind !== "file") throw new Error(`not an open file: ${JSON.stringify(file)}`);
  return file;
}

function write(view: OwnedFileView, path: string, text: string): void {
  const file = opened(view.open(path, { read: false, write: true, create: true, truncate: true }));
  expect(file.handle.write(encoder.encode(text), 0)).toBe(encoder.encode(text).length);
  file.close();
}

function read(view: OwnedFileView, path: string): string {
  const file = view.open(path, { read: true, write: false });
  if (typeof file === "string") return file;
  const bytes = new Uint8Array(1_000);
  const count = opened(file).handle.read(bytes, 0);
  file.close();
  return typeof count === "string" ? count : decoder.decode(bytes.subarray(0, count));
}

function viewOf(files: Record<string, string> = {}): OwnedFileView {
  return createFileView({ mounts: new Map([["/data", memoryDirectory({ files })]]), now: () => 5_000 });
}

describe("createFileView", () => {
  test("writes, reads, lists and removes over a memory directory", () => {
    const view = viewOf({ "a.txt": "A", "sub/b.txt": "B" });
    expect(read(view, "/data/a.txt")).toBe("A");
    expect(read(view, "../data/./sub//b.txt")).toBe("B");
    write(view, "/data/c.txt", "C");
    expect(view.list("/data")).toEqual([
      { name: "a.txt", kind: "file", inode: expect.any(Number) },
      { name: "sub", kind: "directory", inode: expect.any(Number) },
      { name: "c.txt", kind: "file", inode: expect.any(Number) },
    ]);
    expect(view.removeFile("/data/a.txt")).toBeUndefined();
    expect(read(view, "/data/a.txt")).toBe("ENOENT");
    expect(view.openFiles).toBe(0);
    view.reset();
    expect(read(view, "/data/a.txt")).toBe("A");
    expect(read(view, "/data/c.txt")).toBe("ENOENT");
  });
});
