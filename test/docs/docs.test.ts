// Every fenced block of README.md and docs/ is run, and what the page says it prints is what it prints:
//   js, ts         a host program, run by Node against the built package (types are stripped)
//   js guest       a source run in a JavaScript sandbox; ts guest and python likewise ("error": it must fail)
//   sh             command lines; those that start with "npm" are run by .ci/run
//   json, text     data and output: compared where they follow a block that prints
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { transform } from "esbuild";
import { memoryDirectory, Sandbox, tool } from "../../src/index.ts";
import type { Language } from "../../src/index.ts";
import { fencedBlocks } from "./fenced-blocks.ts";
import type { FencedBlock } from "./fenced-blocks.ts";

const root = path.resolve(import.meta.dirname, "../..");
// Inside the package, so that `import "wardian"` finds it by its own name.
const scratch = path.join(root, ".build", "docs");

beforeAll(() => {
  rmSync(scratch, { recursive: true, force: true });
  mkdirSync(path.join(scratch, "bin"), { recursive: true });
  writeFileSync(
    path.join(scratch, "bin", "wardian"),
    `#!/bin/sh\nexec "${process.execPath}" "${path.join(root, "dist/cli/main.js")}" "$@"\n`,
    { mode: 0o755 },
  );
});

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const pages = [
  "README.md",
  "SECURITY.md",
  ...readdirSync(path.join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name.replaceAll("\\", "/")}`),
];

describe.each(pages)("%s", (page) => {
  const markdown = readFileSync(path.join(root, page), "utf8");
  for (const [index, block] of fencedBlocks(markdown).entries()) {
    test(`line ${block.line}: ${block.language} ${block.words.join(" ")}`, async () => {
      const printed = await runBlock(block, `${page.replaceAll(/[/.]/g, "-")}-${index}`);
      if (block.output !== undefined) expect(printed.trimEnd()).toBe(block.output.trimEnd());
    });
  }

  test("links lead somewhere", () => {
    for (const [, target = ""] of markdown.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)) {
      if (/^https?:/.test(target)) continue;
      expect(existsSync(path.join(root, path.dirname(page), target)), `${page} links to ${target}`).toBe(true);
    }
  });
});

async function runBlock(block: FencedBlock, name: string): Promise<string> {
  const guest = block.words.includes("guest") || block.language === "python";
  switch (block.language) {
    case "js":
    case "ts":
    case "python":
      return guest ? await runInSandbox(block) : await runOnHost(block, name);
    case "sh":
      return await runCommands(block);
    case "json":
      JSON.parse(block.code);
      return "";
    default:
      throw new Error(
        `no way to run a "${block.language}" block; name its language, or make it the "text" behind a block that prints it`,
      );
  }
}

const LANGUAGES: Record<string, Language> = { js: "javascript", ts: "typescript", python: "python" };

async function runInSandbox(block: FencedBlock): Promise<string> {
  const sandbox = await Sandbox.create({
    language: LANGUAGES[block.language] ?? "javascript",
    files: { "/data": memoryDirectory({ files: { "a.txt": "alpha\n", "numbers.json": "[1, 2, 3]" } }) },
    tools: {
      search: tool({ run: ({ query }) => [`result for ${String(query)}`] }),
      later: tool({ run: async () => await Promise.resolve("done") }),
    },
    clock: "virtual",
  });
  const result = await sandbox.run(
    block.code,
    block.words.includes("module") ? { filename: block.language === "ts" ? "main.mts" : "main.mjs" } : {},
  );
  sandbox.close();
  expect(result.status, JSON.stringify(result)).toBe(block.words.includes("error") ? "error" : "ok");
  if (result.status === "error") return result.stdout + result.error.traceback;
  return (
    result.stdout +
    (result.status === "ok" && result.value !== undefined && result.value !== null
      ? `${inspectValue(result.value)}\n`
      : "")
  );
}

function inspectValue(value: unknown): string {
  return typeof value === "string" ? value : inspect(value);
}

async function runOnHost(block: FencedBlock, name: string): Promise<string> {
  const file = path.join(scratch, `${name}.mjs`);
  const { code } = await transform(block.code, {
    loader: block.language === "ts" ? "ts" : "js",
    target: "es2022",
    format: "esm",
  });
  writeFileSync(file, code);
  return await execute(process.execPath, [file], 0);
}

async function runCommands(block: FencedBlock): Promise<string> {
  const lines = block.code
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("npm ") && !line.startsWith("#"));
  if (lines.length === 0) return "";
  const exit = block.words.find((word) => word.startsWith("exit="))?.slice(5) ?? "0";
  return await execute("bash", ["-ec", lines.join("\n").replaceAll("npx wardian", "wardian")], Number(exit));
}

function execute(command: string, args: readonly string[], expected: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...args], {
      cwd: root,
      timeout: 60_000,
      env: { ...process.env, PATH: `${path.join(scratch, "bin")}:${process.env["PATH"] ?? ""}` },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.on("error", reject);
    child.on("close", (code) =>
      code === expected ? resolve(output) : reject(new Error(`exit code ${String(code)}, not ${expected}:\n${output}`)),
    );
  });
}
