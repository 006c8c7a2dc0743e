// The linter keeps the rooms of src/ apart. This test breaks each rule once, in a copy, and wants to hear about it.
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");
let copy = "";

beforeAll(() => {
  copy = mkdtempSync(path.join(tmpdir(), "wardian-boundaries-"));
  copyFileSync(path.join(root, ".oxlintrc.json"), path.join(copy, ".oxlintrc.json"));
});

afterAll(() => rmSync(copy, { recursive: true, force: true }));

interface Finding {
  readonly code: string;
  readonly filename: string;
  readonly message: string;
}

/** Lints one file, named by its place in the tree, and returns the rules that it broke. */
function lint(file: string, source: string): string[] {
  const target = path.join(copy, file);
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, source);
  const oxlint = path.join(root, "node_modules", ".bin", "oxlint");
  const { stdout } = spawnSync(oxlint, ["--format=json", file], { cwd: copy, encoding: "utf8", timeout: 60_000 });
  rmSync(target);
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: Finding[] };
  return diagnostics.map(({ code }) => code).filter((code) => code.includes("no-restricted"));
}

const importOf = (from: string): string => `import { thing } from "${from}";\nexport const used = thing;\n`;

const FORBIDDEN: readonly [file: string, from: string][] = [
  ["src/engine/probe.ts", "../capabilities/clock.ts"],
  ["src/engine/meter/probe.ts", "../../guests/guest.ts"],
  ["src/engine/probe.ts", "node:fs"],
  ["src/engine/probe.ts", "node:fs/promises"],
  ["src/capabilities/probe.ts", "../engine/index.ts"],
  ["src/capabilities/files/probe.ts", "../../sandbox/sandbox.ts"],
  ["src/testing/probe.ts", "../sandbox/sandbox.ts"],
  ["src/testing/file-system/probe.ts", "node:assert"],
  ["src/wasi/probe.ts", "../guests/guest.ts"],
  ["src/guests/probe.ts", "../sandbox/sandbox.ts"],
  ["src/guests/python/probe.ts", "../../hosts/node/platform.ts"],
  ["src/guests/probe.ts", "node:path"],
  ["src/execution/probe.ts", "../sandbox/sandbox.ts"],
  ["src/sandbox/probe.ts", "../cli/main.ts"],
  ["src/sandbox/probe.ts", "#platform"],
  ["src/sandbox/probe.ts", "../hosts/node/platform.ts"],
  ["src/sandbox/probe.ts", "../remote/remote-sandbox.ts"],
  ["src/remote/probe.ts", "../pool/pool.ts"],
  ["src/remote/probe.ts", "node:worker_threads"],
  ["src/pool/probe.ts", "../guests/guest.ts"],
  ["src/hosts/node/probe.ts", "../../sandbox/sandbox.ts"],
  ["src/hosts/node/probe.ts", "../../remote/protocol.ts"],
  ["src/internal/probe.ts", "../engine/index.ts"],
  ["src/errors.ts", "./sandbox/sandbox.ts"],
  ["src/index.ts", "node:fs"],
  ["src/index.ts", "./hosts/node/platform.ts"],
];

test.each(FORBIDDEN)("%s may not import %s", (file, from) => {
  expect(lint(file, importOf(from))).toEqual(["eslint(no-restricted-imports)"]);
});

const ALLOWED: readonly [file: string, from: string][] = [
  ["src/guests/python/probe.ts", "../../engine/index.ts"],
  ["src/guests/probe.ts", "../capabilities/clock.ts"],
  ["src/testing/file-system/probe.ts", "../../capabilities/files/file-system.ts"],
  ["src/sandbox/probe.ts", "../execution/inline.ts"],
  ["src/sandbox/probe.ts", "../hosts/platform.ts"],
  ["src/remote/probe.ts", "../sandbox/sandbox.ts"],
  ["src/remote/probe.ts", "../hosts/worker-link.ts"],
  ["src/pool/probe.ts", "../sandbox/sandbox.ts"],
  ["src/hosts/node/probe.ts", "node:fs"],
  ["src/cli/probe.ts", "../sandbox/sandbox.ts"],
  ["src/engine/meter/probe.ts", "../../internal/leb128.ts"],
];

test.each(ALLOWED)("%s may import %s", (file, from) => {
  expect(lint(file, importOf(from))).toEqual([]);
});

const AMBIENT: readonly [source: string, rule: string][] = [
  ["export const now = Date.now();\n", "eslint(no-restricted-properties)"],
  ["export const chance = Math.random();\n", "eslint(no-restricted-properties)"],
  ['export const page = fetch("http://127.0.0.1/");\n', "eslint(no-restricted-globals)"],
  ["export const id = setTimeout(() => undefined, 1);\n", "eslint(no-restricted-globals)"],
  ["export const start = performance.now();\n", "eslint(no-restricted-globals)"],
  ["export const cwd = process.cwd();\n", "eslint(no-restricted-globals)"],
];

test.each(AMBIENT)("outside hosts and cli nothing uses an ambient power: %s", (source, rule) => {
  for (const room of ["engine", "capabilities", "wasi", "guests", "execution", "sandbox", "remote", "pool"]) {
    expect(lint(`src/${room}/probe.ts`, source)).toEqual([rule]);
  }
  expect(lint("src/hosts/node/probe.ts", source)).toEqual([]);
});
