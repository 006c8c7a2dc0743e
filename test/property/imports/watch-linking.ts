/** One instance that was made, and what it was given. */
export interface Linked {
  readonly module: WebAssembly.Module;
  readonly imports: WebAssembly.Imports;
  readonly exports: WebAssembly.Exports;
}

/** Everything that is instantiated while `work` goes on. */
export async function watchLinking<T>(
  work: () => Promise<T>,
): Promise<{ readonly made: T; readonly linked: readonly Linked[] }> {
  const linked: Linked[] = [];
  const { Instance, instantiate } = WebAssembly;
  class Watched extends Instance {
    constructor(module: WebAssembly.Module, imports: WebAssembly.Imports = {}) {
      super(module, imports);
      linked.push({ module, imports, exports: this.exports });
    }
  }
  WebAssembly.Instance = Watched;
  WebAssembly.instantiate = (async (module: WebAssembly.Module, imports: WebAssembly.Imports) =>
    await Promise.resolve(new Watched(module, imports))) as typeof instantiate;
  try {
    return { made: await work(), linked };
  } finally {
    Object.assign(WebAssembly, { Instance, instantiate });
  }
}
