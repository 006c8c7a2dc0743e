import { existsSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { Sandbox } from "wardian";
import type { Language } from "wardian";
import { peerOf } from "../../src/guests/languages/peers.ts";

/** What would reach the host if anything did, and what stands for its refusal in the output. */
const ATTEMPTS: readonly (readonly [language: Language, source: string, expected: object])[] = [
  ["lua", 'print(os.execute("id"), io.popen and pcall(io.popen, "id"))', { status: "ok", stdout: "nil\tfalse\n" }],
  ["lua", 'print(io.open("/etc/passwd"), io.open("/../../etc/passwd"))', { status: "ok", stdout: /^nil\t/ }],
  [
    "lua",
    'print(pcall(require, "ffi"), package.loadlib and package.loadlib("/lib/x.so", "*"))',
    { status: "ok", stdout: /^false/ },
  ],
  [
    "php",
    '<?php var_dump(shell_exec("id"), @file_get_contents("/etc/passwd"), @fsockopen("127.0.0.1", 80));',
    { status: "ok", stdout: /^(NULL|bool\(false\))\s+bool\(false\)\s+bool\(false\)\s+$/ },
  ],
  [
    "perl",
    'print defined(`id`) ? "out" : "none", system("id"), -e "/etc/passwd" ? "there" : "not"',
    { status: "ok", stdout: /^none-?\d+not$/ },
  ],
  ["sql", "select readfile('/etc/passwd')", { status: "error" }],
  ["sql", "attach '/etc/passwd' as p; select * from p.sqlite_schema", { status: "error" }],
  ["sql", "select load_extension('/lib/x.so')", { status: "error" }],
];

function isInstalled(language: Language): boolean {
  const peer = peerOf(language);
  const modules = path.resolve(import.meta.dirname, "../../node_modules");
  return peer !== undefined && existsSync(path.join(modules, peer.packageName, peer.file));
}

describe("a language of a package", () => {
  test.each(ATTEMPTS)("%s finds nothing of the host by %s", async (language, source, expected) => {
    if (!isInstalled(language))
      return console.warn(`test/escape/languages: the package of ${language} is not installed`);
    await using sandbox = await Sandbox.create({ language, limits: { timeoutMs: 30_000 } });
    const { stdout, ...rest } = expected as { stdout?: string | RegExp };
    const result = await sandbox.run(source);
    expect(result).toMatchObject(rest);
    if (stdout !== undefined)
      expect(result.stdout).toEqual(stdout instanceof RegExp ? expect.stringMatching(stdout) : stdout);
  });

  test("has no way to JavaScript: the bridge of Ruby's build is sealed", async () => {
    if (!isInstalled("ruby")) return console.warn("test/escape/languages: the package of ruby is not installed");
    await using sandbox = await Sandbox.create({ language: "ruby", limits: { timeoutMs: 30_000 } });
    const result = await sandbox.run('require "js"; JS.eval("globalThis.escaped = 1")');
    expect(result).toMatchObject({ status: "error", error: { name: "Denied" }, sandbox: "reset" });
    expect(result.denials).toContainEqual(expect.objectContaining({ rule: "sealed" }));
    expect(globalThis).not.toHaveProperty("escaped");
    expect(await sandbox.run("puts Dir.exist?('/etc')")).toMatchObject({ status: "ok", stdout: "false\n" });
  });

  test("whose package is not there says which to install", async () => {
    const { loadPeer } = await import("../../src/guests/languages/peers.ts");
    const nowhere = {
      bytes: () => Promise.reject(new Error("none")),
      module: () => Promise.reject(new Error("none")),
      peerFile: () => Promise.reject(new Error("the package is not installed")),
    };
    await expect(loadPeer(nowhere, "ruby")).rejects.toMatchObject({
      code: "unsupported",
      message:
        'Cannot run Ruby: it needs "dist/ruby+stdlib.wasm" of the package "@ruby/3.4-wasm-wasi", and the package is not installed; run "npm install @ruby/3.4-wasm-wasi"',
    });
  });
});
