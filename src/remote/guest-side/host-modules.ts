import type { RuntimeAssets } from "../../guests/guest.ts";

/** Compiled modules of the host, for the threads of its process: compiling CPython takes longer than all else of a start. */
export class HostModules {
  readonly #ask: (name: string) => void;
  readonly #waiting = new Map<string, (module: WebAssembly.Module | undefined) => void>();

  constructor(ask: (name: string) => void) {
    this.#ask = ask;
  }

  /** Artefacts whose modules the host is asked for first. */
  before(assets: RuntimeAssets): RuntimeAssets {
    const asked = new Map<string, Promise<WebAssembly.Module>>();
    return {
      bytes: (name) => assets.bytes(name),
      peerFile: (packageName, file) => assets.peerFile(packageName, file),
      module: (name) => {
        let module = asked.get(name);
        if (module === undefined) asked.set(name, (module = this.#fetch(name, assets)));
        return module;
      },
    };
  }

  receive(name: string, module: WebAssembly.Module | undefined): void {
    this.#waiting.get(name)?.(module);
    this.#waiting.delete(name);
  }

  async #fetch(name: string, assets: RuntimeAssets): Promise<WebAssembly.Module> {
    const given = await new Promise<WebAssembly.Module | undefined>((resolve) => {
      this.#waiting.set(name, resolve);
      this.#ask(name);
    });
    return given ?? (await assets.module(name));
  }
}
