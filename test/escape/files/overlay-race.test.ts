// A process of the host keeps swapping a directory for a link to a secret one, while a guest works in an overlay over it
// and while its changes are committed. Nothing of the outside is read, and nothing lands there.
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { createFileView } from "../../../src/capabilities/files/view/create-file-view.ts";
import { WardianError } from "../../../src/errors.ts";
import { hostDirectory } from "../../../src/hosts/node/host-directory/host-directory.ts";
import { readText, writeText } from "../../support/file-text.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";
import { duringSwaps } from "./swap-rival.ts";

const SECRET = "canary-51c0";
let base = "";
let inside = "";
let outside = "";

beforeEach(() => {
  base = temporaryDirectory();
  inside = path.join(base, "inside");
  outside = path.join(base, "outside");
  for (const directory of [inside, outside]) {
    mkdirSync(path.join(directory, "sub/deep"), { recursive: true });
    for (const name of ["sub/f", "sub/deep/g"])
      writeFileSync(path.join(directory, name), directory === inside ? "inside" : SECRET);
  }
});

/** Runs `attack` while a rival swaps `inside/sub` and a symlink to `outside/sub`. */
async function whileSwapped(attack: () => void): Promise<number> {
  const link = path.join(base, "waiting-link");
  symlinkSync(path.join(outside, "sub"), link);
  return await duringSwaps({ target: path.join(inside, "sub"), directory: path.join(base, "waiting"), link }, attack);
}

function pictureOf(directory: string): unknown[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .map((entry) => {
      const file = path.join(entry.parentPath, entry.name);
      return `${path.relative(directory, file)}: ${entry.isFile() ? readFileSync(file, "utf8") : "directory"}`;
    })
    .sort();
}

const UNTOUCHED = ["sub/deep/g: " + SECRET, "sub/deep: directory", "sub/f: " + SECRET, "sub: directory"];

describe.skipIf(process.platform !== "linux")("a rival that swaps a directory for a symlink", () => {
  test("shows a guest of an overlay nothing of the outside in 10,000 operations", async () => {
    const seen = new Map<string, number>();
    const note = (outcome: string | undefined): void =>
      void seen.set(outcome ?? "done", (seen.get(outcome ?? "done") ?? 0) + 1);
    const swaps = await whileSwapped(() => {
      for (let round = 0; round < 500; round += 1) {
        // A new one now and then, else all is soon in memory.
        const overlay = hostDirectory({ path: inside, mode: "overlay" });
        const view = createFileView({ mounts: new Map([["/d", overlay]]), now: () => 0 });
        for (let turn = 0; turn < 2; turn += 1) {
          note(readText(view, "/d/sub/f"));
          note(readText(view, "/d/sub/deep/g"));
          note(writeText(view, "/d/sub/made", "mine"));
          const part = view.open("/d/sub/f", { read: true, write: true });
          if (typeof part === "object" && part.kind === "file") {
            part.handle.write(Uint8Array.of(73), 0);
            const bytes = new Uint8Array(20);
            const count = part.handle.read(bytes, 0);
            note(typeof count === "string" ? count : new TextDecoder().decode(bytes.subarray(0, count)));
          }
          if (typeof part === "object") part.close();
          note(view.rename("/d/sub/deep", "/d/moved") as string | undefined);
          note(readText(view, "/d/moved/g"));
          note(view.rename("/d/moved", "/d/sub/deep") as string | undefined);
          note(view.removeFile("/d/sub/made") as string | undefined);
          note(typeof view.list("/d/sub") === "string" ? "unlisted" : "listed");
          note(typeof view.stat("/d/sub/f", true) === "string" ? "missing" : "there");
        }
        view.dispose();
      }
    });
    expect(swaps).toBeGreaterThan(50);
    expect(seen.get("inside")).toBeGreaterThan(0);
    expect([...seen.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(9_000);
    for (const outcome of seen.keys()) expect(outcome).not.toContain("canary");
    expect(pictureOf(outside)).toEqual(UNTOUCHED);
  }, 180_000);

  test("makes no commit land outside", async () => {
    const codes = new Map<string, number>();
    const swaps = await whileSwapped(() => {
      for (let round = 0; round < 300; round += 1) {
        const overlay = hostDirectory({ path: inside, mode: "overlay" });
        const view = createFileView({ mounts: new Map([["/d", overlay]]), now: () => 0 });
        writeText(view, "/d/sub/f", `mine ${round}`);
        writeText(view, "/d/sub/deep/g", `mine ${round}`);
        writeText(view, `/d/sub/new-${round % 7}`, "mine");
        let code = "written";
        try {
          overlay.commit();
        } catch (error) {
          if (!(error instanceof WardianError)) throw error;
          ({ code } = error);
        }
        codes.set(code, (codes.get(code) ?? 0) + 1);
        view.dispose();
      }
    });
    expect(swaps).toBeGreaterThan(20);
    expect(codes.get("written")).toBeGreaterThan(0);
    for (const code of codes.keys()) expect(["written", "conflict", "file"]).toContain(code);
    expect(pictureOf(outside)).toEqual(UNTOUCHED);
  }, 180_000);
});
