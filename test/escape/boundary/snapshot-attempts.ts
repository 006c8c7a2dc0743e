import assert from "node:assert/strict";
import { memoryDirectory, Sandbox, tool } from "../../../src/index.ts";
import type { Language, SandboxOptions } from "../../../src/index.ts";
import { WardianError } from "../../../src/errors.ts";
import type { Attack } from "../harness/attack.ts";
import { outcomeOf } from "../harness/outcomes.ts";
import type { Scene } from "../harness/scene.ts";

export const LANGUAGES = ["javascript", "python"] as const;

const options = (language: Language, more: Partial<SandboxOptions> = {}): SandboxOptions => ({
  language,
  clock: "virtual",
  limits: { memoryBytes: (language === "python" ? 128 : 64) * 2 ** 20, timeoutMs: 20_000 },
  ...more,
});

const READ_TOKEN = {
  javascript: "try { await tools.token.sync({}) } catch (e) { e.name }",
  python: "try:\n  r = tools.token()\nexcept Exception as e:\n  r = type(e).__name__\nr",
} as const;

/** With these options and no others: a snapshot knows the policy that it was made under. */
async function make(scene: Scene, options: SandboxOptions): Promise<Sandbox> {
  const sandbox = await Sandbox.create(options);
  await scene.adopt(sandbox, options.language);
  return sandbox;
}

async function code(restoring: Promise<Sandbox>, scene: Scene): Promise<string> {
  try {
    await scene.adopt(await restoring);
    return "restored";
  } catch (error) {
    assert.ok(
      error instanceof WardianError || error instanceof RangeError || error instanceof TypeError,
      String(error),
    );
    return error instanceof WardianError ? error.code : error.name;
  }
}

/** What the host granted is no part of a snapshot: who restores it gives what it may do. */
export const grantsStayBehind: Attack["attempt"] = async (scene) => {
  const secret = scene.canaries.variable;
  for (const language of LANGUAGES) {
    const granted = options(language, {
      env: { GIVEN: "to the guest" },
      tools: { token: tool({ run: () => secret.length }) },
    });
    const original = await make(scene, granted);
    assert.equal((await original.run(READ_TOKEN[language])).status, "ok");
    const bytes = await original.snapshot();
    for (const secret of [
      scene.canaries.variable,
      scene.canaries.file,
      scene.canaries.neighbour,
      scene.canaries.folder,
      process.cwd(),
    ])
      assert.equal(Buffer.from(bytes).indexOf(secret), -1, "a snapshot holds what is the host's");
    // Another tenant's policy is another one: refused, and with consent without the tool.
    assert.notEqual(await code(Sandbox.restore(bytes, options(language)), scene), "restored");
    const other = await Sandbox.restore(bytes, { ...options(language), acceptPolicyChange: true });
    await scene.adopt(other, language);
    const result = await other.run(READ_TOKEN[language]);
    assert.notEqual(outcomeOf(result), `ok ${secret.length}`);
  }
};

/** Limits come from who restores: memory that was larger is refused, before it is there. */
export const largerMemoryIsRefused: Attack["attempt"] = async (scene) => {
  for (const [language, grow, limit] of [
    ["javascript", "globalThis.big = new Uint8Array(40e6).fill(7); 1", 24],
    ["python", "big = b'x' * 80_000_000\n1", 64],
  ] as const) {
    const original = await make(scene, options(language));
    assert.equal(outcomeOf(await original.run(grow)), "ok 1");
    const bytes = await original.snapshot();
    const small = { ...options(language), limits: { memoryBytes: limit * 2 ** 20 }, acceptPolicyChange: true };
    assert.notEqual(await code(Sandbox.restore(bytes, small), scene), "restored");
  }
};

