import assert from "node:assert/strict";
import { readdirSync, readlinkSync } from "node:fs";
import { Sandbox } from "../../../src/index.ts";
import type { Execution, Language, RunOptions, RunResult, SandboxOptions } from "../../../src/index.ts";
import { plantCanaries } from "./canaries.ts";
import type { Canaries } from "./canaries.ts";
import { hostDigest } from "./host-digest.ts";
import { leakIn } from "./leaks.ts";

/** For the deadline itself and a machine that does more than this. Promises about milliseconds are for the bench. */
const LATE_MS = 3_000;
/** What one host call may be charged beyond the budget before the guest is stopped. */
const LATE_FUEL = 150e6;
/** What the host may need for a run beyond the guest's own memory. */
const HOST_BYTES = 400 * 2 ** 20;

type Kind = "javascript" | "python";

const kindOf = (language: Language): Kind => (language === "python" ? "python" : "javascript");

/** A program that must work in a sandbox that is all right, and what it comes to. */
const PROBES: Readonly<Record<Kind, { readonly source: string; readonly value: unknown }>> = {
  javascript: {
    source: "[1, 2].map((x) => x + 1).join('') + typeof globalThis.r + typeof hostCall",
    value: "23undefinedundefined",
  },
  python: {
    source: "import math\nstr(len(list(map(str, [1, 2])))) + str('r' in globals()) + str(math.gcd(4, 6))",
    value: "2False2",
  },
};

const SECRETS: Readonly<Record<Kind, { readonly plant: (secret: string) => string; readonly look: string }>> = {
  javascript: {
    plant: (secret) =>
      `globalThis.secret = "${secret}"; (await import("node:fs")).writeFileSync("/tmp/secret", secret); 0`,
    look: `secret + (await import("node:fs")).readFileSync("/tmp/secret", "utf8")`,
  },
  python: {
    plant: (secret) => `secret = "${secret}"\nopen("/tmp/secret", "w").write(secret)`,
    look: `secret + open("/tmp/secret").read()`,
  },
};

/**
 * Where attacks take place: this process with its canaries, and neighbours that live through all of them. Every run
 * that goes through a scene is held against what must be true of any run.
 */
export class Scene {
  readonly canaries: Canaries = plantCanaries();
  readonly #neighbours = new Map<Kind, Sandbox>();
  readonly #open: { readonly sandbox: Sandbox; readonly kind: Kind | undefined }[] = [];
  /** Where the guests of the attack in progress compute. */
  execution: Execution = "inline";
  #digest = "";
  #handles = 0;
  #peak = 0;

  /** A sandbox for an attack: virtual clock and seed, so that what happens once happens always. */
  async sandbox(options: SandboxOptions): Promise<Sandbox> {
    const sandbox = await Sandbox.create({
      clock: "virtual",
      random: { seed: 1 },
      execution: this.execution,
      ...options,
      limits: {
        fuel: 4e9,
        memoryBytes: (options.language === "python" ? 128 : 64) * 2 ** 20,
        timeoutMs: 20_000,
        ...options.limits,
      },
    });
    await this.adopt(sandbox, options.language);
    return sandbox;
  }

  /** Takes a sandbox that was made in another way into its keeping; one of a Wasm module has no language. */
  async adopt(sandbox: Sandbox, language?: Language): Promise<void> {
    this.#open.push({ sandbox, kind: language === undefined ? undefined : kindOf(language) });
    await this.#neighbour(kindOf(language ?? "javascript"));
  }

  /** Runs a hostile source and checks what must hold of any run, whatever it was. */
  async run(sandbox: Sandbox, source: string, options: RunOptions = {}): Promise<RunResult> {
    const result = await sandbox.run(source, options);
    this.check(sandbox, result, options, source);
    return result;
  }

