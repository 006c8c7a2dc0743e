/** Domain names to ASCII: lower case, NFC and Punycode (RFC 3492). Of UTS 46's mapping tables only what `normalize("NFKC")` does. */

const BASE = 36;
const T_MIN = 1;
const T_MAX = 26;
const SKEW = 38;
const DAMP = 700;
const INITIAL_BIAS = 72;
const INITIAL_N = 128;

/** Undefined for a name that has no ASCII form. */
export function toPunycode(domain: string): string | undefined {
  const mapped = domain
    .replace(/[\u3002\uff0e\uff61]/g, ".")
    .replace(/[\u00ad\u200b\u2060\ufeff]/g, "")
    .normalize("NFKC")
    .toLowerCase();
  const labels: string[] = [];
  for (const label of mapped.split(".")) {
    // eslint-disable-next-line no-control-regex
    const encoded = /^[\0-\x7f]*$/.test(label) ? label : encodeLabel(label);
    if (encoded === undefined) return undefined;
    labels.push(encoded);
  }
  return labels.join(".");
}

function encodeLabel(label: string): string | undefined {
  const points = Array.from(label, (letter) => letter.codePointAt(0) ?? 0);
  if (points.some((point) => point >= 0xd800 && point <= 0xdfff)) return undefined;
  const basic = points.filter((point) => point < 128);
  let output = basic.map((point) => String.fromCharCode(point)).join("");
  let handled = basic.length;
  if (handled > 0) output += "-";
  let n = INITIAL_N;
  let delta = 0;
  let bias = INITIAL_BIAS;
  while (handled < points.length) {
    const next = points.reduce(
      (lowest, point) => (point >= n && point < lowest ? point : lowest),
      Number.POSITIVE_INFINITY,
    );
    delta += (next - n) * (handled + 1);
    if (delta > 0x7fffffff) return undefined;
    n = next;
    for (const point of points) {
      if (point < n) delta++;
      if (point !== n) continue;
      let q = delta;
      for (let k = BASE; ; k += BASE) {
        const t = k <= bias ? T_MIN : k >= bias + T_MAX ? T_MAX : k - bias;
        if (q < t) break;
        output += digit(t + ((q - t) % (BASE - t)));
        q = Math.floor((q - t) / (BASE - t));
      }
      output += digit(q);
      bias = adapt(delta, handled + 1, handled === basic.length);
      delta = 0;
      handled++;
    }
    delta++;
    n++;
  }
  return `xn--${output}`;
}

function adapt(delta: number, points: number, first: boolean): number {
  let value = first ? Math.floor(delta / DAMP) : delta >> 1;
  value += Math.floor(value / points);
  let k = 0;
  for (; value > ((BASE - T_MIN) * T_MAX) >> 1; k += BASE) value = Math.floor(value / (BASE - T_MIN));
  return k + Math.floor(((BASE - T_MIN + 1) * value) / (value + SKEW));
}

function digit(value: number): string {
  return String.fromCharCode(value < 26 ? value + 97 : value + 22);
}
