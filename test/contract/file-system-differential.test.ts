// The same random operations on a memory directory and on the host's own file system must end the same way: the host
// kernel is the reference for what POSIX means.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { FileSystem } from "../../src/capabilities/files/file-system.ts";
import { memoryDirectory } from "../../src/capabilities/files/memory/memory-directory.ts";
import { overlayDirectory } from "../../src/capabilities/files/overlay/overlay-directory.ts";
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

/** What lies there before: overlays must treat it as the others treat what they hold themselves. */
const START = { a: "alpha", "b/a": "in b", "b/c/a": "deeper", "b/c/b": "beside", "c/b/c": "far" };

test.skipIf(process.platform === "win32")("memory, host and overlay directories agree on every operation", () => {
  const base = temporaryDirectory();
  let round = 0;
  fc.assert(
    fc.property(fc.boolean(), fc.array(step, { minLength: 1, maxLength: 25 }), (empty, steps) => {
      round += 1;
      const files = empty ? {} : START;
      const roots = [1, 2, 3].map((number) => filledDirectory(path.join(base, `${round}-${number}`), files));
      const [first = "", second = "", third = ""] = roots;
      const untouched = hostPicture(third);
      const fileSystems = {
        host: hostDirectory({ path: first, mode: "read-write" }),
        portable: portableHostDirectory({ path: second, mode: "read-write" }),
        memory: memoryDirectory({ files }),
        "overlay on memory": overlayDirectory({ over: memoryDirectory({ files, mode: "read-only" }) }),
        "overlay on host": overlayDirectory({ over: hostDirectory({ path: third }) }),
        "overlay on overlay": overlayDirectory({ over: overlayDirectory({ over: memoryDirectory({ files }) }) }),
      };
      const views = Object.entries<FileSystem>(fileSystems).map(([name, fileSystem]) => ({
        name,
        view: createFileView({ mounts: new Map([["/d", fileSystem]]), now: () => 0 }),
      }));
      const host = views.shift()!;
      for (const move of steps) {
        const reference = outcome(host.view, move);
        for (const { name, view } of views)
          expect({ move, name, outcome: outcome(view, move) }).toEqual({ move, name, outcome: reference });
      }
      const reference = picture(host.view);
      for (const { name, view } of views) expect({ name, tree: picture(view) }).toEqual({ name, tree: reference });
      for (const { view } of [host, ...views]) view.dispose();
      expect(hostPicture(third)).toEqual(untouched);
      for (const root of roots) rmSync(root, { recursive: true });
    }),
    { numRuns: 150 },
  );
});

/** Every path below a host directory: "directory", or the content. */
function hostPicture(root: string): Map<string, string> {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true });
  return new Map(
    entries
      .map((entry): [string, string] => {
        const file = path.join(entry.parentPath, entry.name);
        return [path.relative(root, file), entry.isFile() ? readFileSync(file, "latin1") : "directory"];
      })
      .sort(byName),
  );
}

test.skipIf(process.platform === "win32")(
  "a commit makes the host look like the overlay, and the difference says how",
  () => {
    const base = temporaryDirectory();
    let round = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 25 }), (steps) => {
        round += 1;
        const root = filledDirectory(path.join(base, String(round)), START);
        const before = hostPicture(root);
        const overlay = hostDirectory({ path: root, mode: "overlay" });
        const twin = hostDirectory({ path: root, mode: "overlay" });
        const views = [overlay, twin].map((system) =>
          createFileView({ mounts: new Map([["/d", system]]), now: () => 0 }),
        );
        const [view, copy] = [views[0]!, views[1]!];
        for (const move of steps) outcome(view, move);
        const shown = picture(view);
        // Through plain data into another overlay of the same directory.
        const state = structuredClone(overlay.capture());
        twin.restore(state);
        expect(picture(copy)).toEqual(shown);
        expect(twin.diff()).toEqual(overlay.diff());
        expect(twin.usedBytes).toBe(overlay.usedBytes);

        const difference = overlay.diff();
        expect(hostPicture(root)).toEqual(before);
        expect(overlay.commit()).toEqual(difference);
        const after = hostPicture(root);
        expect(picture(view)).toEqual(shown);
        view.dispose();
        expect(overlay.diff()).toEqual([]);
        expect(overlay.usedBytes).toBe(0);

        const kinds = new Map(difference.map(({ path: name, kind, type }) => [`${kind} ${name}`, type]));
        const typeOf = (content: string | undefined): string => (content === "directory" ? "directory" : "file");
        for (const name of new Set([...before.keys(), ...after.keys()])) {
          const [old, now] = [before.get(name), after.get(name)];
          const swapped = old !== undefined && now !== undefined && typeOf(old) !== typeOf(now);
          expect([name, kinds.get(`added ${name}`)]).toEqual([
            name,
            now !== undefined && (old === undefined || swapped) ? typeOf(now) : undefined,
          ]);
          expect([name, kinds.get(`removed ${name}`)]).toEqual([
            name,
            old !== undefined && (now === undefined || swapped) ? typeOf(old) : undefined,
          ]);
          if (old !== now && old !== undefined && now !== undefined && !swapped)
            expect([name, kinds.get(`modified ${name}`)]).toEqual([name, "file"]);
        }
        expect(difference.every(({ path: name }) => before.has(name) || after.has(name))).toBe(true);
        copy.dispose();
        rmSync(root, { recursive: true });
      }),
      { numRuns: 150 },
    );
  },
);

function filledDirectory(root: string, files: Readonly<Record<string, string>>): string {
  mkdirSync(root);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), content);
  }
  return root;
}

function byName(a: readonly string[], b: readonly string[]): number {
  return (a[0] ?? "") < (b[0] ?? "") ? -1 : 1;
}
