import { existsSync } from "node:fs";
import { openChromium } from "./chromium.ts";
import { openFirefox } from "./firefox.ts";

/** A page of a real browser that runs without a window. */
export interface BrowserPage {
  /** What an expression comes to in the page, as JSON. A promise is awaited. */
  evaluate(expression: string): Promise<unknown>;
  /** What the page reported as an error so far. */
  readonly problems: readonly string[];
  close(): Promise<void>;
}

export interface Browser {
  readonly name: string;
  readonly executable: string;
  readonly installed: boolean;
  open(url: string): Promise<BrowserPage>;
}

function browser(
  name: string,
  executable: string,
  open: (executable: string, url: string) => Promise<BrowserPage>,
): Browser {
  return { name, executable, installed: existsSync(executable), open: async (url) => await open(executable, url) };
}

/** The browsers that a machine may have. CHROMIUM and FIREFOX name other executables than Debian's. */
export const BROWSERS: readonly Browser[] = [
  browser("Chromium", process.env["CHROMIUM"] ?? "/usr/bin/chromium", openChromium),
  browser("Firefox", process.env["FIREFOX"] ?? "/usr/bin/firefox-esr", openFirefox),
];
