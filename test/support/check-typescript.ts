import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const tsc = path.resolve(import.meta.dirname, "../../node_modules/typescript/bin/tsc");

/** What the TypeScript compiler says of a source, one message a line; empty if nothing. */
export function checkTypeScript(source: string): string {
  const folder = mkdtempSync(path.join(tmpdir(), "wardian-types-"));
  try {
    const file = path.join(folder, "source.ts");
    writeFileSync(file, source);
    const options = [
      "--ignoreConfig",
      "--noEmit",
      "--strict",
      "--target",
      "es2022",
      "--module",
      "esnext",
      "--types",
      "",
      "--pretty",
      "false",
    ];
    const { stdout, status } = spawnSync(process.execPath, [tsc, ...options, file], {
      encoding: "utf8",
      timeout: 60_000,
    });
    return status === 0 ? "" : stdout.replaceAll(`${folder}${path.sep}`, "");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
