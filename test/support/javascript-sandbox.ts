import { afterEach } from "vitest";
import { Sandbox } from "../../src/index.ts";
import type { RunOptions, RunResult, SandboxOptions } from "../../src/index.ts";

const open: Sandbox[] = [];

afterEach(() => {
  for (const sandbox of open.splice(0)) sandbox.close();
});

/** A sandbox with a virtual clock, a seed and a deadline for slow machines, closed after the test. */
export async function javascript(options: Partial<SandboxOptions> = {}): Promise<Sandbox> {
  const sandbox = await Sandbox.create({
    language: "javascript",
    clock: "virtual",
    random: { seed: 1 },
    ...options,
    limits: { timeoutMs: 60_000, ...options.limits },
  });
  open.push(sandbox);
  return sandbox;
}

/** One run in a sandbox of its own. */
export async function runOnce(
  source: string,
  options: Partial<SandboxOptions> = {},
  run: RunOptions = {},
): Promise<RunResult> {
  return await (await javascript(options)).run(source, run);
}

/** The value of a run that must end well. */
export async function valueOf(
  source: string,
  options: Partial<SandboxOptions> = {},
  run: RunOptions = {},
): Promise<unknown> {
  return okValue(await runOnce(source, options, run));
}

export function okValue(result: RunResult): unknown {
  if (result.status !== "ok")
    throw new Error(
      `The run ended with ${JSON.stringify(result, (_key, value: unknown) => (typeof value === "bigint" ? String(value) : value))}`,
    );
  return result.value;
}

/** The error of a run that must end with one. */
export function errorOf(result: RunResult): {
  readonly name: string;
  readonly message: string;
  readonly traceback: string;
  readonly line?: number;
} {
  if (result.status !== "error") throw new Error(`The run ended with ${result.status}`);
  return result.error;
}
