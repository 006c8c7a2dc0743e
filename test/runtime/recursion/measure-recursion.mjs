// Runs programs in sandboxes of the built package and tells how each one ended. Without imports of any platform, so that
// every runtime and browser can run it.
import { LONG_NATIVE, LONG_OTHER, NATIVE, OTHER } from "./programs.mjs";

const programs = { NATIVE, LONG_NATIVE, OTHER, LONG_OTHER };

const { Sandbox } = await import(new URL("../../../dist/index.js", import.meta.url).href);

export async function measureRecursion(execution, lists) {
  const sandboxes = new Map();
  const outcomes = {};
  for (const list of lists) {
    outcomes[list] = [];
    for (const [language, source] of programs[list]) outcomes[list].push(await measure(language, source));
  }
  for (const sandbox of sandboxes.values()) sandbox.close();
  return JSON.parse(JSON.stringify(outcomes));

  async function measure(language, source) {
    let sandbox = sandboxes.get(language);
    if (sandbox === undefined) {
      sandbox = await Sandbox.create({
        language,
        execution,
        limits: { timeoutMs: 60_000, fuel: 1e12 },
        clock: "fixed",
        random: { seed: 1 },
      });
      sandboxes.set(language, sandbox);
    }
    const { status, limit, allowed, error, usage, sandbox: left } = await sandbox.run(source);
    const again = await sandbox.run("1");
    await sandbox.reset();
    const start = source.slice(0, 80);
    return { start, status, limit, allowed, error: error?.name, fuel: usage.fuel, left, again: again.status };
  }
}
