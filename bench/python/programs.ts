/** A Python program: `setup` defines `run`, which returns a number and takes about 25 ms for `size`. */
export interface PythonProgram {
  readonly name: string;
  readonly setup: string;
  readonly size: number;
  readonly smokeSize: number;
}

/** One program for each kind of work that CPython does in another part of its code. */
export const PYTHON_PROGRAMS: readonly PythonProgram[] = [
  {
    name: "recursion",
    size: 20,
    smokeSize: 8,
    setup: `
def run(n):
    return n if n < 2 else run(n - 1) + run(n - 2)`,
  },
  {
    name: "integer loop",
    size: 150_000,
    smokeSize: 100,
    setup: `
def run(size):
    total, seed = 0, 1
    for i in range(size):
        seed = (seed * 48271) % 2147483647
        if seed & 1:
            total += seed % 1000
        else:
            total -= i & 7
    return total`,
  },
  {
    name: "objects",
    size: 25_000,
    smokeSize: 50,
    setup: `
class Point:
    def __init__(self, x, y):
        self.x = x
        self.y = y
    def __add__(self, other):
        return Point(self.x + other.x, self.y + other.y)
def run(size):
    point, step = Point(0, 0), Point(1, 2)
    for _ in range(size):
        point = point + step
    return point.x * 31 + point.y`,
  },
  {
    name: "dictionaries and comprehensions",
    size: 25_000,
    smokeSize: 50,
    setup: `
def run(size):
    squares = {i: i * i for i in range(size)}
    groups = {}
    for key, value in squares.items():
        groups.setdefault(value % 97, []).append(key)
    return sum(len(group) * group[-1] for group in groups.values()) + len({key % 1009 for key in squares})`,
  },
  {
    name: "strings",
    size: 12_000,
    smokeSize: 50,
    setup: `
def run(size):
    text = "; ".join(f"item {i}: {'abc' * (i % 5)}" for i in range(size))
    return sum(len(part.upper().strip("ITEM").replace("A", "xy")) for part in text.split("; ")) + text.count("ca")`,
  },
  {
    name: "regular expressions",
    size: 700,
    smokeSize: 10,
    setup: `
import re
line = "2024-05-17T10:11:12Z level=info user=alice@example.com path=/a/b/c?x=1&y=22 took=15ms"
date = re.compile(r"(\\d{4})-(\\d\\d)-(\\d\\d)T")
pairs = re.compile(r"(\\w+)=(\\S+)")
user = re.compile(r"^(?:.*?\\s)?user=([^@\\s]+)@((?:\\w+\\.)+\\w+)", re.I)
def run(size):
    found = 0
    for _ in range(size):
        found += date.match(line) is not None
        found += len(pairs.sub(r"\\2:\\1", line))
        found += user.match(line).end()
    return found`,
  },
  {
    name: "JSON",
    size: 50,
    smokeSize: 1,
    setup: `
import json
record = {"id": 1, "name": "widget", "tags": ["a", "b", "c"], "price": 12.5, "nested": {"on": True, "off": None, "deep": [1, 2, {"x": "\\u00e9"}]}}
records = [{**record, "id": i} for i in range(60)]
def run(size):
    total = 0
    for i in range(size):
        text = json.dumps(records)
        total += len(text) + json.loads(text)[i % 60]["id"]
    return total`,
  },
  {
    name: "sort with a key",
    size: 25_000,
    smokeSize: 50,
    setup: `
def run(size):
    values, seed = [], 7
    for i in range(size):
        seed = (seed * 16807) % 2147483647
        values.append((seed % 10007, i))
    values.sort(key=lambda pair: (pair[0], -pair[1]))
    return values[0][1] + values[size // 2][1] * 3 + values[-1][1] * 7`,
  },
  {
    name: "big integers",
    size: 700,
    smokeSize: 20,
    setup: `
def run(size):
    product, total = 1, 0
    for i in range(1, size):
        product *= i
        total += product % 1000000007
    return total % 1000003 + len(str(product)) + pow(3, 10**200, 10**60 + 7) % 1000`,
  },
  {
    name: "generators and exceptions",
    size: 30_000,
    smokeSize: 50,
    setup: `
def pairs(n):
    for i in range(n):
        yield i, {"half": i >> 1, "rest": (i & 3, i & 5)}
def run(size):
    total = 0
    for i, item in pairs(size):
        try:
            if i % 50 == 49:
                raise ValueError("x")
            total += item["half"] + item["rest"][1]
        except ValueError as error:
            total -= len(str(error))
    return total`,
  },
  {
    name: "floating point",
    size: 60_000,
    smokeSize: 50,
    setup: `
import math
def run(size):
    x, total = 0.5, 0.0
    for i in range(size):
        x = 3.9 * x * (1.0 - x)
        total += math.sqrt(x) * math.sin(i) if x > 0.5 else abs(x) ** 1.5
    return math.floor(total * 1e6)`,
  },
  {
    name: "SQLite",
    size: 2_500,
    smokeSize: 20,
    setup: `
import sqlite3
def run(size):
    with sqlite3.connect(":memory:") as db:
        db.execute("create table item (id integer primary key, kind integer, name text)")
        db.executemany("insert into item values (?, ?, ?)", ((i, i % 13, f"name {i}") for i in range(size)))
        rows = db.execute("select kind, count(*), sum(length(name)) from item where name like '%1%' group by kind order by 2 desc, 1").fetchall()
    db.close()
    return sum(kind * count + length for kind, count, length in rows)`,
  },
];