  check(sandbox: Sandbox, result: RunResult, options: RunOptions = {}, source = ""): void {
    const limits = { ...sandbox.limits, ...options.limits } as Sandbox["limits"];
    const { usage } = result;
    // Records of tool calls and requests are the host's own and hold what its functions said.
    const { calls: _calls, requests: _requests, ...shown } = result;
    assert.equal(leakIn(shown, this.canaries, source), undefined, "a secret or a trace of the host is in the result");
    assert.ok(usage.wallMs <= limits.timeoutMs + LATE_MS, `took ${usage.wallMs} ms of ${limits.timeoutMs}`);
    assert.ok(usage.fuel <= limits.fuel + LATE_FUEL, `used ${usage.fuel} units of ${limits.fuel}`);
    assert.ok(usage.memoryBytes <= limits.memoryBytes, `had ${usage.memoryBytes} bytes of ${limits.memoryBytes}`);
    assert.ok(Buffer.byteLength(result.stdout + result.stderr) <= limits.outputBytes + 8, "printed more than it may");
    assert.ok(result.denials.length <= 10_000, "denials are not bounded");
    if (result.status === "error") assert.notEqual(result.error.name, "HostError", result.error.message);
  }

  /** Before an attack: what is to be found again behind it. */
  async begin(execution: Execution): Promise<void> {
    this.execution = execution;
    await settle();
    this.#digest = hostDigest();
    this.#handles = handles();
    this.#peak = peakBytes();
  }

  /** Behind an attack: sandboxes work, neighbours and host are as they were. */
  async end(): Promise<void> {
    let largest = 0;
    for (const { sandbox, kind } of this.#open.splice(0)) {
      largest += sandbox.limits.memoryBytes;
      await mustBeUsable(sandbox, kind);
      sandbox.close();
    }
    await settle();
    // A thread or process that was told to end lets go of what it holds a little later.
    for (let waited = 0; waited < 5_000 && handles() > this.#handles && this.execution !== "inline"; waited += 20)
      await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(this.canaries.changed(), undefined, "files of the host changed");
    assert.equal(hostDigest(), this.#digest, "globals of the host were patched");
    assert.ok(handles() <= this.#handles, `${handles() - this.#handles} handles of the host were left open`);
    const grown = peakBytes() - this.#peak;
    assert.ok(grown <= largest + HOST_BYTES, `the process grew by ${grown} bytes`);
    for (const [kind, neighbour] of this.#neighbours) {
      const result = await neighbour.run(SECRETS[kind].look);
      assert.deepEqual(
        [result.status, result.status === "ok" && result.value, result.sandbox],
        ["ok", this.canaries.neighbour.repeat(2), "kept"],
        "the neighbour is not what it was",
      );
    }
  }

  close(): void {
    for (const { sandbox } of this.#open) sandbox.close();
    for (const neighbour of this.#neighbours.values()) neighbour.close();
    this.canaries.remove();
  }

  async #neighbour(kind: Kind): Promise<void> {
    if (this.#neighbours.has(kind)) return;
    const neighbour = await Sandbox.create({ language: kind });
    this.#neighbours.set(kind, neighbour);
    const planted = await neighbour.run(SECRETS[kind].plant(this.canaries.neighbour));
    assert.equal(planted.status, "ok");
    // What a first sandbox loads and opens is not the attack's.
    this.#digest = hostDigest();
    this.#handles = handles();
  }
}

/** Unless the attack closed it, a sandbox takes another run behind a reset, as if nothing had been. */
async function mustBeUsable(sandbox: Sandbox, kind: Kind | undefined): Promise<void> {
  if (sandbox.closed) return;
  await sandbox.reset();
  if (kind === undefined) return;
  const { source, value } = PROBES[kind];
  const result = await sandbox.run(source);
  assert.deepEqual(
    [result.status, result.status === "ok" && result.value],
    ["ok", value],
    "the sandbox does not work any more",
  );
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Files, directories and sockets that are open. Pipes and the like are how this process talks to others. */
function handles(): number {
  if (process.platform !== "linux") return 0;
  return readdirSync("/proc/self/fd").filter((name) => {
    try {
      return /^(\/(?!dev\/|proc\/)|socket:)/u.test(readlinkSync(`/proc/self/fd/${name}`));
    } catch {
      return false;
    }
  }).length;
}

/** The most that this process ever had resident. */
function peakBytes(): number {
  return process.resourceUsage().maxRSS * 1_024;
}
