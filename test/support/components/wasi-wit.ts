import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

/** The version of WASI whose WIT jco ships. */
export const VERSION = "0.2.12";
const PACKAGES = ["io", "clocks", "random", "filesystem", "sockets", "cli", "http"];

/** The interfaces of WASI as jco ships them, as one source: each package in braces. */
export function wasiSource(): string {
  const jco = path.dirname(createRequire(import.meta.url).resolve("@bytecodealliance/jco"));
  return PACKAGES.map((name) => {
    const file = path.resolve(jco, `../lib/wit/builtin/${VERSION}/wasi-${name}/package.wit`);
    return `${readFileSync(file, "utf8").replace(/^package (wasi:[a-z]+@[0-9.]+);/mu, "package $1 {")}\n}`;
  }).join("\n");
}
