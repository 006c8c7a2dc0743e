import { failWith } from "../host/failure.ts";
import { guardMethods } from "../host/guard.ts";
import { Resource } from "../host/preview2-host.ts";
import type { Preview2Host } from "../host/preview2-host.ts";
import type { ResourceState } from "../host/resource-state.ts";

/** Names and values together, in bytes: what the network's own rules take at most. */
const MAX_BYTES = 65_536;

/** RFC 9110, 5.1: a token. */
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

const encoder = new TextEncoder();
const decoder = new TextDecoder("latin1");

/** `wasi:http/types.fields`. Names keep their case and are compared without it. */
export class Fields extends Resource {
  #entries: [name: string, value: Uint8Array][] = [];
  #immutable = false;

  get(name: string): Uint8Array[] {
    return this.#entries.filter((entry) => same(entry[0], name)).map(([, value]) => value);
  }

  has(name: string): boolean {
    return this.#entries.some((entry) => same(entry[0], name));
  }

  set(name: string, values: readonly Uint8Array[]): void {
    Fields.change(this);
    this.#entries = this.#entries.filter((entry) => !same(entry[0], name));
    for (const value of values) Fields.add(this, name, value);
  }

  delete(name: string): void {
    Fields.change(this);
    this.#entries = this.#entries.filter((entry) => !same(entry[0], name));
  }

  append(name: string, value: Uint8Array): void {
    Fields.change(this);
    Fields.add(this, name, value);
  }

  entries(): [string, Uint8Array][] {
    return this.#entries.map(([name, value]) => [name, value]);
  }

  clone(): Fields {
    return Fields.of(this.host, this.#entries);
  }

  override capture(): ResourceState {
    return { kind: "fields", entries: this.#entries.map(([name, value]) => [name, value]), immutable: this.#immutable };
  }

  static of(host: Preview2Host, entries: readonly (readonly [string, Uint8Array])[]): Fields {
    const fields = new Fields(host);
    for (const [name, value] of entries) Fields.add(fields, name, value);
    return fields;
  }

  static change(fields: Fields): void {
    if (fields.#immutable) failWith({ tag: "immutable" });
  }

  static freeze<T extends Fields>(fields: T): T {
    fields.#immutable = true;
    return fields;
  }

  static add(fields: Fields, name: string, value: Uint8Array): void {
    if (!NAME.test(name) || value.some((byte) => byte === 0 || byte === 10 || byte === 13))
      failWith({ tag: "invalid-syntax" });
    let bytes = name.length + value.length;
    for (const [other, content] of fields.#entries) bytes += other.length + content.length;
    if (bytes > MAX_BYTES) failWith({ tag: "forbidden" });
    fields.host.fuel.charge(bytes);
    fields.#entries.push([name, value]);
  }

  /** As pairs of text, which is how the network takes them. */
  static pairs(fields: Fields): [string, string][] {
    return fields.#entries.map(([name, value]) => [name, decoder.decode(value)]);
  }
}

guardMethods(Fields, { tag: "forbidden" });

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** Fields that were received: they cannot be changed. */
export function receivedFields(host: Preview2Host, pairs: readonly (readonly [string, string])[]): Fields {
  const fields = new Fields(host);
  for (const [name, value] of pairs) if (NAME.test(name)) Fields.add(fields, name, encoder.encode(value));
  return Fields.freeze(fields);
}
