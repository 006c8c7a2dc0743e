// A disk that fails or is full at any step of a commit: each file is the old or the new one, whole, and no temporary file stays.
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { build } from "esbuild";
import { describe, expect, test } from "vitest";
import { CommitIncompleteError } from "../../../src/capabilities/files/overlay/commit/commit-error.ts";
import type { CommitTarget } from "../../../src/capabilities/files/overlay/commit/commit-changes.ts";
import { FileError } from "../../../src/capabilities/files/file-error.ts";
import type { Errno } from "../../../src/capabilities/files/file-system.ts";
import { Overlay } from "../../../src/capabilities/files/overlay/overlay.ts";
import { createFileView } from "../../../src/capabilities/files/view/create-file-view.ts";
import { commitTarget } from "../../../src/hosts/node/host-directory/commit-to-host.ts";
import { DescriptorBroker } from "../../../src/hosts/node/host-directory/descriptor-broker.ts";
import { PathBroker } from "../../../src/hosts/node/host-directory/path-broker.ts";
import { hostDirectory } from "../../../src/hosts/node/host-directory/host-directory.ts";
import { contentOf, FILES, isWhole } from "../../support/commit-generations.ts";
import { writeText } from "../../support/file-text.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";

const OLD = { a: "old a", "sub/b": "old b", "gone/c": "old c" };
const NEW = { a: "new a", "sub/b": "new b", "made/d": "new d" };

/** Everything in the directory that is a file, with its text. */
function filesIn(directory: string): Map<string, string> {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    entries.map((entry) => {
      const file = path.join(entry.parentPath, entry.name);
      return [path.relative(directory, file), readFileSync(file, "utf8")];
    }),
  );
}

/** A real host directory as a commit's target, whose call number `at` fails. Names the calls. */
function failingTarget(target: CommitTarget, at: number, errno: Errno, calls: string[]): CommitTarget {
  const watched = <T extends object>(inner: T, known: WeakMap<object, object>): T => {
    const proxy = new Proxy(inner, {
      get: (node, name) => {
        const value: unknown = Reflect.get(node, name, node);
        if (typeof value !== "function") return value;
        return (...given: unknown[]) => {
          if (WRITING.has(String(name))) {
            calls.push(String(name));
            if (calls.length === at) return errno;
          }
          const result: unknown = Reflect.apply(
            value,
            node,
            given.map((item) => (typeof item === "object" && item !== null ? (known.get(item) ?? item) : item)),
          );
          return typeof result === "object" && result !== null && !Array.isArray(result)
            ? watched(result, known)
            : result;
        };
      },
    });
    known.set(proxy, inner);
    return proxy;
  };
  const known = new WeakMap<object, object>();
  const real = <T extends object>(node: T): T => (known.get(node) as T | undefined) ?? node;
  return {
    ...target,
    root: watched(target.root, known),
    adopt: (temporary, replaced) => target.adopt?.(real(temporary), real(replaced)),
    syncDirectory: (directory) => {
      calls.push("syncDirectory");
      return calls.length === at ? errno : target.syncDirectory?.(real(directory));
    },
  };
}

const WRITING: ReadonlySet<string> = new Set([
  "createFile",
  "createDirectory",
  "write",
  "sync",
  "rename",
  "removeFile",
  "removeDirectory",
]);

/** Commits over a fresh directory; the step with the number `at` fails. */
function commitOnce(at: number, errno: Errno) {
  const base = temporaryDirectory();
  for (const [name, text] of Object.entries(OLD)) {
    mkdirSync(path.dirname(path.join(base, name)), { recursive: true });
    writeFileSync(path.join(base, name), text);
  }
  const calls: string[] = [];
  const broker = DescriptorBroker.open(base) ?? new PathBroker(base);
  const over = hostDirectory({ path: base });
  const overlay = new Overlay({
    over,
    maxBytes: 1e6,
    maxEntries: 100,
    withTarget: (work) => work(failingTarget(commitTarget(broker), at, errno, calls)),
  });
  const view = createFileView({ mounts: new Map([["/d", overlay]]), now: () => 0 });
  view.makeDirectory("/d/made");
  for (const [name, text] of Object.entries(NEW)) expect(writeText(view, `/d/${name}`, text)).toBeUndefined();
  view.removeFile("/d/gone/c");
  view.removeDirectory("/d/gone");
  let failure: unknown;
  try {
    overlay.commit();
  } catch (error) {
    failure = error;
  }
  view.dispose();
  broker.dispose();
  return { base, calls, failure };
}

