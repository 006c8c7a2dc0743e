import { afterEach } from "vitest";
import type { Sandbox } from "../../src/index.ts";

const open: Pick<Sandbox, "close">[] = [];

/** A sandbox that is closed after the test. */
export async function kept<S extends Pick<Sandbox, "close">>(sandbox: Promise<S>): Promise<S> {
  const made = await sandbox;
  open.push(made);
  return made;
}

/** What a run that must end well gives. */
export async function valueOf(sandbox: Sandbox, source: string): Promise<unknown> {
  const result = await sandbox.run(source);
  if (result.status !== "ok") throw new Error(JSON.stringify(result));
  return result.value;
}

afterEach(() => {
  for (const sandbox of open.splice(0)) sandbox.close();
});
