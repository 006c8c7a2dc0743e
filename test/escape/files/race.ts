import assert from "node:assert/strict";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { hostDirectory } from "../../../src/hosts/node/host-directory/host-directory.ts";
import type { Attack } from "../harness/attack.ts";
import { outcomeOf } from "../harness/outcomes.ts";
import { LANGUAGES } from "./operations.ts";
import { duringSwaps } from "./swap-rival.ts";

/** What each guest does ten thousand times between them: reads and writes below the directory that is being swapped. */
const SOURCES = {
  javascript: `
const { default: fs } = await import("node:fs");
const seen = {};
for (let i = 0; i < 5000; i++) {
  let said;
  try { said = fs.readFileSync("/data/sub/f", "utf8"); if (i % 10 === 0) fs.writeFileSync("/data/sub/made", "owned"); } catch (e) { said = e.code }
  seen[said] = (seen[said] ?? 0) + 1;
}
seen`,
  python: `
import errno
seen = {}
for i in range(5000):
    try:
        said = open("/data/sub/f").read()
        if i % 10 == 0: open("/data/sub/made", "w").write("owned")
    except OSError as e:
        said = errno.errorcode[e.errno]
    seen[said] = seen.get(said, 0) + 1
seen`,
} as const;

/** A process of the host keeps swapping a directory of the mount for a link to a secret one. */
export const raceAttempt: Attack["attempt"] = async (scene) => {
  // Only Linux can open relative to a descriptor: elsewhere the window is narrowed, and docs/files.md says so.
  if (process.platform !== "linux") return;
  const mount = scene.canaries.mount();
  const outside = path.join(mount, "..", `outside-${path.basename(mount)}`);
  mkdirSync(path.join(mount, "sub"));
  mkdirSync(outside);
  writeFileSync(path.join(mount, "sub/f"), "inside");
  writeFileSync(path.join(outside, "f"), scene.canaries.file);
  symlinkSync(outside, `${outside}-link`);
  const places = { target: path.join(mount, "sub"), directory: `${outside}-waiting`, link: `${outside}-link` };
  const swaps = await duringSwaps(places, async () => {
    for (const language of LANGUAGES) {
      const sandbox = await scene.sandbox({
        language,
        files: { "/data": hostDirectory({ path: mount, mode: "read-write" }) },
        limits: { fuel: 1e12, timeoutMs: 60_000 },
      });
      const result = await scene.run(sandbox, SOURCES[language]);
      assert.equal(result.status, "ok", outcomeOf(result));
      for (const seen of Object.keys(result.value as object))
        assert.match(seen, /^(inside|ENOENT|ENOTDIR|EEXIST)$/u, `${language} saw ${seen}`);
    }
  });
  assert.ok(swaps > 20, "the rival did not do its part");
  assert.equal(readFileSync(path.join(outside, "f"), "utf8"), scene.canaries.file);
  assert.throws(() => readFileSync(path.join(outside, "made")), { code: "ENOENT" });
};
