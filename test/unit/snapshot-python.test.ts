import { describe, expect, test } from "vitest";
import { memoryDirectory, Sandbox, virtualClock, WardianError } from "../../src/index.ts";
import type { SandboxOptions } from "../../src/index.ts";
import { kept, valueOf as value } from "../support/kept-sandboxes.ts";

const python = (more: Partial<SandboxOptions> = {}): SandboxOptions => ({
  language: "python",
  files: { "/work": memoryDirectory() },
  ...more,
});

const HANDLES = `
import os
os.chdir("/work")
log = open("log.txt", "w+")
log.write("one\\n"); log.flush()
moved = open("old.txt", "w"); os.rename("old.txt", "new.txt")
gone = open("gone.txt", "w+"); os.unlink("gone.txt"); gone.write("still here"); gone.flush()
twin = os.dup(gone.fileno())
reader, writer = os.pipe(); os.write(writer, b"in the pipe")
folder = os.open("/work", os.O_RDONLY)
random_device = open("/dev/urandom", "rb", buffering=0)
`;

const USE_HANDLES = `
log.write("two\\n"); log.seek(0)
moved.write("after"); moved.flush()
gone.seek(0)
[log.read(), open("new.txt").read(), gone.read(), os.lseek(twin, 0, 1), os.read(reader, 100).decode(),
 sorted(os.listdir(folder)), len(random_device.read(4)), os.getcwd()]
`;

describe("what Python has open", () => {
  test.each(["fork", "snapshot"])("is open in a %s, where it was", async (way) => {
    const sandbox = await kept(Sandbox.create(python()));
    await value(sandbox, HANDLES);
    const copy = await kept(way === "fork" ? sandbox.fork() : Sandbox.restore(await sandbox.snapshot(), python()));
    const expected = ["one\ntwo\n", "after", "still here", 10, "in the pipe", ["log.txt", "new.txt"], 4, "/work"];
    expect(await value(copy, USE_HANDLES)).toStrictEqual(expected);
    expect(await value(sandbox, "[log.tell(), os.read(reader, 100).decode()]")).toStrictEqual([4, "in the pipe"]);
    // The bytes of a file without a name are still counted, and given back.
    await value(copy, "gone.close(); os.close(twin)");
  });

  test("is lost where the new policy does not grant it", async () => {
    const files = { "/work": memoryDirectory() };
    const sandbox = await kept(Sandbox.create({ language: "python", files }));
    await value(sandbox, 'f = open("/work/a.txt", "w")');
    const bytes = await sandbox.snapshot();
    const readOnly = { "/work": memoryDirectory({ mode: "read-only" }) };
    const copy = await kept(Sandbox.restore(bytes, { language: "python", files: readOnly, acceptPolicyChange: true }));
    const result = await copy.run("f.write('x'); f.flush()");
    expect(result.status === "error" && result.error.message).toContain("I/O error");
  });
});

describe("the clock of a copy", () => {
  test("a virtual one goes on where it stood, in forks one by one", async () => {
    const clock = virtualClock(0);
    const sandbox = await kept(Sandbox.create(python({ clock })));
    await value(sandbox, "import time; time.sleep(100)");
    const fork = await kept(sandbox.fork());
    const restored = await kept(Sandbox.restore(await sandbox.snapshot(), python({ clock: virtualClock(0) })));
    await value(fork, "time.sleep(11)");
    expect([
      await value(sandbox, "round(time.time())"),
      await value(fork, "round(time.time())"),
      await value(restored, "round(time.time())"),
    ]).toStrictEqual([100, 111, 100]);
  });

  test("a fixed one shows the time of the original", async () => {
    const sandbox = await kept(Sandbox.create(python({ clock: "fixed" })));
    const at = await value(sandbox, "import time; time.time()");
    const bytes = await sandbox.snapshot();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await value(await kept(Sandbox.restore(bytes, python({ clock: "fixed" }))), "time.time()")).toBe(at);
    expect(await value(await kept(sandbox.fork()), "time.time()")).toBe(at);
  });

  test("a real one does not count what has passed meanwhile", async () => {
    const sandbox = await kept(Sandbox.create(python()));
    const before = Number(await value(sandbox, "import time; time.monotonic()"));
    const bytes = await sandbox.snapshot();
    await new Promise((resolve) => setTimeout(resolve, 300));
    const restored = await kept(Sandbox.restore(bytes, python()));
    const started = performance.now();
    const after = Number(await value(restored, "time.monotonic()"));
    expect(after - before).toBeGreaterThanOrEqual(0);
    expect(after - before).toBeLessThan(0.3 + (performance.now() - started) / 1_000);
  });
});

describe("a copy of a large guest", () => {
  test("keeps memory that has grown, and its limit", async () => {
    const sandbox = await kept(Sandbox.create(python()));
    await value(sandbox, "data = [bytes([i % 256]) * 1000 for i in range(40_000)]");
    const fork = await kept(sandbox.fork());
    expect(await value(fork, "sum(len(b) for b in data), data[300][0]")).toStrictEqual([40_000_000, 44]);
    const bytes = await sandbox.snapshot();
    const small = python({ limits: { memoryBytes: 41 * 2 ** 20 }, acceptPolicyChange: true } as object);
    await expect(Sandbox.restore(bytes, small)).rejects.toThrow(WardianError);
  });

  test("waits for nothing of the original: closing it changes nothing", async () => {
    const sandbox = await kept(Sandbox.create(python()));
    await value(sandbox, "x = 1");
    const copying = sandbox.fork();
    await expect(sandbox.run("x")).rejects.toMatchObject({ code: "busy" });
    sandbox.close();
    expect(await value(await kept(copying), "x")).toBe(1);
    expect(sandbox.closed).toBe(true);
  });
});
