import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { BidiConnection } from "./bidi-connection.ts";
import type { BrowserPage } from "./browser.ts";

const START_MS = 60_000;

/** Opens a page in Firefox, with a profile that nobody has used. */
export async function openFirefox(executable: string, url: string): Promise<BrowserPage> {
  const profile = await mkdtemp(path.join(tmpdir(), "wardian-firefox-"));
  const child = spawn(
    executable,
    ["--headless", "--no-remote", "--new-instance", "--profile", profile, "--remote-debugging-port", "0"],
    { stdio: ["ignore", "ignore", "pipe"], env: { ...process.env, HOME: profile, MOZ_CRASHREPORTER_DISABLE: "1" } },
  );
  const gone = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
  });
  const close = async (): Promise<void> => {
    child.kill("SIGKILL");
    await gone;
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const problems: string[] = [];
    const connection = await BidiConnection.open(`${await debuggerUrl(child)}/session`, (_method, params) => {
      if (params["level"] === "error") problems.push(String(params["text"]));
    });
    await connection.send("session.new", { capabilities: {} });
    const { contexts } = await connection.send("browsingContext.getTree", {});
    const context = (contexts as readonly { readonly context: string }[])[0]?.context;
    await connection.send("session.subscribe", { events: ["log.entryAdded"] });
    await connection.send("browsingContext.navigate", { context, url, wait: "complete" });
    return {
      problems,
      evaluate: async (expression) => {
        const { result, exceptionDetails } = await connection.send("script.evaluate", {
          expression: `(async () => JSON.stringify(await (${expression})) ?? "null")()`,
          target: { context },
          awaitPromise: true,
        });
        if (exceptionDetails !== undefined) throw new Error((exceptionDetails as { readonly text: string }).text);
        return JSON.parse((result as { readonly value: string }).value) as unknown;
      },
      close: async () => {
        connection.close();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Firefox writes where it listens. */
async function debuggerUrl(child: ChildProcess): Promise<string> {
  return await new Promise((resolve, reject) => {
    let said = "";
    const late = setTimeout(() => reject(new Error(`Firefox does not listen: ${said}`)), START_MS);
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-10_000);
      const url = /WebDriver BiDi listening on (ws:\/\/\S+)/.exec(said)?.[1];
      if (url === undefined) return;
      clearTimeout(late);
      resolve(url);
    });
    child.once("exit", (code) => {
      clearTimeout(late);
      reject(new Error(`Firefox ended with code ${code}: ${said}`));
    });
    child.once("error", (error) => {
      clearTimeout(late);
      reject(error);
    });
  });
}
