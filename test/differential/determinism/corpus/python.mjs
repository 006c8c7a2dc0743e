/** Programs by name: each ends with what it computed. */
export const python = {
  arithmetic: "[0.1 + 0.2, 1 / 3, -5 % 3, -5 // 3, 2 ** 0.5, 1e308 * 10, float('nan')]",
  "big integers": "import math\nstr(math.factorial(400)) + str(pow(7, 12345, 10**50)) + str(-(10**60) // 7)",
  mathematics:
    "import math\n[f(x) for f in (math.sin, math.cos, math.tan, math.exp, math.log, math.gamma, math.erf) for x in (0.5, 1.0, 3.7)]",
  "complex numbers": "import cmath\n[str(cmath.exp(1j * k)) for k in range(5)]",
  formats: "[format(x, spec) for x in (1234.5678, -0.000123, 1e22) for spec in ('.3f', 'e', 'g', ',.2f', '>15')]",
  decimals: "from decimal import Decimal, getcontext\ngetcontext().prec = 60\nstr(Decimal(2).sqrt() / Decimal(7))",
  fractions: "from fractions import Fraction\nstr(sum(Fraction(1, n) for n in range(1, 60)))",
  statistics:
    "import statistics\n[statistics.stdev([1, 5, 2, 8]), statistics.median([3, 1, 2]), statistics.NormalDist(0, 1).cdf(1.3)]",
  "hashes of strings": "[hash('abc'), hash(('a', 1.5)), list({'x', 'y', 'z', 'w', 'v'})]",
  "order of sets": "list({str(n * 7919 % 1000) for n in range(300)})[:30]",
  dictionaries: "d = {}\nfor i in range(3000):\n    d[i * 7919 % 1000] = i\nlist(d.items())[:20]",
  addresses: "[id(object()) == id(object()), repr(lambda: 0), hash(object())]",
  random:
    "import random\n[random.random(), random.randint(1, 10**9), random.sample(range(100), 5), random.gauss(0, 1)]",
  "seeded random":
    "import random\nr = random.Random(5)\n[r.random() for _ in range(5)] + [r.choice('abcdef') for _ in range(9)]",
  secrets: "import secrets, os, uuid\n[secrets.token_hex(8), os.urandom(8).hex(), str(uuid.uuid4())]",
  clocks:
    "import time, datetime\nt = time.monotonic(); time.sleep(1.5)\n[time.time(), time.monotonic() - t, str(datetime.datetime.now()), time.tzname]",
  digests:
    "import hashlib\n[hashlib.new(n, b'abc' * 1000).hexdigest() for n in ('sha256', 'sha512', 'md5', 'sha3_256', 'blake2b')]",
  compression: "import zlib, base64\nbase64.b64encode(zlib.compress(b'abcabc' * 500, 6)).decode()",
  json: 'import json\njson.dumps(json.loads(\'{"a": [1, 2.50, 1e3, null], "\\\\u00e9": "x"}\'), indent=1, sort_keys=True)',
  "regular expressions":
    "import re\n[m.groupdict() for m in re.finditer(r'(?P<l>[a-z])(?P<n>\\d+)', 'a1b22c333')] + [re.sub(r'(\\w+) (\\w+)', r'\\2 \\1', 'hello world')]",
  strings: "s = 'ab\\U0001f600ç' * 50\n[len(s), s.upper()[:9], s.encode()[:12].hex(), s.casefold().count('ç')]",
  unicode: "import unicodedata\n[unicodedata.normalize('NFD', 'çé').encode().hex(), unicodedata.name('é')]",
  iterators:
    "import itertools\n[list(itertools.permutations('abcd', 2))[:6], list(itertools.accumulate(range(20))), sum(1 for _ in itertools.combinations(range(15), 4))]",
  "data classes":
    "from dataclasses import dataclass, asdict\n@dataclass(order=True)\nclass P:\n    x: int\n    y: float = 1.5\nsorted([P(2), P(1, 3.0)]), asdict(P(7))",
  generators:
    "def fib():\n    a, b = 0, 1\n    while True:\n        yield a\n        a, b = b, a + b\ng = fib()\n[next(g) for _ in range(90)][-1]",
  asyncio:
    "import asyncio\norder = []\nasync def work(n):\n    await asyncio.sleep(n / 10)\n    order.append(n)\nawait asyncio.gather(*[work(n) for n in (3, 1, 2)])\norder",
  sqlite:
    "import sqlite3\nc = sqlite3.connect(':memory:')\nc.execute('create table t (a, b)')\nc.executemany('insert into t values (?, ?)', [(n, n * n % 17) for n in range(200)])\nc.execute('select b, count(*), avg(a) from t group by b order by b').fetchall()",
  pickles: "import pickle\npickle.dumps({'a': [1, 2, (3, None)], 'b': 1.5}).hex()",
  sorting:
    "import heapq\nxs = [n * 7919 % 1009 for n in range(1000)]\n[sorted(xs)[::100], heapq.nsmallest(5, xs), sorted(xs, key=lambda x: x % 10)[:12]]",
  garbage:
    "import gc\nclass N: pass\nfor i in range(5000):\n    a, b = N(), N()\n    a.b, b.a = b, a\ngc.collect() >= 0",
  sieve:
    "n = 30000\np = bytearray([1]) * (n + 1)\nfor i in range(2, 174):\n    if p[i]: p[i*i::i] = bytes(len(range(i*i, n + 1, i)))\nsum(p[2:])",
  "an error with its place": "def f(x):\n    return 1 / x\nf(0)",
  "recursion without end": "def f(n):\n    return f(n + 1) + 1\nf(0)",
  "more memory than there is": "all = []\nwhile True: all.append(bytearray(10**6))",
  "fuel without end": "n = 0\nwhile True: n += 1",
  output: "import sys\nfor i in range(100): print('line', i, {'i': i})\nprint('done', file=sys.stderr)",
  files:
    "import os\nos.mkdir('/tmp/a')\nfor i in range(20):\n    with open(f'/tmp/a/{i}', 'w') as f: f.write('x' * i)\n[sorted(os.listdir('/tmp/a')), os.stat('/tmp/a/7').st_mtime]",
};
