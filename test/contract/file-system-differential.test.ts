// The same random operations on a memory directory and on the host's own file system must end the same way: the host
// kernel is the reference for what POSIX means.
import { mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { FileSystem } from "../../src/capabilities/files/file-system.ts";
import { memoryDirectory } from "../../src/capabilities/files/memory/memory-directory.ts";
import { createFileView, type OwnedFileView } from "../../src/capabilities/files/view/create-file-view.ts";
import { hostDirectory } from "../../src/hosts/node/host-directory/host-directory.ts";
import { ok } from "../support/file-text.ts";
import { portableHostDirectory } from "../support/portable-host-directory.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const target = fc
  .tuple(
    fc.array(fc.constantFrom("a", "b", "c", ".", ".."), { minLength: 1, maxLength: 4 }),
    fc.constantFrom("", "", "/"),
  )
  .map(([parts, end]) => `/d/${parts.join("/")}${end}`);
const flags = fc.record({
  read: fc.boolean(),
  write: fc.boolean(),
  create: fc.boolean(),
  exclusive: fc.boolean(),
  truncate: fc.boolean(),
  append: fc.boolean(),
  directory: fc.boolean(),
  noFollow: fc.boolean(),
});
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("open" as const), path: target, flags, at: fc.nat(12), size: fc.nat(6) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("makeDirectory" as const), path: target }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("write" as const), path: target, size: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("removeDirectory" as const), path: target }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("removeFile" as const), path: target }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("rename" as const), path: target, to: target }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("truncate" as const), path: target, size: fc.nat(20) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function outcome(view: OwnedFileView, move: Step): unknown {
  switch (move.do) {
    case "open": {
      const file = view.open(move.path, move.flags);
      if (typeof file === "string") return file;
      if (file.kind === "directory") {
        file.close();
        return "directory";
      }
      const into = new Uint8Array(move.size);
      const results = [
        file.path,
        file.handle.read(into, move.at),
        [...into],
        file.handle.write(new Uint8Array(move.size).fill(65), move.at),
        ok(file.handle.stat()).size,
      ];
      file.close();
      return results;
    }
    case "write":
    case "truncate": {
      const file = view.open(move.path, { read: true, write: true, create: move.do === "write" });
      if (typeof file === "string" || file.kind === "directory") return typeof file === "string" ? file : "directory";
      const result =
        move.do === "write"
          ? file.handle.write(new Uint8Array(move.size).fill(66), 0)
          : file.handle.truncate(move.size);
      file.close();
      return result;
    }
    case "rename":
      return view.rename(move.path, move.to);
    default:
      return view[move.do](move.path);
  }
}

/** Every path with its kind and content. */
function picture(view: OwnedFileView, directory = "/d"): unknown[] {
  return ok(view.list(directory))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap(({ name, kind }) => {
      const at = `${directory}/${name}`;
      if (kind === "directory") return [at, ...picture(view, at)];
      const file = view.open(at, { read: true, write: false });
      if (typeof file === "string" || file.kind === "directory") return [at, file];
      const bytes = new Uint8Array(100);
      const count = file.handle.read(bytes, 0);
      file.close();
      return [at, count, [...bytes.subarray(0, Number(count))]];
    });
}

test.skipIf(process.platform === "win32")("memory and host directories agree on every operation", () => {
  const base = temporaryDirectory();
  let round = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 25 }), (steps) => {
      round += 1;
      const roots = [path.join(base, `${round}-1`), path.join(base, `${round}-2`)] as const;
      for (const root of roots) mkdirSync(root);
      const fileSystems: readonly FileSystem[] = [
        memoryDirectory(),
        hostDirectory({ path: roots[0], mode: "read-write" }),
        portableHostDirectory({ path: roots[1], mode: "read-write" }),
      ];
      const views = fileSystems.map((fileSystem) =>
        createFileView({ mounts: new Map([["/d", fileSystem]]), now: () => 0 }),
      );
      for (const move of steps) {
        const [memory, host, portable] = views.map((view) => outcome(view, move));
        expect({ move, outcome: memory }).toEqual({ move, outcome: host });
        expect({ move, outcome: portable }).toEqual({ move, outcome: host });
      }
      const [memory, host, portable] = views.map((view) => picture(view));
      expect(memory).toEqual(host);
      expect(portable).toEqual(host);
      for (const view of views) view.dispose();
      for (const root of roots) rmSync(root, { recursive: true });
    }),
    { numRuns: 150 },
  );
});
