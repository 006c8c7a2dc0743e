import type { InputSource } from "../../capabilities/environment.ts";
import type { HostLine } from "../../hosts/worker-link.ts";
import { WardianError } from "../../errors.ts";
import { buildSandbox } from "../../sandbox/build-sandbox.ts";
import { LocalSandbox } from "../../sandbox/local/local-sandbox.ts";
import type { SandboxHost } from "../../sandbox/sandbox-host.ts";
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
      openCalls: ({ fuel }) => {
        this.#calls = new RemoteCalls(line, this.#run, fuel);
        return this.#calls.open(this.#toolNames);
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
      case "create": {
        const { options } = call;
        const resolved = await openOptions(options, this.#host.platform, this.#ends);
        this.#toolNames = options.toolNames;
        const { platform } = this.#host;
        const assets = call.sharesModules ? this.#modules.before(platform.assets) : platform.assets;
        const host = { ...this.#host, platform: { ...platform, assets } };
        this.#sandbox = new LocalSandbox(await buildSandbox(host, resolved));
        return undefined;
      }
      case "run": {
        this.#run = call.run;
        this.#stop = new AbortController();
        const { signal } = this.#stop;
        return await this.#open().run(
          call.source,
          { ...openRunOptions(call.options, this.#ends), signal },
          call.action,
        );
      }
      case "files":
        return await this.#open().files(call.request, call.action);
      case "reset":
        await this.#open().reset();
        return undefined;
    }
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
