import type { GuestOutcome } from "../guest.ts";

/** How deep a value may nest, as in the languages' own codec. */
const MAX_DEPTH = 200;
/** What an item of a list or a field costs beside its content. */
const ITEM_BYTES = 8;

/**
 * Turns what jco lifted into data: records without a prototype, no live resources, and no more of it than
 * `valueBytes`. `mayGoOn` is asked as it goes, `handleOf` for what stands for a resource.
 */
export function plainOutcome(
  value: unknown,
  valueBytes: number,
  mayGoOn: () => boolean,
  handleOf: (object: object) => unknown = () => undefined,
): GuestOutcome {
  const copier = new Copier(valueBytes, mayGoOn, handleOf);
  const copy = copier.copy(value, 0);
  return copier.tooLarge ? { kind: "value-too-large", allowed: valueBytes } : { kind: "value", value: copy };
}

class Copier {
  readonly #mayGoOn: () => boolean;
  readonly #handleOf: (object: object) => unknown;
  #left: number;
  #items = 0;
  tooLarge = false;

  constructor(valueBytes: number, mayGoOn: () => boolean, handleOf: (object: object) => unknown) {
    this.#handleOf = handleOf;
    this.#left = valueBytes;
    this.#mayGoOn = mayGoOn;
  }

  copy(value: unknown, depth: number): unknown {
    if (depth > MAX_DEPTH || !this.#take(ITEM_BYTES)) return this.#refuse();
    switch (typeof value) {
      case "string":
        return this.#take(value.length) ? value : this.#refuse();
      case "object":
        return value === null ? null : this.#copyObject(value, depth);
      case "function":
      case "symbol":
        return undefined;
      default:
        return value;
    }
  }

  #copyObject(value: object, depth: number): unknown {
    if (ArrayBuffer.isView(value)) return this.#take(value.byteLength) ? value : this.#refuse();
    if (Array.isArray(value)) return value.map((item) => this.copy(item, depth + 1));
    const prototype: unknown = Object.getPrototypeOf(value);
    // An instance of a class is a handle of a resource: of the component's own the host holds one, others mean nothing here.
    if (prototype !== Object.prototype && prototype !== null) {
      const handle = this.#handleOf(value);
      if (handle !== undefined) return handle;
      const name = (value as { constructor?: { name?: unknown } }).constructor?.name;
      return { opaque: typeof name === "string" ? name : "resource", text: "a resource of the component's" };
    }
    const copy = Object.create(null) as Record<string, unknown>;
    for (const [name, item] of Object.entries(value)) copy[name] = this.copy(item, depth + 1);
    return copy;
  }

  #take(bytes: number): boolean {
    this.#items += 1;
    this.#left -= bytes;
    return this.#left >= 0 && (this.#items % 1_024 !== 0 || this.#mayGoOn());
  }

  #refuse(): undefined {
    this.tooLarge = true;
    return undefined;
  }
}
