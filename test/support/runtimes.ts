import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Browser } from "./browsers/browser.ts";
import { servePackage } from "./serve-package.ts";

const start = promisify(execFile);

/** Executables of other versions of Node, of Deno and Bun: WARDIAN_RUNTIMES names them, separated by colons. */
export const OTHER_RUNTIMES: readonly string[] = (process.env["WARDIAN_RUNTIMES"] ?? "")
  .split(":")
  .filter((name) => name !== "");

/** The JSON that a script prints in a process of `runtime`. */
export async function runInRuntime(
  runtime: string,
  script: string,
  args: readonly string[] = [],
  flags: readonly string[] = [],
): Promise<unknown> {
  const run = runtime.endsWith("deno") ? ["run", "--allow-all"] : [];
  const { stdout } = await start(runtime, [...run, ...flags, script, ...args], {
    timeout: 290_000,
    maxBuffer: 2 ** 24,
  });
  return JSON.parse(stdout) as unknown;
}

/** What an expression comes to on a page of its own that knows the package. */
export async function runInBrowser(browser: Browser, expression: string): Promise<unknown> {
  const server = await servePackage();
  try {
    const page = await browser.open(server.url);
    try {
      return await page.evaluate(expression);
    } finally {
      await page.close();
    }
  } finally {
    await server.close();
  }
}
