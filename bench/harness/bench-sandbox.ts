import type { Guest, RuntimeAssets } from "../../src/guests/guest.ts";
import { platform } from "../../src/hosts/node/platform.ts";
import { Sandbox } from "../../src/sandbox/sandbox.ts";
import type { SandboxOptions } from "../../src/sandbox/options.ts";

/** A sandbox as the package makes it, on artefacts of the bench's choice. */
export class BenchSandbox extends Sandbox {
  static async on(assets: RuntimeAssets, guest: Guest, options: SandboxOptions): Promise<BenchSandbox> {
    return new BenchSandbox(await Sandbox.createOn({ platform: { ...platform, assets }, guests: [guest] }, options));
  }

  /** Runs `source` and returns its value; throws unless it ended well. */
  evaluate(source: string): unknown {
    const result = this.runSync(source);
    if (result.status !== "ok") throw new Error(`The bench's program failed: ${JSON.stringify(result)}`);
    return result.value;
  }
}
