import type { Trampoline } from "../trampoline.ts";

/** A function of Wasm, as a table holds it. */
export type WasmFunction = (...values: never[]) => unknown;

/** The part of the interpreter's table that a linker fills, and the callers that the trampoline needs for it. */
export class FunctionSlots {
  readonly #table: WebAssembly.Table;
  readonly #trampoline: Trampoline;
  readonly #first: number;
  /** Place of each function in the table. */
  readonly #places = new Map<unknown, number>();
  #next: number;

  constructor(table: WebAssembly.Table, trampoline: Trampoline) {
    this.#table = table;
    this.#trampoline = trampoline;
    this.#first = table.length;
    this.#next = table.length;
  }

  /** Where the next ones go. */
  get next(): number {
    return this.#next;
  }

  /** Takes `count` entries that lie together; undefined if the table can't be made so long. */
  take(count: number): number | undefined {
    const base = this.#next;
    const missing = base + count - this.#table.length;
    try {
      if (missing > 0) this.#table.grow(missing);
    } catch {
      return undefined;
    }
    this.#next += count;
    return base;
  }

  set(place: number, value: WasmFunction): void {
    this.#table.set(place, value);
    this.note(place, value);
  }

  /** Says that a module's own segment has put a function there. */
  note(place: number, value: WasmFunction): void {
    if (!this.#places.has(value)) this.#places.set(value, place);
    this.#trampoline.setCaller(place, value.length);
  }

  /** Notes what the segments of a module have put into its entries. */
  noteAll(base: number, count: number): void {
    for (let place = base; place < base + count; place++) {
      const value: unknown = this.#table.get(place);
      if (typeof value === "function") this.note(place, value as WasmFunction);
    }
  }

  placeOf(value: unknown): number | undefined {
    return this.#places.get(value);
  }

  /** The place of a function, which gets one if it has none. */
  place(value: WasmFunction): number | undefined {
    const known = this.#places.get(value);
    if (known !== undefined) return known;
    const place = this.take(1);
    if (place !== undefined) this.set(place, value);
    return place;
  }

  /** Gives back everything from `place` on. */
  release(place: number): void {
    for (let index = Math.max(place, this.#first); index < this.#next; index++) {
      this.#table.set(index, null);
      this.#trampoline.setCaller(index, -1);
    }
    for (const [value, at] of this.#places) if (at >= place) this.#places.delete(value);
    this.#next = Math.max(place, this.#first);
  }
}
