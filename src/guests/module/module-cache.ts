/** Bytes of prepared modules that a process keeps; compiled code takes a few times as much. */
const MAX_BYTES = 128 * 2 ** 20;
const MAX_ENTRIES = 64;

/**
 * What was made of modules, by the digest of their bytes: a second sandbox on the same bytes neither meters nor compiles.
 * The least recently used is forgotten first; a failure is not kept.
 */
export class ModuleCache<T extends { readonly byteLength: number }> {
  readonly #entries: Map<string, Promise<T>> = new Map();
  readonly #sizes: Map<string, number> = new Map();

  async get(key: string, make: () => Promise<T>): Promise<T> {
    const known = this.#entries.get(key);
    if (known !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, known);
      return await known;
    }
    const making = make();
    this.#entries.set(key, making);
    try {
      const made = await making;
      this.#sizes.set(key, made.byteLength);
      this.#trim(key);
      return made;
    } catch (error) {
      this.#entries.delete(key);
      throw error;
    }
  }

  #trim(newest: string): void {
    let bytes = 0;
    for (const size of this.#sizes.values()) bytes += size;
    for (const key of this.#entries.keys()) {
      if (bytes <= MAX_BYTES && this.#entries.size <= MAX_ENTRIES) return;
      // One that is still being made has no size yet and is held by its makers anyway.
      const size = this.#sizes.get(key);
      if (key === newest || size === undefined) continue;
      this.#entries.delete(key);
      this.#sizes.delete(key);
      bytes -= size;
    }
  }
}
