/**
 * A value as it travels to another thread: its sets and maps are lists, told apart by being named. Structured clone would
 * fill a set on the receiving thread, with no look at any deadline, and keys of one hash make that take as long as its guest likes.
 */
export interface PortableValue {
  readonly value: unknown;
  /** Lists within `value` that are sets. */
  readonly sets: readonly unknown[];
  /** Lists within `value` that are maps, of pairs. */
  readonly maps: readonly unknown[];
}

export function packValue(value: unknown): PortableValue {
  const sets: unknown[] = [];
  const maps: unknown[] = [];
  const packed = new Map<object, unknown>();
  const pack = (item: unknown): unknown => {
    if (typeof item !== "object" || item === null) return item;
    const known = packed.get(item);
    if (known !== undefined) return known;
    if (Array.isArray(item) || item instanceof Set || item instanceof Map) {
      const list: unknown[] = [];
      packed.set(item, list);
      if (item instanceof Set) sets.push(list);
      if (item instanceof Map) maps.push(list);
      for (const part of item as Iterable<unknown>) list.push(pack(part));
      return list;
    }
    const prototype: unknown = Object.getPrototypeOf(item);
    if (prototype !== null && prototype !== Object.prototype) return item;
    const object = Object.create(null) as Record<string, unknown>;
    packed.set(item, object);
    for (const [name, part] of Object.entries(item)) object[name] = pack(part);
    return object;
  };
  return { value: pack(value), sets, maps };
}

/** Deeper than any value of a guest's codec. */
const MAX_DEPTH = 1_000;

/** Additions between two looks at the deadline: one to a set whose members have one hash compares it with all of them. */
const ADDITIONS_PER_LOOK = 64;

/**
 * The value again, objects without prototypes. It may be forged.
 *
 * @throws TypeError if it is no such value; {@link TooLate} when `mayGoOn` says so.
 */
export function unpackValue(packed: unknown, mayGoOn: () => boolean): unknown {
  const { value, sets, maps } = (packed ?? {}) as Partial<PortableValue>;
  if (!Array.isArray(sets) || !Array.isArray(maps)) throw new TypeError("The value is none");
  const unpacker = new Unpacker(new Set(sets as object[]), new Set(maps as object[]), mayGoOn);
  return unpacker.unpack(value, 0);
}

/** The time of the run is over while its value is made. */
export class TooLate extends Error {}

class Unpacker {
  readonly #sets: ReadonlySet<object>;
  readonly #maps: ReadonlySet<object>;
  readonly #mayGoOn: () => boolean;
  readonly #known: Map<object, unknown> = new Map();
  #additions = 0;

  constructor(sets: ReadonlySet<object>, maps: ReadonlySet<object>, mayGoOn: () => boolean) {
    this.#sets = sets;
    this.#maps = maps;
    this.#mayGoOn = mayGoOn;
  }

  unpack(item: unknown, depth: number): unknown {
    if (typeof item !== "object" || item === null) return item;
    const known = this.#known.get(item);
    if (known !== undefined) return known;
    if (depth > MAX_DEPTH) throw new TypeError("The value nests too deeply");
    if (Array.isArray(item)) return this.#unpackList(item, depth + 1);
    if (Object.getPrototypeOf(item) === Object.prototype) {
      Object.setPrototypeOf(item, null);
      this.#known.set(item, item);
      const object = item as Record<string, unknown>;
      for (const [name, part] of Object.entries(object)) object[name] = this.unpack(part, depth + 1);
    }
    return item;
  }

  #unpackList(list: unknown[], depth: number): unknown {
    if (this.#sets.has(list)) {
      const set = new Set<unknown>();
      this.#known.set(list, set);
      for (const part of list) {
        set.add(this.unpack(part, depth));
        this.#look();
      }
      return set;
    }
    if (this.#maps.has(list)) {
      const map = new Map<unknown, unknown>();
      this.#known.set(list, map);
      for (const pair of list) {
        const [key, part] = Array.isArray(pair) ? (pair as unknown[]) : [];
        map.set(this.unpack(key, depth), this.unpack(part, depth));
        this.#look();
      }
      return map;
    }
    this.#known.set(list, list);
    for (const [index, part] of list.entries()) if (typeof part === "object") list[index] = this.unpack(part, depth);
    return list;
  }

  #look(): void {
    this.#additions += 1;
    if (this.#additions % ADDITIONS_PER_LOOK === 0 && !this.#mayGoOn()) throw new TooLate();
  }
}
