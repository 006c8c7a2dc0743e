// A guest can recurse until the engine's stack is almost used up and only then call the host. A stack overflow in the
// middle of a file operation must not leave a descriptor open or a quota wrong.
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { memoryDirectory } from "../../../src/capabilities/files/memory/memory-directory.ts";
import { createFileView } from "../../../src/capabilities/files/view/create-file-view.ts";
import { hostDirectory } from "../../../src/hosts/node/host-directory/host-directory.ts";
import { ok, openedFile, readText, writeText } from "../../support/file-text.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";

/** Runs `work` at each of the last `levels` depths before the stack is full, the fullest first. */
function nearTheEndOfTheStack(levels: number, work: () => void): void {
  let left = levels;
  const dive = (): void => {
    try {
      dive();
    } catch {
      // The end of the stack.
    }
    if (left <= 0) return;
    left -= 1;
    try {
      work();
    } catch {
      // The overflow of the caller itself.
    }
  };
  dive();
}

test.skipIf(process.platform !== "linux")("leaves no host descriptor open", () => {
  const base = temporaryDirectory();
  mkdirSync(path.join(base, "a/b"), { recursive: true });
  writeFileSync(path.join(base, "a/b/f"), "x");
  const open = (): number => readdirSync("/proc/self/fd").length;
  const before = open();
  const view = createFileView({
    mounts: new Map([["/d", hostDirectory({ path: base, mode: "read-write" })]]),
    now: () => 0,
  });
  const operations: readonly (() => unknown)[] = [
    () => view.stat("/d/a/b/f", true),
    () => view.list("/d/a/b"),
    () => readText(view, "/d/a/b/f"),
    () => writeText(view, "/d/a/b/g", "y"),
    () => view.rename("/d/a/b/g", "/d/a/h"),
    () => view.makeDirectory("/d/a/n"),
  ];
  for (const operation of operations) nearTheEndOfTheStack(300, operation);
  view.closeAll();
  const files = Array.from({ length: 200 }, () => openedFile(view.open("/d/a/b/f", { read: true, write: false })));
  nearTheEndOfTheStack(200, () => files.pop()?.close());
  view.closeAll();
  // What an overflow kept from being closed at once may wait for the end of the next operation.
  view.stat("/d", true);
  expect(open()).toBe(before + 1);
  expect(readText(view, "/d/a/b/f")).toBe("x");
  view.dispose();
  expect(open()).toBe(before);
});

test("makes no quota of a memory directory out of nothing", () => {
  const directory = memoryDirectory({ maxBytes: 1_000, maxEntries: 20 });
  const view = createFileView({ mounts: new Map([["/d", directory]]), now: () => 0 });
  writeText(view, "/d/f", "x".repeat(500));
  const { handle } = openedFile(view.open("/d/f", { read: true, write: true }));
  let step = 0;
  const churn = (): void => {
    step += 1;
    handle.truncate(step % 2 === 0 ? 500 : 10);
    writeText(view, `/d/n${step % 5}`, "12345");
    view.rename(`/d/n${step % 5}`, `/d/m${step % 3}`);
    view.removeFile(`/d/m${step % 3}`);
    view.symlink("target", "/d/s");
    view.removeFile("/d/s");
    view.makeDirectory(`/d/d${step % 2}`);
    view.rename(`/d/d${step % 2}`, `/d/d${(step + 1) % 2}`);
  };
  // Compiled before: compiling takes more stack than running, once.
  for (let round = 0; round < 20; round += 1) churn();
  nearTheEndOfTheStack(600, churn);
  view.closeAll();
  let bytes = 0;
  for (const name of directory.paths()) bytes += directory.readFile(name)?.length ?? 0;
  // A write that broke off may be counted and not there, never the other way round.
  expect(directory.usedBytes).toBeGreaterThanOrEqual(bytes);
  expect(directory.usedBytes).toBeLessThanOrEqual(1_000);
  const used = ok(view.list("/d")).length;
  let made = 0;
  while (view.makeDirectory(`/d/fresh${made}`) === undefined) made += 1;
  expect(made + used).toBe(20);
});