describe.each<Errno>(["EIO", "ENOSPC"])("a disk that answers %s", (errno) => {
  test("at any step leaves each file old or new, and nothing else", () => {
    const whole = commitOnce(0, errno);
    expect(whole.failure).toBeUndefined();
    expect(filesIn(whole.base)).toEqual(new Map(Object.entries(NEW)));
    const outcomes = new Set<string>();
    for (let at = 1; at <= whole.calls.length; at += 1) {
      const { base, calls, failure } = commitOnce(at, errno);
      const files = filesIn(base);
      const step = `${at} ${calls[at - 1]}`;
      const temporary = [...files.keys()].filter((name) => name.includes(".wardian-commit-"));
      expect([step, temporary]).toEqual([step, []]);
      for (const [name, text] of files) {
        const [old, changed] = [OLD[name as keyof typeof OLD], NEW[name as keyof typeof NEW]];
        expect([step, name, text === old || text === changed]).toEqual([step, name, true]);
      }
      for (const name of ["a", "sub/b"]) expect([step, files.has(name)]).toEqual([step, true]);
      expect([step, failure instanceof FileError || failure instanceof CommitIncompleteError]).toEqual([step, true]);
      // Before anything was put in place, all is old.
      if (failure instanceof FileError) expect([step, files]).toEqual([step, new Map(Object.entries(OLD))]);
      outcomes.add((failure as Error).name);
    }
    expect([...outcomes].sort()).toEqual(["CommitIncompleteError", "FileError"]);
  });
});

test("names are on the disk before what they replace goes, and last of all the removals", () => {
  const { calls } = commitOnce(0, "EIO");
  const firstRename = calls.indexOf("rename");
  expect(calls.lastIndexOf("sync")).toBeLessThan(firstRename);
  const [firstSync, firstRemoval] = [calls.indexOf("syncDirectory"), calls.indexOf("removeFile")];
  expect(calls.lastIndexOf("rename")).toBeLessThan(firstSync);
  expect(firstSync).toBeLessThan(firstRemoval);
  expect(calls.at(-1)).toBe("syncDirectory");
});

test.skipIf(process.platform === "win32")(
  "files longer than the process may write leave all as it was",
  async () => {
    const base = temporaryDirectory();
    const script = path.join(base, "once.mjs");
    await build({
      entryPoints: [path.join(import.meta.dirname, "../../support/commit-once.ts")],
      outfile: script,
      bundle: true,
      platform: "node",
      format: "esm",
      logLevel: "error",
    });
    const directory = path.join(base, "directory");
    mkdirSync(path.join(directory, "sub"), { recursive: true });
    const commit = (generation: number, kibibytes?: number): string => {
      const limit = kibibytes === undefined ? "" : `ulimit -f ${kibibytes}; `;
      const command = `${limit}exec "$0" "$1" "$2" ${generation}`;
      return spawnSync("bash", ["-c", command, process.execPath, script, directory], { encoding: "utf8" }).stdout;
    };
    expect(commit(0)).toBe("written");
    const before = readdirSync(directory, { recursive: true, encoding: "utf8" }).sort();
    // Some of the files are shorter than this, some longer.
    expect(commit(1, 107)).toBe("EFBIG");
    expect(readdirSync(directory, { recursive: true, encoding: "utf8" }).sort()).toEqual(before);
    for (const [index, name] of FILES.entries()) {
      const bytes = readFileSync(path.join(directory, name));
      expect([name, isWhole(bytes), bytes[0]]).toEqual([name, true, contentOf(0, index)[0]]);
    }
  },
  60_000,
);
