// Paths made of all that file systems and decoders disagree about, over every kind of directory.
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { memoryDirectory } from "../../src/capabilities/files/memory/memory-directory.ts";
import { createFileView } from "../../src/capabilities/files/view/create-file-view.ts";
import type { OwnedFileView } from "../../src/capabilities/files/view/create-file-view.ts";
import { hostDirectory } from "../../src/hosts/node/host-directory/host-directory.ts";
import { readText, writeText } from "../support/file-text.ts";
import { portableHostDirectory } from "../support/portable-host-directory.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const SECRET = "canary-of-paths";

const piece = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom("..", ".", "", "a", "up", "out", "link", "loop", "secret", "etc", "data", "ro", "f"),
  },
  fc.constantFrom(
    "%2e%2e",
    "..%2f",
    "..\\",
    "\u2025",
    "\uFF0E\uFF0E",
    ".. ",
    "...",
    "\0",
    "a\0",
    "~",
    "C:",
    "__proto__",
    "\uD800",
    "\n",
  ),
  fc.string({ maxLength: 6 }),
  fc.string({ unit: "binary", maxLength: 6 }),
  fc.constantFrom("x".repeat(255), "x".repeat(256), "\u{1F600}".repeat(70)),
);
/** One in twenty is there, so that what is read is not nothing. */
const anyPath = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom("/data/f", "/data/a/f", "/ro/f", "/over/../data/f", "/mem/f") },
  { weight: 19, arbitrary: madePath() },
);

function madePath(): fc.Arbitrary<string> {
  return fc
    .tuple(
      fc.constantFrom("/data/", "/ro/", "/", "", "/data/../", "//data//", "/mem/", "/over/"),
      fc.array(piece, { maxLength: 8 }),
    )
    .map(([start, pieces]) => start + pieces.join("/"));
}

/** What lies in `base` beside the mounted folder, with content and times. */
function outside(base: string): unknown {
  return ["secret", "etc/secret"].map((name) => {
    const file = path.join(base, name);
    return [
      readdirSync(base).toSorted(),
      readdirSync(path.dirname(file)).toSorted(),
      readFileSync(file, "utf8"),
      statSync(file).mtimeMs,
    ];
  });
}

const KINDS = ["descriptors", "paths"] as const;

/** Mounts of every kind over a folder with links that lead out; beside it lies a secret. */
function world(kind: (typeof KINDS)[number]): { readonly view: OwnedFileView; readonly base: string } {
  const base = temporaryDirectory();
  for (const name of ["data/a", "etc"]) mkdirSync(path.join(base, name), { recursive: true });
  for (const name of ["secret", "etc/secret"]) writeFileSync(path.join(base, name), SECRET);
  for (const name of ["data/f", "data/a/f"]) writeFileSync(path.join(base, name), "inside");
  for (const [name, target] of [
    ["data/up", ".."],
    ["data/out", base],
    ["data/link", "../secret"],
    ["data/a/loop", "loop"],
    ["data/a/up", "../../etc"],
  ] as const)
    symlinkSync(target, path.join(base, name));
  const create = kind === "descriptors" ? hostDirectory : portableHostDirectory;
  const folder = path.join(base, "data");
  const mounts = new Map([
    ["/data", create({ path: folder, mode: "read-write", maxBytes: 1e5, maxEntries: 200 })],
    ["/ro", create({ path: folder })],
    ["/over", kind === "descriptors" ? hostDirectory({ path: folder, mode: "overlay" }) : memoryDirectory()],
    ["/mem", memoryDirectory({ files: { "a/f": "inside" }, maxBytes: 1e5, maxEntries: 200 })],
  ]);
  return { view: createFileView({ mounts, now: () => 0 }), base };
}

test.each(KINDS)("no path leads out of any mount: host directories by %s", (kind) => {
  const { view, base } = world(kind);
  const before = outside(base);
  let found = 0;
  fc.assert(
    fc.property(anyPath, anyPath, fc.string({ maxLength: 5 }), fc.nat(9), (one, other, text, deed) => {
      // What earlier paths did away with.
      view.makeDirectory("/data/a");
      for (const kept of ["/data/f", "/data/a/f", "/mem/f"]) writeText(view, kept, "inside");
      const said = readText(view, one);
      if (said === "inside") found++;
      expect(said).not.toContain(SECRET);
      const listed = view.open(one, { read: true, write: false, directory: true });
      if (typeof listed !== "string") listed.close();
      view.stat(one, true);
      view.readLink(one);
      // What is made may be whatever it is, as long as it is inside.
      const deeds = [
        () => writeText(view, one, text),
        () => view.makeDirectory(one),
        () => view.rename(one, other),
        () => view.symlink(other, one),
        () => view.link(one, other),
        () => view.setTimes(one, { modifiedMs: 1_000 }, deed % 2 === 0),
      ];
      deeds[deed]?.();
    }),
    { numRuns: 4_000 },
  );
  expect(outside(base)).toEqual(before);
  expect(view.openFiles).toBe(0);
  // Paths that all lead nowhere would say nothing.
  expect(found).toBeGreaterThan(10);
  view.dispose();
});