/** Bytes that are no snapshot, or not this one, are refused with a code; nothing half restored stays. */
export const damagedSnapshotsAreRefused: Attack["attempt"] = async (scene) => {
  const key = new Uint8Array(32).fill(7);
  for (const language of LANGUAGES) {
    const original = await make(scene, options(language));
    await original.run("1");
    const bytes = await original.snapshot({ key });
    const restore = async (changed: Uint8Array, more: object = { key }): Promise<string> =>
      await code(Sandbox.restore(changed, { ...options(language), ...more }), scene);
    assert.equal(await restore(bytes), "restored");
    for (const length of [0, 1, 7, 8, 64, bytes.length - 1])
      assert.notEqual(await restore(bytes.slice(0, length)), "restored");
    for (let at = 0; at < bytes.length; at += Math.ceil(bytes.length / 60)) {
      const changed = bytes.slice();
      changed[at] = (changed[at] ?? 0) ^ 0x55;
      assert.notEqual(await restore(changed), "restored", `byte ${at} changed`);
    }
    assert.notEqual(await restore(bytes, { key: new Uint8Array(32) }), "restored");
    assert.notEqual(await restore(bytes, {}), "restored");
    assert.notEqual(await restore(await original.snapshot()), "restored");
    const foreign = language === "python" ? "javascript" : "python";
    assert.notEqual(
      await code(Sandbox.restore(bytes, { ...options(foreign), key, acceptPolicyChange: true }), scene),
      "restored",
    );
  }
};

const REMEMBER = {
  javascript: (secret: string) =>
    `globalThis.secret = "${secret}".repeat(5_000); const b = new TextEncoder().encode(secret); (await import("node:fs")).writeFileSync("/tmp/s", secret); b.length > 0`,
  python: (secret: string) =>
    `secret = ["${secret}" * 5_000 for _ in range(20)]\nblob = bytearray(b"${secret}" * 5_000)\n_ = open("/tmp/s", "w").write(secret[0])\nTrue`,
} as const;

/** Everything that a guest can get without having written it. */
const LOOK = {
  javascript: `const found = []; for (let i = 0; i < 50; i++) { const b = new Uint8Array(2 ** 14); if (b.some((x) => x !== 0)) found.push("memory") } for (const name of Object.getOwnPropertyNames(globalThis)) if (String(name).includes("secret")) found.push(name); const fs = await import("node:fs"); found.push(...fs.readdirSync("/tmp")); found.join()`,
  python: `import gc, os, mmap\nfound = []\nfor _ in range(50):\n  if any(bytearray(2 ** 18)): found.append("memory")\nm = mmap.mmap(-1, 2 ** 22)\nif m.read(2 ** 22).strip(b"\\0"): found.append("map")\nfound += [str(type(o)) for o in gc.get_objects() if isinstance(o, (str, bytes, bytearray)) and b"canary" in bytes(o if not isinstance(o, str) else o.encode("utf8", "replace"))]\nfound += os.listdir("/tmp")\n",".join(found)`,
} as const;

/** Behind a reset, in a fork that was made before, and in the next sandbox nothing of the last guest is left. */
export const nothingIsLeft: Attack["attempt"] = async (scene) => {
  const secret = `canary-left-${crypto.randomUUID()}`;
  for (const language of LANGUAGES) {
    const sandbox = await make(scene, options(language));
    const before = await sandbox.fork();
    await scene.adopt(before, language);
    assert.equal(outcomeOf(await sandbox.run(REMEMBER[language](secret))), "ok true");
    await sandbox.reset();
    const bytes = Buffer.from(await sandbox.snapshot({ whole: true }));
    assert.equal(bytes.indexOf(secret), -1, "a snapshot behind a reset holds the last run's secret");
    const next = await make(scene, options(language));
    for (const where of [sandbox, before, next]) assert.equal(outcomeOf(await where.run(LOOK[language])), 'ok ""');
  }
};

/** Two forks share nothing that either can write. */
export const forksAreApart: Attack["attempt"] = async (scene) => {
  for (const language of LANGUAGES) {
    const original = await make(scene, { ...options(language), files: { "/work": memoryDirectory() } });
    await original.run("1");
    const [left, right] = [await original.fork(), await original.fork()];
    await scene.adopt(left, language);
    await scene.adopt(right, language);
    assert.equal(outcomeOf(await left.run(REMEMBER[language]("canary-fork"))), "ok true");
    for (const other of [right, original]) assert.equal(outcomeOf(await other.run(LOOK[language])), 'ok ""');
  }
};
