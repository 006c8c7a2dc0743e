// Builds the package: library (tsc → dist), then the runtimes (QuickJS component, CPython image → dist/runtimes).
// A runtime is built again only when its inputs changed: its build script compares digests.
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import path from "node:path";

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

function step(name, command, args) {
  const started = performance.now();
  const result = spawnSync(command, args, { cwd: root, stdio: "inherit" });
  if (result.status !== 0) {
    process.stderr.write(`build: ${name} failed\n`);
    process.exit(result.status ?? 1);
  }
  process.stderr.write(`build: ${name} ${Math.round(performance.now() - started)} ms\n`);
}

const tsc = path.join(root, "node_modules", "typescript", "bin", "tsc");
step("library", process.execPath, [tsc, "-p", "tsconfig.json"]);
// What package.json names as a command must be one, also in a checkout that npm has not linked.
chmodSync(path.join(root, "dist", "cli", "main.js"), 0o755);
step("tools", process.execPath, [tsc, "-p", "tsconfig.runtimes.json"]);
for (const runtime of ["javascript", "python", "languages"]) {
  const script = path.join(root, ".build", "runtimes", runtime, "build.js");
  if (existsSync(script)) step(`runtime ${runtime}`, process.execPath, [script]);
}
