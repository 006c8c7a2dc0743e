/** A JavaScript program: `setup` defines `run`, which returns a number and takes about 20 ms for `size`. */
export interface JavaScriptProgram {
  readonly name: string;
  readonly setup: string;
  readonly size: number;
  readonly smokeSize: number;
}

/** One program for each kind of work that an interpreter does in another part of its code. */
export const JAVASCRIPT_PROGRAMS: readonly JavaScriptProgram[] = [
  {
    name: "recursion",
    size: 22,
    smokeSize: 8,
    setup: `function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
globalThis.run = (size) => fib(size);`,
  },
  {
    name: "number loop",
    size: 400_000,
    smokeSize: 100,
    setup: `globalThis.run = (size) => {
  let sum = 0, seed = 1;
  for (let i = 0; i < size; i++) { seed = (seed * 48271) % 2147483647; if (seed & 1) sum += seed % 1000; else sum -= i & 7; }
  return sum;
};`,
  },
  {
    name: "objects",
    size: 25_000,
    smokeSize: 50,
    setup: `class Point { constructor(x, y) { this.x = x; this.y = y; } add(other) { return new Point(this.x + other.x, this.y + other.y); } }
globalThis.run = (size) => {
  let point = new Point(0, 0);
  const bag = {};
  for (let i = 0; i < size; i++) { point = point.add({ x: i, y: 1 }); bag["k" + (i % 97)] = point.y; }
  let sum = point.x;
  for (const key in bag) sum += bag[key];
  return sum;
};`,
  },
  {
    name: "strings",
    size: 12_000,
    smokeSize: 50,
    setup: `globalThis.run = (size) => {
  const parts = [];
  for (let i = 0; i < size; i++) parts.push(\`item \${i}: \${"abc".repeat(i % 5)}\`);
  const text = parts.join("; ");
  let hash = 0;
  for (const part of text.split("; ")) hash = (hash * 31 + part.charCodeAt(part.length - 1) + part.toUpperCase().indexOf("A")) | 0;
  return hash + text.length;
};`,
  },
  {
    name: "regular expressions",
    size: 900,
    smokeSize: 10,
    setup: `const line = "2024-05-17T10:11:12Z level=info user=alice@example.com path=/a/b/c?x=1&y=22 took=15ms";
globalThis.run = (size) => {
  let found = 0;
  for (let i = 0; i < size; i++) {
    if (/(\\d{4})-(\\d\\d)-(\\d\\d)T/.exec(line)) found++;
    found += line.replace(/(\\w+)=(\\S+)/g, "$2:$1").length;
    if (/^(?:.*?\\s)?user=([^@\\s]+)@((?:\\w+\\.)+\\w+)/i.test(line)) found++;
  }
  return found;
};`,
  },
  {
    name: "JSON",
    size: 60,
    smokeSize: 1,
    setup: `const record = { id: 1, name: "widget", tags: ["a", "b", "c"], price: 12.5, nested: { on: true, off: null, deep: [1, 2, { x: "\\u00e9" }] } };
const list = Array.from({ length: 40 }, (_, i) => ({ ...record, id: i }));
globalThis.run = (size) => {
  let total = 0;
  for (let i = 0; i < size; i++) { const text = JSON.stringify(list); total += text.length + JSON.parse(text)[i % 40].id; }
  return total;
};`,
  },
  {
    name: "sort with a comparator",
    size: 9_000,
    smokeSize: 50,
    setup: `globalThis.run = (size) => {
  const values = [];
  let seed = 7;
  for (let i = 0; i < size; i++) { seed = (seed * 16807) % 2147483647; values.push({ key: seed % 10007, at: i }); }
  values.sort((a, b) => a.key - b.key || a.at - b.at);
  return values[0].at + values[size >> 1].at * 3 + values[size - 1].at * 7;
};`,
  },
  {
    name: "typed arrays",
    size: 60_000,
    smokeSize: 100,
    setup: `globalThis.run = (size) => {
  const bytes = new Uint8Array(size), table = new Int32Array(256);
  for (let i = 0; i < size; i++) bytes[i] = (i * 31) ^ (i >> 3);
  for (let i = 0; i < size; i++) table[bytes[i]]++;
  const floats = new Float64Array(size);
  for (let i = 1; i < size; i++) floats[i] = floats[i - 1] * 0.5 + table[bytes[i]];
  return Math.floor(floats[size - 1] * 1000);
};`,
  },
  {
    name: "BigInt",
    size: 340,
    smokeSize: 20,
    setup: `globalThis.run = (size) => {
  let product = 1n, sum = 0n;
  for (let i = 1; i <= size; i++) { product *= BigInt(i); sum += product % 1000000007n; }
  return Number(sum % 1000003n) + product.toString().length + (2n ** 900n % 97n === 1n ? 1 : 0);
};`,
  },
  {
    name: "closures and maps",
    size: 25_000,
    smokeSize: 50,
    setup: `globalThis.run = (size) => {
  const counts = new Map(), seen = new Set();
  const adders = [1, 2, 3].map((step) => (value) => value + step);
  let value = 0;
  for (let i = 0; i < size; i++) {
    value = adders[i % 3](value) % 5003;
    counts.set(value, (counts.get(value) ?? 0) + 1);
    seen.add("s" + (value & 63));
  }
  return [...counts.values()].reduce((sum, count) => sum + count * count, 0) + seen.size;
};`,
  },
  {
    name: "generators and destructuring",
    size: 12_000,
    smokeSize: 50,
    setup: `function* pairs(n) { for (let i = 0; i < n; i++) yield [i, { half: i >> 1, rest: [i & 3, i & 5] }]; }
globalThis.run = (size) => {
  let sum = 0;
  for (const [i, { half, rest: [a, ...more] }] of pairs(size)) { try { if (i % 50 === 49) throw new RangeError("x"); sum += half + a + more[0]; } catch (e) { sum -= e.message.length; } }
  return sum;
};`,
  },
];
