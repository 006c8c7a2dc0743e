import type { Secret } from "./secrets.ts";

const encoder = new TextEncoder();

/**
 * Replaces secrets in a stream of bytes, so that a server that echoes its request's headers does not hand them to the
 * guest. Holds back what could be the start of one at the end of a piece. Knows the secret as it was sent only: a
 * server that encodes it (base64, JSON escapes) is beyond this.
 */
export class MaskedBytes {
  readonly #needles: readonly Needle[];
  #held: Uint8Array = new Uint8Array(0);

  constructor(secrets: readonly Secret[]) {
    // The longer first: one secret may begin with another.
    this.#needles = secrets
      .flatMap(({ value, placeholder }) =>
        bytesOf(value).map((find) => ({ find, put: encoder.encode(placeholder), at: 0 })),
      )
      .toSorted((one, other) => other.find.length - one.find.length);
  }

  /** Takes a piece and gives what can go out; `last` lets everything go. */
  push(piece: Uint8Array, last: boolean): Uint8Array {
    if (this.#needles.length === 0) return piece;
    const bytes = concat([this.#held, piece]);
    const out: Uint8Array[] = [];
    let start = 0;
    let at = 0;
    for (const needle of this.#needles) needle.at = -1;
    for (;;) {
      at = this.#nextCandidate(bytes, at);
      const left = bytes.length - at;
      if (left === 0) break;
      // In order of length, so that the start of a longer one is waited for before a shorter one is replaced.
      const needle = this.#needles.find(({ find }) =>
        startsAt(bytes, find.subarray(0, last ? find.length : Math.min(find.length, left)), at),
      );
      if (needle === undefined) at++;
      else if (needle.find.length > left) break;
      else {
        out.push(bytes.subarray(start, at), needle.put);
        at += needle.find.length;
        start = at;
      }
    }
    out.push(bytes.subarray(start, at));
    this.#held = bytes.slice(at);
    return concat(out);
  }

  /** The next byte that any secret begins with, else the end: a native search passes over all others. */
  #nextCandidate(bytes: Uint8Array, from: number): number {
    let nearest = bytes.length;
    for (const needle of this.#needles) {
      // Found before and not yet passed: searching anew from every byte would take a time that grows with the square.
      if (needle.at < from) {
        const found = bytes.indexOf(needle.find[0] ?? 0, from);
        needle.at = found < 0 ? bytes.length : found;
      }
      if (needle.at < nearest) nearest = needle.at;
    }
    return nearest;
  }
}

interface Needle {
  readonly find: Uint8Array;
  readonly put: Uint8Array;
  /** Where in the present bytes its first one comes next. */
  at: number;
}

/** As it may come back: in the bytes of a header, which are Latin-1, and in UTF-8. */
function bytesOf(value: string): readonly Uint8Array[] {
  const utf8 = encoder.encode(value);
  return utf8.length === value.length ? [utf8] : [utf8, Uint8Array.from(value, (letter) => letter.charCodeAt(0))];
}

function startsAt(bytes: Uint8Array, find: Uint8Array, at: number): boolean {
  if (bytes[at] !== find[0] || at + find.length > bytes.length) return false;
  for (let index = 1; index < find.length; index++) if (bytes[at + index] !== find[index]) return false;
  return true;
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
