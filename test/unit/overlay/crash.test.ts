// A process that is killed in the middle of a commit: each file is of one generation, old or new, and whole.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { createFileView } from "../../../src/capabilities/files/view/create-file-view.ts";
import { hostDirectory } from "../../../src/hosts/node/host-directory/host-directory.ts";
import { FILES, isWhole } from "../../support/commit-generations.ts";
import { temporaryDirectory } from "../../support/temporary-directory.ts";

const KILLS = 25;

test("whenever a commit is killed, each file is old or new and no temporary file is seen", async () => {
  const base = temporaryDirectory();
  const script = path.join(base, "victim.mjs");
  await build({
    entryPoints: [path.join(import.meta.dirname, "../../support/commit-victim.ts")],
    outfile: script,
    bundle: true,
    platform: "node",
    format: "esm",
    logLevel: "error",
  });
  const directory = path.join(base, "directory");
  mkdirSync(path.join(directory, "sub"), { recursive: true });
  let whole = 0;
  let killedInside = 0;
  let leftovers = 0;
  for (let kill = 0; kill < KILLS; kill += 1) {
    const victim = spawn(process.execPath, [script, directory, String(kill * 10)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let said = "";
    victim.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
    const closed = once(victim, "close");
    // Some way into one of the first commits.
    while (said.split("c").length < 2 + (kill % 3)) await once(victim.stdout, "data");
    await new Promise((resolve) => setTimeout(resolve, (kill * 7) % 40));
    victim.kill("SIGKILL");
    await closed;
    if (said.endsWith("c")) killedInside += 1;
    leftovers += readdirSync(directory, { recursive: true, encoding: "utf8" }).filter((name) =>
      name.includes(".wardian-"),
    ).length;
    for (const name of [...FILES, "extra"]) {
      const file = path.join(directory, name);
      if (!existsSync(file)) continue;
      expect([name, isWhole(readFileSync(file))]).toEqual([name, true]);
      whole += 1;
    }
    const view = createFileView({ mounts: new Map([["/d", hostDirectory({ path: directory })]]), now: () => 0 });
    const listed = view.list("/d");
    expect(typeof listed === "string" ? listed : listed.filter(({ name }) => name.startsWith("."))).toEqual([]);
    view.dispose();
  }
  // Else the test says nothing: it was hit in the middle, with files there.
  expect(killedInside).toBeGreaterThan(0);
  expect(leftovers).toBeGreaterThan(0);
  expect(whole).toBeGreaterThan(KILLS * 4);
}, 180_000);
