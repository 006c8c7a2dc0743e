import type { InputSource } from "../../capabilities/environment.ts";
import type { HostLine } from "../../hosts/worker-link.ts";
import { WardianError } from "../../errors.ts";
import { buildSandbox } from "../../sandbox/build-sandbox.ts";
import { LocalSandbox } from "../../sandbox/local/local-sandbox.ts";
import type { SandboxHost } from "../../sandbox/sandbox-host.ts";
import type { RunResult } from "../../sandbox/result.ts";
import { restoreSandbox } from "../../sandbox/snapshot/restore-sandbox.ts";
import { packValue } from "../portable-value.ts";
import { toPortable } from "../portable-error.ts";
import type { GuestMessage, HostMessage, RemoteCall } from "../protocol.ts";
import { HostModules } from "./host-modules.ts";
import { openOptions, openRunOptions } from "./open-options.ts";
import type { Ends } from "./open-options.ts";
import { RemoteCalls } from "./remote-calls.ts";

/** Runs one sandbox on this thread for a host on another one, until the thread is ended. */
export function serveSandbox(host: SandboxHost, line: HostLine): void {
  const server = new SandboxServer(host, line);
  line.onMessage((message) => server.receive(message as HostMessage));
}

class SandboxServer {
  readonly #host: SandboxHost;
  readonly #line: HostLine;
  readonly #ends: Ends;
  #sandbox: LocalSandbox | undefined;
  #toolNames: readonly string[] = [];
  #run = 0;
  #calls: RemoteCalls | undefined;
  #stop = new AbortController();
  readonly #modules: HostModules;

  constructor(host: SandboxHost, line: HostLine) {
    this.#host = {
      ...host,
      interrupted: () => line.interrupted(this.#run),
      shortStack: line.shortStack,
      openCalls: (settings) => {
        this.#calls = new RemoteCalls(line, this.#run, settings.fuel);
        return this.#calls.open(this.#toolNames, settings);
      },
    };
    this.#line = line;
    this.#modules = new HostModules((name) => this.#post({ kind: "want-module", name }));
    const input: InputSource = { read: (into) => this.#calls?.readInput(into) ?? 0 };
    this.#ends = { input, onOutput: (chunk) => this.#post({ kind: "output", chunk }) };
  }

  receive(message: HostMessage): void {
    switch (message.kind) {
      case "call":
        void this.#answer(message.id, message.call);
        break;
      case "settled":
        if (message.run === this.#run) this.#calls?.settle(message.settlements, message.units);
        break;
      case "deferred":
        if (message.run === this.#run) this.#calls?.defer(message.call);
        break;
      case "module":
        this.#modules.receive(message.name, message.module);
        break;
      case "stop":
        if (message.run === this.#run) this.#stop.abort();
        break;
    }
  }

  async #answer(id: number, call: RemoteCall): Promise<void> {
    try {
      this.#post({ kind: "returned", id, value: await this.#perform(call) });
    } catch (error) {
      this.#post({ kind: "threw", id, error: toPortable(error) });
    }
  }

  async #perform(call: RemoteCall): Promise<unknown> {
    switch (call.method) {
      case "create":
        return await this.#create(call);
      case "run": {
        const signal = this.#begin(call.run);
        return packed(
          await this.#open().run(call.source, { ...openRunOptions(call.options, this.#ends), signal }, call.action),
        );
      }
      case "resume": {
        const signal = this.#begin(call.run);
        // What they came to is the host's to check; it follows.
        return packed(
          await this.#open().resume(
            call.answered.map((id) => ({ id, result: undefined })),
            signal,
          ),
        );
      }
      case "snapshot": {
        const { whole, ...told } = call;
        return await this.#open().snapshot({ whole, key: undefined }, told);
      }
      case "files":
        return await this.#open().files(call.request, call.action);
      case "reset":
        await this.#open().reset();
        return undefined;
    }
  }

  async #create({
    options,
    sharesModules,
    from,
  }: Extract<RemoteCall, { readonly method: "create" }>): Promise<unknown> {
    const { platform } = this.#host;
    const assets = sharesModules ? this.#modules.before(platform.assets) : platform.assets;
    const host = { ...this.#host, platform: { ...platform, assets } };
    const resolved = await openOptions(options, host, this.#ends);
    this.#toolNames = options.toolNames;
    if (from === undefined) {
      this.#sandbox = new LocalSandbox(await buildSandbox(host, resolved));
      return undefined;
    }
    const { snapshot, policy, label, maxBytes } = from;
    const { parts, run } = await restoreSandbox(host, snapshot, resolved, {
      key: undefined,
      identical: label === undefined,
      label,
      acceptPolicyChange: policy === undefined,
      policy,
      maxBytes,
    });
    this.#sandbox = new LocalSandbox(parts, run);
    return run;
  }

  /** A stretch of a run begins: the answer is what ends it. */
  #begin(run: number): AbortSignal {
    this.#run = run;
    this.#stop = new AbortController();
    return this.#stop.signal;
  }

  #open(): LocalSandbox {
    if (this.#sandbox === undefined)
      throw new WardianError("internal", "Cannot use a remote sandbox before it is made");
    return this.#sandbox;
  }

  #post(message: GuestMessage): void {
    this.#line.post(message);
  }
}

function packed(result: RunResult): unknown {
  return result.status === "ok" ? { ...result, value: packValue(result.value) } : result;
}
