/** Hosts of URLs: WHATWG URL, sections 3.5 to 3.10 (host parsing and serialising). */
import { decodePercent, encodePercent, isC0Control } from "./url-encode.ts";
import { toPunycode } from "./punycode.ts";

const FORBIDDEN_HOST = /[\0\t\n\r #/:<>?@[\\\]^|]/;
// eslint-disable-next-line no-control-regex
const FORBIDDEN_DOMAIN = /[\0-\x20"#%/:<>?@[\\\]^`{|}\x7f]/;

/** The serialised host; undefined for a failure. */
export function parseHost(input: string, special: boolean): string | undefined {
  if (input.startsWith("[")) {
    if (!input.endsWith("]")) return undefined;
    const pieces = parseIpv6(input.slice(1, -1));
    return pieces === undefined ? undefined : `[${serializeIpv6(pieces)}]`;
  }
  if (!special) return FORBIDDEN_HOST.test(input) ? undefined : encodePercent(input, isC0Control);
  const domain = decodePercent(input);
  const ascii = toPunycode(domain);
  if (ascii === undefined || ascii === "" || FORBIDDEN_DOMAIN.test(ascii)) return undefined;
  if (!endsInNumber(ascii)) return ascii;
  const address = parseIpv4(ascii);
  return address === undefined
    ? undefined
    : [address >>> 24, (address >>> 16) & 255, (address >>> 8) & 255, address & 255].join(".");
}

function endsInNumber(host: string): boolean {
  const parts = host.split(".");
  if (parts[parts.length - 1] === "") {
    if (parts.length === 1) return false;
    parts.pop();
  }
  const last = parts[parts.length - 1] ?? "";
  return /^\d+$/.test(last) || parseIpv4Number(last) !== undefined;
}

function parseIpv4Number(text: string): number | undefined {
  if (text === "") return undefined;
  if (/^0x[\da-f]*$/i.test(text)) return text.length === 2 ? 0 : Number.parseInt(text.slice(2), 16);
  if (/^0[0-7]*$/.test(text)) return text === "0" ? 0 : Number.parseInt(text, 8);
  return /^[1-9]\d*$/.test(text) ? Number(text) : undefined;
}

function parseIpv4(host: string): number | undefined {
  const parts = host.split(".");
  if (parts[parts.length - 1] === "" && parts.length > 1) parts.pop();
  if (parts.length > 4) return undefined;
  const numbers: number[] = [];
  for (const part of parts) {
    const number = parseIpv4Number(part);
    if (number === undefined) return undefined;
    numbers.push(number);
  }
  const last = numbers.pop() ?? 0;
  if (numbers.some((number) => number > 255) || last >= 256 ** (4 - numbers.length)) return undefined;
  return numbers.reduce((sum, number, index) => sum + number * 256 ** (3 - index), last);
}

function parseIpv6(input: string): number[] | undefined {
  const address = [0, 0, 0, 0, 0, 0, 0, 0];
  let piece = 0;
  let compress: number | undefined;
  let at = 0;
  if (input[at] === ":") {
    if (input[at + 1] !== ":") return undefined;
    at += 2;
    compress = ++piece;
  }
  while (at < input.length) {
    if (piece === 8) return undefined;
    if (input[at] === ":") {
      if (compress !== undefined) return undefined;
      at++;
      compress = ++piece;
      continue;
    }
    let value = 0;
    let length = 0;
    while (length < 4 && /[\da-f]/i.test(input[at] ?? "")) {
      value = value * 16 + Number.parseInt(input[at++] ?? "", 16);
      length++;
    }
    if (input[at] === ".") {
      if (length === 0 || piece > 6) return undefined;
      const tail = input.slice(at - length);
      if (!/^(?:0|[1-9]\d{0,2})(?:\.(?:0|[1-9]\d{0,2})){3}$/.test(tail)) return undefined;
      const bytes = tail.split(".").map(Number);
      if (bytes.some((byte) => byte > 255)) return undefined;
      address[piece++] = (bytes[0] ?? 0) * 256 + (bytes[1] ?? 0);
      address[piece++] = (bytes[2] ?? 0) * 256 + (bytes[3] ?? 0);
      at = input.length;
      break;
    }
    if (input[at] === ":") {
      at++;
      if (at >= input.length) return undefined;
    } else if (at < input.length) return undefined;
    address[piece++] = value;
  }
  if (compress !== undefined) {
    const swaps = piece - compress;
    const tail = address.splice(compress, swaps);
    while (address.length < 8 - tail.length) address.splice(compress, 0, 0);
    address.push(...tail);
    return address.slice(0, 8);
  }
  return piece === 8 ? address : undefined;
}

function serializeIpv6(pieces: readonly number[]): string {
  let best = -1;
  let bestLength = 1;
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (start + length < 8 && pieces[start + length] === 0) length++;
    if (length > bestLength) {
      best = start;
      bestLength = length;
    }
  }
  let text = "";
  for (let index = 0; index < 8; index++) {
    if (index === best) {
      text += index === 0 ? "::" : ":";
      index += bestLength - 1;
      continue;
    }
    text += (pieces[index] ?? 0).toString(16);
    if (index < 7) text += ":";
  }
  return text;
}
