/** Programs by name: each ends with what it computed. */
export const javascript = {
  arithmetic: "[0.1 + 0.2, 1 / 3, 5 % -3, -5 % 3, 2 ** 53 + 1, 1e308 * 10, 0 / 0].map(String)",
  trigonometry: "[0.5, 1, 1e6].flatMap((x) => [Math.sin(x), Math.cos(x), Math.tan(x), Math.atan2(x, 3)])",
  exponentials:
    "[0.1, 2, 30].flatMap((x) => [Math.exp(x), Math.log(x), Math.log1p(x), Math.cbrt(x), Math.sinh(x), x ** 0.37])",
  rounding:
    "[2.5, 3.5, -2.5, 1e21, 0.000001234].flatMap((x) => [Math.round(x), Math.fround(x), x.toFixed(3), x.toPrecision(4), x.toString(7)])",
  bigints: "let f = 1n; for (let i = 1n; i < 300n; i++) f *= i; String(f)",
  "bigint division": "let a = 7n ** 400n; [a / 13n ** 90n, a % 1_000_000_007n, a >> 700n].map(String)",
  strings:
    "let s = 'ab\\u{1f600}ç'.repeat(50); [s.length, [...s].length, s.normalize('NFD').length, s.toUpperCase(), s.indexOf('ça')]",
  "string building": "let s = ''; for (let i = 0; i < 3000; i++) s += i.toString(36); s.length + s.slice(-20)",
  regex: "[...'a1b22c333'.matchAll(/(?<l>[a-z])(?<n>\\d+)/g)].map((m) => [m.index, m.groups.l, m.groups.n])",
  "regex that backtracks": "/^(a+)+$/.test('a'.repeat(18) + 'b')",
  "sort is stable":
    "Array.from({ length: 500 }, (_, i) => [i % 7, i]).sort((a, b) => a[0] - b[0]).map(String).join('|')",
  "order of keys": "let o = {}; for (const k of ['b', 2, 'a', 1, '__proto__x', 10]) o[k] = k; Object.keys(o)",
  "maps and sets":
    "let m = new Map(); for (let i = 0; i < 2000; i++) m.set('k' + (i * 7919) % 1000, i); [...m].slice(0, 20)",
  json: 'JSON.stringify(JSON.parse(\'{"a":[1,2.50,1e3,null,true],"\\u00e9":"\\ud800"}\'), null, 1)',
  dates:
    "[new Date().toISOString(), new Date(2024, 1, 30).toISOString(), Date.UTC(2000, 0), new Date(0).getTimezoneOffset(), String(new Date(1e12))]",
  random: "Array.from({ length: 20 }, Math.random)",
  uuid: "[crypto.randomUUID(), crypto.getRandomValues(new Uint8Array(16)).join()]",
  timers:
    "let order = []; for (const ms of [30, 10, 20]) setTimeout(() => order.push(ms), ms); await new Promise((r) => setTimeout(r, 50)); order",
  promises:
    "let order = []; await Promise.all([1, 2, 3].map(async (n) => { order.push(n); await null; order.push(-n); })); order",
  generators:
    "function* fib() { let [a, b] = [0, 1]; for (;;) { yield a; [a, b] = [b, a + b]; } } let out = []; for (const x of fib()) { if (x > 1e9) break; out.push(x); } out",
  closures: "let fs = []; for (let i = 0; i < 200; i++) fs.push((x) => x * i); fs.reduce((sum, f) => sum + f(3), 0)",
  classes:
    "class A { #n = 1; get n() { return this.#n++; } static { A.made = 'yes'; } } let a = new A(); [a.n, a.n, A.made]",
  proxies:
    "let log = []; let p = new Proxy({}, { get: (_, k) => (log.push(String(k)), 1), has: () => true }); 'x' in p; p.a + p.b; log",
  "typed arrays": "let f = new Float64Array([1.5, -0, NaN]); [...new Uint8Array(f.buffer)].join()",
  garbage:
    "let keep = []; for (let i = 0; i < 20000; i++) { let o = { i, next: { i } }; o.next.back = o; if (i % 1000 === 0) keep.push(o); } keep.length",
  sieve:
    "let n = 50000, p = new Uint8Array(n + 1), c = 0; for (let i = 2; i <= n; i++) { if (!p[i]) { c++; for (let j = i * i; j <= n; j += i) p[j] = 1; } } c",
  matrix:
    "let n = 40, a = Array.from({ length: n * n }, (_, i) => Math.sqrt(i)), s = 0; for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) for (let k = 0; k < n; k++) s += a[i * n + k] * a[k * n + j]; s",
  "an error with its place": "function f() { null.x } f()",
  "recursion without end": "(function f(n) { return f(n + 1) + 1; })(0)",
  "recursion in C": "JSON.parse('['.repeat(20000))",
  "more memory than there is": "let all = []; for (;;) all.push(new Uint8Array(1e6).fill(all.length))",
  "fuel without end": "for (let i = 0; ; i++) i ^ 7",
  output: "for (let i = 0; i < 100; i++) console.log('line', i, { i }); console.error('done')",
  files:
    "const fs = await import('node:fs'); fs.mkdirSync('/tmp/a'); for (let i = 0; i < 20; i++) fs.writeFileSync('/tmp/a/' + i, 'x'.repeat(i)); [fs.readdirSync('/tmp/a'), fs.statSync('/tmp/a/7').mtimeMs]",
};
