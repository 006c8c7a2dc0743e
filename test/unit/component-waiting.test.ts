// `poll` never holds the thread of a host that has other things to do.
import { beforeAll, describe, expect, test } from "vitest";
import { command, Sandbox } from "../../src/index.ts";
import type { SandboxOptions } from "../../src/index.ts";
import { sleeperComponent } from "../support/components/sleeper.ts";
import { kept } from "../support/kept-sandboxes.ts";

let bytes: Uint8Array<ArrayBuffer>;

beforeAll(async () => {
  bytes = await sleeperComponent();
});

async function sleeper(options: SandboxOptions = {}): Promise<Sandbox> {
  return await kept(Sandbox.create({ guest: command(bytes), ...options }));
}

describe("a component that waits for time to pass", () => {
  test("is stopped where the host's thread would wait with it", async () => {
    for (const clock of ["real", "frozen"] as const) {
      const sandbox = await sleeper({ clock });
      expect(await sandbox.run()).toMatchObject({
        status: "error",
        error: { name: "WouldBlock", message: expect.stringContaining('use execution "worker"') },
        sandbox: "reset",
      });
    }
  });

  test("waits in virtual time, on a thread of its own, and where the caller waits with it", async () => {
    expect(await (await sleeper({ clock: "virtual" })).run()).toMatchObject({ status: "ok" });
    const worker = await (await sleeper({ execution: "worker" })).run();
    expect(worker.status).toBe("ok");
    expect(worker.usage.wallMs).toBeGreaterThanOrEqual(390);
    const inline = await sleeper();
    expect(inline.runSync().status).toBe("ok");
    expect((await inline.run()).status).toBe("error");
    expect(inline.runSync().status).toBe("ok");
  });
});
