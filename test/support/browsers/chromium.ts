import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { chromium } from "playwright-core";
import type { BrowserPage } from "./browser.ts";

/** Opens a page in Chromium, with a profile that nobody has used. */
export async function openChromium(executable: string, url: string): Promise<BrowserPage> {
  const profile = await mkdtemp(path.join(tmpdir(), "wardian-chromium-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: executable,
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  const problems: string[] = [];
  const page = await context.newPage();
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  await page.goto(url);
  return {
    problems,
    evaluate: async (expression) => {
      const json = await page.evaluate<string>(`(async () => JSON.stringify(await (${expression})) ?? "null")()`);
      return JSON.parse(json) as unknown;
    },
    close: async () => {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}
