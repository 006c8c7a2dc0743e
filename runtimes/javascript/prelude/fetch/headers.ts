/** `Headers`: Fetch standard, section 5.1, without guards; the host decides which headers may be sent. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

export type HeadersInit = Headers | Iterable<Iterable<unknown>> | Readonly<Record<string, unknown>>;

export class Headers {
  #list: (readonly [string, string])[] = [];

  constructor(init?: HeadersInit | null) {
    if (init === undefined || init === null) return;
    if (typeof init !== "object") throw new TypeError("Headers are made of an object or of pairs");
    if (init instanceof Headers) this.#list = [...init.#list];
    else if (Symbol.iterator in init) {
      for (const pair of init) {
        const [name, value, ...rest] = pair as Iterable<unknown>;
        if (value === undefined || rest.length > 0) throw new TypeError("Each header must be a pair of name and value");
        this.append(name, value);
      }
    } else for (const name of Object.keys(init)) this.append(name, init[name]);
  }

  append(name: unknown, value: unknown): void {
    this.#list.push([nameOf(name), valueOf(value)]);
  }

  delete(name: unknown): void {
    const known = nameOf(name);
    this.#list = this.#list.filter(([other]) => other !== known);
  }

  get(name: unknown): string | null {
    const known = nameOf(name);
    const values = this.#list.filter(([other]) => other === known).map(([, value]) => value);
    return values.length === 0 ? null : values.join(", ");
  }

  getSetCookie(): string[] {
    return this.#list.filter(([name]) => name === "set-cookie").map(([, value]) => value);
  }

  has(name: unknown): boolean {
    const known = nameOf(name);
    return this.#list.some(([other]) => other === known);
  }

  set(name: unknown, value: unknown): void {
    const known = nameOf(name);
    const text = valueOf(value);
    const first = this.#list.findIndex(([other]) => other === known);
    if (first < 0) this.#list.push([known, text]);
    else
      this.#list = this.#list.flatMap((pair, index) =>
        index === first ? [[known, text] as const] : pair[0] === known ? [] : [pair],
      );
  }

  forEach(visit: (value: string, name: string, headers: Headers) => void, self?: unknown): void {
    for (const [name, value] of this) visit.call(self, value, name, this);
  }

  /** Sorted by name; values of one name are joined, but for cookies. */
  *entries(): IterableIterator<[string, string]> {
    for (const name of [...new Set(this.#list.map(([known]) => known))].sort()) {
      if (name === "set-cookie") for (const value of this.getSetCookie()) yield [name, value];
      else yield [name, this.get(name) ?? ""];
    }
  }

  *keys(): IterableIterator<string> {
    for (const [name] of this) yield name;
  }

  *values(): IterableIterator<string> {
    for (const [, value] of this) yield value;
  }

  [Symbol.iterator](): IterableIterator<[string, string]> {
    return this.entries();
  }

  get [Symbol.toStringTag](): string {
    return "Headers";
  }
}

function nameOf(name: unknown): string {
  const text = String(name);
  if (!TOKEN.test(text)) throw new TypeError(`"${text}" is not a header name`);
  return text.toLowerCase();
}

function valueOf(value: unknown): string {
  const text = String(value).replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, "");
  if (!VALUE.test(text)) throw new TypeError("The value of a header has characters that no header may have");
  return text;
}
