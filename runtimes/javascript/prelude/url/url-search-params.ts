/** `URLSearchParams`: WHATWG URL, section 6.2. */
import { decodeForm, encodeForm } from "./url-encode.ts";
import { toWellFormed } from "../intrinsics.ts";

type Pair = [string, string];

const text = (value: unknown): string => toWellFormed(String(value));

/** Called with the new text when the parameters of a URL change. */
export const ON_CHANGE: unique symbol = Symbol("onChange");
/** Replaces all pairs by those of a query, without telling anyone. */
export const RELOAD: unique symbol = Symbol("reload");

export class URLSearchParams {
  #pairs: Pair[] = [];
  [ON_CHANGE]: ((query: string) => void) | undefined = undefined;

  constructor(init: unknown = "") {
    Object.defineProperty(this, ON_CHANGE, { enumerable: false });
    if (typeof init !== "object" || init === null) this[RELOAD](text(init).replace(/^\?/, ""));
    else if (typeof (init as Partial<Iterable<unknown>>)[Symbol.iterator] === "function") {
      for (const pair of init as Iterable<Iterable<unknown>>) {
        const [name, value, ...more] = [...pair];
        if (more.length > 0 || value === undefined)
          throw new TypeError("Each query pair must be an iterable [name, value] tuple");
        this.#pairs.push([text(name), text(value)]);
      }
    } else
      for (const name of Reflect.ownKeys(init))
        if (Object.getOwnPropertyDescriptor(init, name)?.enumerable === true)
          this.#pairs.push([text(name), text(Reflect.get(init, name))]);
  }

  [RELOAD](query: string): void {
    this.#pairs = query
      .split("&")
      .filter((part) => part !== "")
      .map((part): Pair => {
        const at = part.indexOf("=");
        return at < 0 ? [decodeForm(part), ""] : [decodeForm(part.slice(0, at)), decodeForm(part.slice(at + 1))];
      });
  }

  #changed(): void {
    this[ON_CHANGE]?.(this.toString());
  }

  get size(): number {
    return this.#pairs.length;
  }

  append(name: unknown, value: unknown): void {
    this.#pairs.push([text(name), text(value)]);
    this.#changed();
  }

  delete(name: unknown, value?: unknown): void {
    this.#pairs = this.#pairs.filter(
      ([key, content]) => key !== text(name) || (value !== undefined && content !== text(value)),
    );
    this.#changed();
  }

  get(name: unknown): string | null {
    return this.#pairs.find(([key]) => key === text(name))?.[1] ?? null;
  }

  getAll(name: unknown): string[] {
    return this.#pairs.filter(([key]) => key === text(name)).map(([, value]) => value);
  }

  has(name: unknown, value?: unknown): boolean {
    return this.#pairs.some(([key, content]) => key === text(name) && (value === undefined || content === text(value)));
  }

  set(name: unknown, value: unknown): void {
    const key = text(name);
    const first = this.#pairs.findIndex((pair) => pair[0] === key);
    if (first < 0) this.#pairs.push([key, text(value)]);
    else
      this.#pairs = this.#pairs
        .filter((pair, index) => index <= first || pair[0] !== key)
        .map((pair, index): Pair => (index === first ? [key, text(value)] : pair));
    this.#changed();
  }

  sort(): void {
    this.#pairs.sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
    this.#changed();
  }

  forEach(visit: (value: string, name: string, params: URLSearchParams) => void, self?: unknown): void {
    for (const [name, value] of this.#pairs) visit.call(self, value, name, this);
  }

  *entries(): IterableIterator<Pair> {
    for (let index = 0; index < this.#pairs.length; index++) yield [...(this.#pairs[index] as Pair)];
  }

  *keys(): IterableIterator<string> {
    for (const [name] of this.entries()) yield name;
  }

  *values(): IterableIterator<string> {
    for (const [, value] of this.entries()) yield value;
  }

  [Symbol.iterator](): IterableIterator<Pair> {
    return this.entries();
  }

  toString(): string {
    return this.#pairs.map(([name, value]) => `${encodeForm(name)}=${encodeForm(value)}`).join("&");
  }

  get [Symbol.toStringTag](): string {
    return "URLSearchParams";
  }
}
