import type { PythonProgram } from "../python/programs.ts";

/** Programs that spend their time in calls of the host. */
export const HOST_PROGRAMS: readonly PythonProgram[] = [
  {
    name: "small files",
    size: 20,
    smokeSize: 1,
    setup: `
import os
def run(size):
    total = 0
    for i in range(size):
        name = f"/work/{i}.txt"
        with open(name, "w") as file:
            file.write("fern" * 100)
        with open(name) as file:
            total += len(file.read())
        total += os.stat(name).st_size
        os.remove(name)
    return total`,
  },
  {
    name: "a large file",
    size: 8,
    smokeSize: 1,
    setup: `
def run(size):
    with open("/work/large", "wb") as file:
        for _ in range(size):
            file.write(bytes(65536))
    with open("/work/large", "rb") as file:
        return sum(len(piece) for piece in iter(lambda: file.read(65536), b""))`,
  },
  {
    name: "a tree of files",
    size: 3,
    smokeSize: 1,
    setup: `
import os
def run(size):
    for i in range(20):
        os.makedirs(f"/work/tree/{i}", exist_ok=True)
        if not os.path.exists(f"/work/tree/{i}/leaf"):
            open(f"/work/tree/{i}/leaf", "w").close()
    return sum(len(files) + len(folders) for _ in range(size) for _, folders, files in os.walk("/work/tree"))`,
  },
  {
    name: "a database",
    size: 10,
    smokeSize: 1,
    setup: `
import sqlite3
def run(size):
    db = sqlite3.connect("/work/bench.db")
    db.execute("drop table if exists t")
    db.execute("create table t (a, b)")
    for i in range(size):
        with db:
            db.execute("insert into t values (?, ?)", (i, str(i)))
    total = db.execute("select sum(a) from t").fetchone()[0]
    db.close()
    return total`,
  },
  {
    name: "tool calls",
    size: 100,
    smokeSize: 2,
    setup: `
from wardian import tools
def run(size):
    return sum(tools.add(a=i, b=1) for i in range(size))`,
  },
  {
    name: "clock",
    size: 1_000,
    smokeSize: 10,
    setup: `
import time
def run(size):
    return sum(time.time() > 0 for _ in range(size))`,
  },
];
