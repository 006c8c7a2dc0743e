// Snapshots of file systems: after random deeds a captured tree comes back as it was, and a damaged one is refused whole.
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FileSystem } from "../../src/capabilities/files/file-system.ts";
import { memoryDirectory } from "../../src/capabilities/files/memory/memory-directory.ts";
import { createFileView } from "../../src/capabilities/files/view/create-file-view.ts";
import type { OwnedFileView } from "../../src/capabilities/files/view/create-file-view.ts";
import { hostDirectory } from "../../src/hosts/node/host-directory/host-directory.ts";
import { namesIn, readText, writeText } from "../support/file-text.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const name = fc.constantFrom(
  "a",
  "b",
  "c",
  "__proto__",
  "\u{1F33F}",
  "a/b",
  "a/c",
  "b/a",
  "b/a/c",
  "given",
  "below/given",
);
const deed = fc.tuple(
  fc.nat(7),
  name,
  name,
  fc.oneof(fc.string({ maxLength: 20 }), fc.constant("long ".repeat(20_000))),
);

function lower(): string {
  const folder = temporaryDirectory();
  mkdirSync(path.join(folder, "below"));
  for (const file of ["given", "below/given"]) writeFileSync(path.join(folder, file), "given");
  return folder;
}

const MAKERS = {
  memory: () => {
    const make = (): FileSystem =>
      memoryDirectory({ files: { given: "given", "below/given": "given" }, maxBytes: 1e6, maxEntries: 30 });
    return make;
  },
  overlay: () => {
    const folder = lower();
    return (): FileSystem => hostDirectory({ path: folder, mode: "overlay", maxBytes: 1e6, maxEntries: 30 });
  },
} as const;

function act(view: OwnedFileView, [which, one, other, text]: readonly [number, string, string, string]): void {
  const [from, to] = [`/d/${one}`, `/d/${other}`];
  const deeds = [
    () => writeText(view, from, text),
    () => view.makeDirectory(from),
    () => view.rename(from, to),
    () => view.symlink(other, from),
    () => view.link(from, to),
    () => view.removeFile(from),
    () => view.removeDirectory(from),
    () => view.setTimes(from, { modifiedMs: text.length }, true),
  ];
  deeds[which]?.();
}

/** Everything that a guest can see of a tree. */
function picture(view: OwnedFileView, directory = "/d"): unknown {
  const names = namesIn(view, directory);
  return typeof names === "string"
    ? names
    : [...names].toSorted().map((entry) => {
        const at = `${directory}/${entry}`;
        const stat = view.stat(at, false);
        if (typeof stat === "string") return [entry, stat];
        const { kind, size, modifiedMs } = stat;
        const content =
          kind === "directory" ? picture(view, at) : kind === "symlink" ? view.readLink(at) : readText(view, at);
        return [entry, kind, kind === "directory" ? 0 : size, modifiedMs, content];
      });
}

const mounted = (system: FileSystem): OwnedFileView =>
  createFileView({ mounts: new Map([["/d", system]]), now: () => 5 });

describe.each(Object.keys(MAKERS) as (keyof typeof MAKERS)[])("a captured %s tree", (kind) => {
  test("comes back as it was, in another one and in itself", () => {
    fc.assert(
      fc.property(fc.array(deed, { maxLength: 25 }), fc.array(deed, { maxLength: 10 }), (deeds, more) => {
        const make = MAKERS[kind]();
        const view = mounted(make());
        for (const item of deeds) act(view, item);
        const seen = picture(view);
        const state = structuredClone(view.capture());
        const other = mounted(make());
        other.restore(state);
        expect(picture(other)).toEqual(seen);
        for (const item of more) act(view, item);
        expect(picture(other)).toEqual(seen);
        view.restore(state);
        expect(picture(view)).toEqual(seen);
        view.dispose();
        other.dispose();
      }),
      { numRuns: 60, endOnFailure: true },
    );
  }, 120_000);

  test("that was damaged is refused, or is a tree like any other", () => {
    let refused = 0;
    const odd = fc.constantFrom<unknown>(
      -1,
      0,
      1,
      2 ** 53,
      Number.NaN,
      "",
      "..",
      "a/b",
      "\0",
      null,
      undefined,
      [],
      {},
      new Uint8Array(3),
      "__proto__",
      true,
    );
    fc.assert(
      fc.property(
        fc.array(deed, { maxLength: 12 }),
        fc.array(fc.tuple(fc.nat(), odd), { minLength: 1, maxLength: 3 }),
        (deeds, damages) => {
          const make = MAKERS[kind]();
          const view = mounted(make());
          for (const item of deeds) act(view, item);
          const state = structuredClone(view.capture());
          for (const [at, value] of damages) damage(state, at, value);
          const other = mounted(make());
          const before = picture(other);
          try {
            other.restore(state);
          } catch (error) {
            // By whatever error: what reads a snapshot makes one of it.
            expect(error).toBeInstanceOf(Error);
            expect(picture(other)).toEqual(before);
            refused++;
          }
          expect(["string", "object"]).toContain(typeof picture(other));
          view.dispose();
          other.dispose();
        },
      ),
      { numRuns: 300, endOnFailure: true },
    );
    expect(refused).toBeGreaterThan(20);
  }, 120_000);
});

/** Puts something else in one place of a state. */
function damage(state: ReadonlyMap<string, unknown>, at: number, value: unknown): void {
  const places: [object, string][] = [];
  const walk = (item: unknown): void => {
    if (typeof item !== "object" || item === null || ArrayBuffer.isView(item)) return;
    for (const field of Object.keys(item)) {
      places.push([item, field]);
      walk((item as Record<string, unknown>)[field]);
    }
  };
  for (const content of state.values()) walk(content);
  const place = places[at % Math.max(1, places.length)];
  if (place !== undefined) (place[0] as Record<string, unknown>)[place[1]] = value;
}
