import { pythonComponentGuest } from "../../runtimes/python/component/python-component-guest.ts";
import type { Guest } from "../../src/guests/guest.ts";
import { pythonGuest } from "../../src/guests/python/python-guest.ts";
import { platform } from "../../src/hosts/node/platform.ts";
import type { SandboxOptions } from "../../src/sandbox/options.ts";
import type { RunResult } from "../../src/sandbox/result.ts";
import { Sandbox } from "../../src/sandbox/sandbox.ts";
import { pythonComponentBytes } from "./python-component.ts";

/** Whether the tests of the Python guest are run on the component in its place: `WARDIAN_PYTHON=component`. */
export const ON_COMPONENT: boolean = process.env["WARDIAN_PYTHON"] === "component";

const guest = ON_COMPONENT ? pythonComponentGuest(pythonComponentBytes) : pythonGuest;

/** A sandbox that knows Python only: tests of the Python guest then need no other guest to be built. */
export class PythonSandbox extends Sandbox {
  static async create(options: Omit<SandboxOptions, "language"> = {}, on: Guest = guest): Promise<PythonSandbox> {
    return new PythonSandbox(
      await Sandbox.createOn(
        { platform, guests: [on] },
        {
          language: "python",
          ...options,
          // A busy machine must not end a run that is not about time.
          limits: { timeoutMs: 60_000, ...options.limits },
        },
      ),
    );
  }

  /** Runs a source that must end well and returns its value. */
  async value(source: string): Promise<unknown> {
    const result = await this.run(source);
    if (result.status !== "ok") throw new Error(`Ended with ${JSON.stringify(summary(result))}`);
    return result.value;
  }

  /** Runs a source that must raise and returns its error as "Name: message". */
  async failure(source: string): Promise<string> {
    const result = await this.run(source);
    if (result.status !== "error") throw new Error(`Ended with ${JSON.stringify(summary(result))}`);
    return `${result.error.name}: ${result.error.message}`;
  }
}

/** What a run came to, without figures that differ from run to run. */
export function summary(result: RunResult): unknown {
  const { stdout, stderr } = result;
  switch (result.status) {
    case "ok":
      return {
        status: "ok",
        value: typeof result.value === "bigint" ? String(result.value) : result.value,
        stdout,
        stderr,
      };
    case "error":
      return { status: "error", error: result.error, stdout, stderr };
    case "limit":
      return { status: "limit", limit: result.limit, stdout, stderr };
    default:
      return { status: result.status, stdout, stderr };
  }
}
