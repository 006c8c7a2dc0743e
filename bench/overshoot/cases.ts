/** A program that would run far beyond the deadline. */
export interface EndlessCase {
  readonly name: string;
  readonly source: string;
  /** Set if another limit may stop it before the deadline. */
  readonly otherEnd?: string;
  /** It mostly waits: a clock that counts computing never gets to its deadline. */
  readonly waits?: boolean;
}

/** Loops of the language itself, and single calls that an interpreter's interrupt handler never gets to see the middle of. */
export const JAVASCRIPT_CASES: readonly EndlessCase[] = [
  { name: "for (;;);", source: "for (;;);" },
  { name: "Array(1e8).fill", source: "for (;;) new Array(1e8).fill(0)" },
  { name: "BigInt power and toString", source: "(7n ** 3000000n).toString()" },
  { name: "repeat to 400 MB", source: 'for (;;) "ab".repeat(2e8)' },
  { name: "indexOf of 8 seconds", source: '"a".repeat(3e5).indexOf("a".repeat(1e5) + "b")' },
  {
    name: "deep JSON",
    source: 'for (const text = "[".repeat(1e5); ; ) try { JSON.parse(text) } catch {}',
    otherEnd: "limit stack",
  },
  { name: "nested JSON", source: 'for (const text = "[".repeat(500) + "]".repeat(500); ; ) JSON.parse(text)' },
  { name: "long JSON", source: 'const text = "[" + "[1],".repeat(2e6) + "1]"; for (;;) JSON.parse(text)' },
  { name: "holes to a string", source: "for (;;) String(new Array(2e7))" },
  { name: "split and join", source: 'for (const text = "a,".repeat(1e6); ; ) text.split(",").join(";")' },
  { name: "backtracking regular expression", source: '/^(a+)+$/.test("a".repeat(40) + "b")' },
  { name: "normalize", source: 'for (const text = "\\u1e9b\\u0323".repeat(5e5); ; ) text.normalize("NFKD")' },
  { name: "eval of a long source", source: 'for (const text = "1+".repeat(1e6) + "1"; ; ) (0, eval)(text)' },
  {
    name: "sort",
    source: "for (const list = Array.from({ length: 1e6 }, (_, i) => (i * 7919) % 1e6); ; ) [...list].sort()",
  },
  { name: "catch in a loop", source: "for (;;) try { null.x } catch {}" },
  { name: "recursion in a loop", source: "const f = () => f(); for (;;) try { f() } catch {}" },
  { name: "promise jobs for ever", source: "(function next() { Promise.resolve().then(next) })()" },
  { name: "typed array copies", source: "for (const bytes = new Uint8Array(1e8); ; ) bytes.copyWithin(1, 0)" },
];

export const PYTHON_CASES: readonly EndlessCase[] = [
  { name: "while True: pass", source: "while True: pass" },
  { name: "sum(range(10**12))", source: "sum(range(10**12))" },
  {
    name: "recursive SQL",
    source:
      "import sqlite3\nsqlite3.connect(':memory:').execute('with recursive n(i) as (select 1 union all select i + 1 from n) select sum(i) from n').fetchone()",
  },
  {
    name: "except BaseException",
    source: "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
  },
  { name: "10**10**7", source: "10**10**7" },
  { name: "backtracking regular expression", source: "import re\nre.match(r'(a+)+$', 'a' * 40 + 'b')" },
  { name: "'ab' * 10**8", source: "while True: 'ab' * 10**8" },
  { name: "list of 10**8", source: "while True: [0] * 10**7" },
  { name: "list(range)", source: "while True: list(range(10**6))" },
  { name: "int to str", source: "import sys\nsys.set_int_max_str_digits(0)\nstr(7**3000000)" },
  { name: "deep recursion", source: "def f(): f()\nwhile True:\n    try: f()\n    except RecursionError: pass" },
  { name: "sort", source: "values = [(i * 7919) % 1000003 for i in range(300000)]\nwhile True: sorted(values)" },
  {
    name: "in of a long text",
    source: "('a' * 1000000 in 'a' * 999999 + 'b' + 'a' * 999999) or [0 for _ in iter(int, 1)]",
  },
  {
    name: "finally in a generator",
    source: "def g():\n    while True:\n        try: yield 1\n        finally: pass\nfor _ in g(): pass",
  },
  { name: "time.sleep", source: "import time\nwhile True: time.sleep(0.001)", waits: true },
];
