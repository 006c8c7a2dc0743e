import { apply, fromCharCode, SafeTypeError } from "../intrinsics.ts";

const PIECE = 2_048;

/**
 * WHATWG "UTF-8 decode": U+FFFD for each maximal bad sequence, or a TypeError if `fatal`. A byte order mark is dropped unless `keepMark`.
 */
export function decodeUtf8(bytes: Uint8Array, fatal: boolean, keepMark: boolean): string {
  let text = "";
  let units: number[] = [];
  let at = !keepMark && bytes.length >= 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  while (at < bytes.length) {
    if (units.length >= PIECE) {
      text += fromUnits(units);
      units = [];
    }
    const first = bytes[at++] as number;
    if (first < 0x80) {
      units[units.length] = first;
      continue;
    }
    let needed = 0;
    let code = 0;
    let low = 0x80;
    let high = 0xbf;
    if (first >= 0xc2 && first <= 0xdf) {
      needed = 1;
      code = first & 0x1f;
    } else if (first >= 0xe0 && first <= 0xef) {
      needed = 2;
      code = first & 0xf;
      if (first === 0xe0) low = 0xa0;
      if (first === 0xed) high = 0x9f;
    } else if (first >= 0xf0 && first <= 0xf4) {
      needed = 3;
      code = first & 0x7;
      if (first === 0xf0) low = 0x90;
      if (first === 0xf4) high = 0x8f;
    }
    let bad = needed === 0;
    for (; needed > 0; needed--) {
      const next = bytes[at];
      if (next === undefined || next < low || next > high) {
        bad = true;
        break;
      }
      at++;
      code = (code << 6) | (next & 0x3f);
      low = 0x80;
      high = 0xbf;
    }
    if (bad) {
      if (fatal) throw new SafeTypeError("The encoded data was not valid for encoding utf-8");
      units[units.length] = 0xfffd;
    } else if (code < 0x10000) units[units.length] = code;
    else {
      units[units.length] = 0xd800 + ((code - 0x10000) >> 10);
      units[units.length] = 0xdc00 + ((code - 0x10000) & 0x3ff);
    }
  }
  return text + fromUnits(units);
}

function fromUnits(units: readonly number[]): string {
  return apply<undefined, readonly number[], string>(fromCharCode, undefined, units);
}
