/**
 * How a run's value crosses from a guest to the host: as JSON text, made by the guest's prelude, decoded here into fresh data.
 * The text is hostile: a guest can forge any of it, so the decoder accepts only the grammar below, bounded in depth and size.
 *
 * Grammar (V is a value):
 *
 * | JSON                                 | decoded                                                     |
 * | ------------------------------------ | ----------------------------------------------------------- |
 * | null, true, false, number, string    | itself                                                      |
 * | [V, …]                               | array                                                       |
 * | {"o": [key, V, key, V, …]}           | object without a prototype, own keys in this order          |
 * | {"m": [V, V, …]}                     | Map (keys and values alternate)                             |
 * | {"s": [V, …]}                        | Set                                                         |
 * | {"t": [V, …]}                        | array (a Python tuple)                                      |
 * | {"i": "-123"}                        | bigint                                                      |
 * | {"n": "NaN" or "Infinity" or "-Infinity" or "-0"} | number                                         |
 * | {"b": "base64"}                      | Uint8Array                                                  |
 * | {"d": ms or null}                    | Date (null: an invalid one)                                 |
 * | {"u": 1}                             | undefined                                                   |
 * | {"x": ["type name", "text"]}         | {@link OpaqueValue}: something that is not data             |
 */
import { WardianError } from "../errors.ts";

/** Stands for a guest value that is not data (a function, a class instance, a symbol): its type's name and its text form. */
export interface OpaqueValue {
  readonly opaque: string;
  readonly text: string;
}

/** How deep a value may nest. Guests stop at this depth with an error of their own. */
export const MAX_VALUE_DEPTH = 200;

/** Says whether the host may go on with a run's work; false once the deadline has passed. */
export type MayGoOn = () => boolean;

/**
 * Decodes the text that a guest made. Asks `mayGoOn` as it goes, since the text decides how much work it is: see {@link ADDITIONS_PER_LOOK}.
 *
 * @throws WardianError "invalid-value" for anything off the grammar, or when it may not go on.
 */
export function decodeValue(text: string, mayGoOn: MayGoOn = always): unknown {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw malformed("it is not JSON", cause);
  }
  return decode(parsed, 0, new Pace(mayGoOn));
}

function always(): boolean {
  return true;
}

/**
 * Additions to a Map or Set between two looks at the clock. V8 hashes numbers without a seed and a bigint by its low 64
 * bits, so a guest can send 40,000 keys of one hash, and the last of them take 0.1 ms each.
 */
const ADDITIONS_PER_LOOK = 8;
const NODES_PER_LOOK = 2_048;

/** Looks whether to go on, every so many steps. */
class Pace {
  readonly #mayGoOn: MayGoOn;
  #nodes = 0;
  #additions = 0;

  constructor(mayGoOn: MayGoOn) {
    this.#mayGoOn = mayGoOn;
  }

  node(): void {
    if (++this.#nodes % NODES_PER_LOOK === 0) this.#look();
  }

  addition(): void {
    if (++this.#additions % ADDITIONS_PER_LOOK === 0) this.#look();
  }

  #look(): void {
    if (!this.#mayGoOn()) throw malformed("the run's time is over");
  }
}

function decode(value: unknown, depth: number, pace: Pace): unknown {
  pace.node();
  if (value === null || typeof value === "boolean" || typeof value === "number" || typeof value === "string")
    return value;
  if (depth >= MAX_VALUE_DEPTH) throw malformed(`it nests deeper than ${MAX_VALUE_DEPTH} levels`);
  if (Array.isArray(value)) return decodeAll(value, depth, pace);
  const entries = Object.entries(value as object);
  const [entry] = entries;
  if (entry === undefined || entries.length !== 1) throw malformed("an object has not exactly one tag");
  const [tag, content] = entry;
  const decoder = decoders.get(tag);
  if (decoder === undefined) throw malformed("a tag is unknown");
  return decoder(content, depth, pace);
}

type TagDecoder = (content: unknown, depth: number, pace: Pace) => unknown;

const decoders: ReadonlyMap<string, TagDecoder> = new Map<string, TagDecoder>([
  ["o", decodeObject],
  ["m", decodeMap],
  ["s", decodeSet],
  ["t", (content, depth, pace) => decodeAll(list(content), depth, pace)],
  ["i", decodeBigInt],
  ["n", decodeNumber],
  ["b", decodeBytes],
  ["d", decodeDate],
  ["u", () => undefined],
  ["x", decodeOpaque],
]);

function decodeAll(items: readonly unknown[], depth: number, pace: Pace): unknown[] {
  return items.map((item) => decode(item, depth + 1, pace));
}

function decodeObject(content: unknown, depth: number, pace: Pace): unknown {
  const items = list(content);
  // Without a prototype "__proto__" is a key like any other, and nothing inherited answers for a key that is not there.
  const object: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (let index = 0; index < items.length; index += 2) {
    const key = items[index];
    if (typeof key !== "string" || index + 1 >= items.length)
      throw malformed("an object's keys and values do not pair");
    object[key] = decode(items[index + 1], depth + 1, pace);
  }
  return object;
}

function decodeSet(content: unknown, depth: number, pace: Pace): Set<unknown> {
  const set = new Set<unknown>();
  for (const item of list(content)) {
    pace.addition();
    set.add(decode(item, depth + 1, pace));
  }
  return set;
}

function decodeMap(content: unknown, depth: number, pace: Pace): Map<unknown, unknown> {
  const items = list(content);
  if (items.length % 2 !== 0) throw malformed("a map's keys and values do not pair");
  const map = new Map<unknown, unknown>();
  for (let index = 0; index < items.length; index += 2) {
    pace.addition();
    map.set(decode(items[index], depth + 1, pace), decode(items[index + 1], depth + 1, pace));
  }
  return map;
}

/** V8 converts decimal text to BigInt in more than linear time: this many digits take a few milliseconds. */
const MAX_BIGINT_DIGITS = 100_000;

function decodeBigInt(content: unknown): bigint {
  if (typeof content !== "string" || content.length > MAX_BIGINT_DIGITS || !/^-?[0-9]+$/.test(content))
    throw malformed("an integer is not decimal text of a sensible length");
  return BigInt(content);
}

function decodeNumber(content: unknown): number {
  switch (content) {
    case "NaN":
      return Number.NaN;
    case "Infinity":
      return Number.POSITIVE_INFINITY;
    case "-Infinity":
      return Number.NEGATIVE_INFINITY;
    case "-0":
      return -0;
    default:
      throw malformed("a number's name is unknown");
  }
}

function decodeBytes(content: unknown): Uint8Array {
  if (typeof content !== "string") throw malformed("bytes are not base64 text");
  let binary: string;
  try {
    binary = atob(content);
  } catch (cause) {
    throw malformed("bytes are not base64 text", cause);
  }
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < binary.length; index++) bytes[index] = binary.charCodeAt(index);
  return bytes;
}

function decodeDate(content: unknown): Date {
  if (content !== null && typeof content !== "number") throw malformed("a date is not a number of milliseconds");
  return new Date(content ?? Number.NaN);
}

function decodeOpaque(content: unknown): OpaqueValue {
  const [opaque, text] = list(content);
  if (typeof opaque !== "string" || typeof text !== "string") throw malformed("an opaque value is not a pair of texts");
  return Object.freeze({ opaque, text });
}

function list(content: unknown): readonly unknown[] {
  if (!Array.isArray(content)) throw malformed("a tag's content is not a list");
  return content;
}

function malformed(why: string, cause?: unknown): WardianError {
  return new WardianError("invalid-value", `Cannot decode the guest's value: ${why}`, { cause });
}
