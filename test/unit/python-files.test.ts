import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { memoryDirectory } from "../../src/capabilities/files/memory/memory-directory.ts";
import { ON_COMPONENT, PythonSandbox } from "../support/python-sandbox.ts";

let sandbox: PythonSandbox;
beforeAll(async () => {
  sandbox = await PythonSandbox.create({
    files: {
      "/data": memoryDirectory({
        mode: "read-only",
        files: { "a.txt": "alpha\nbeta\n", "sub/b.bin": Uint8Array.of(0, 255) },
      }),
      "/work": memoryDirectory({ maxBytes: 5e6 }),
    },
  });
});
afterAll(() => sandbox.close());

describe("files in Python", () => {
  it.each<[string, string, unknown]>([
    [
      "reads text and bytes",
      "open('/data/a.txt').read(), open('/data/sub/b.bin', 'rb').read()",
      ["alpha\nbeta\n", Uint8Array.of(0, 255)],
    ],
    [
      "writes, appends, seeks, truncates",
      "f = open('/work/f', 'w+'); f.write('hello'); f.seek(0); r = [f.read(2)]; f.truncate(3); f.close()\nopen('/work/f', 'a').write('!'); r + [open('/work/f').read()]",
      ["he", "hel!"],
    ],
    [
      "appends at the end after a seek",
      "f = open('/work/ap', 'ab+'); f.write(b'1'); f.seek(0); f.write(b'2'); f.seek(0); f.read()",
      Uint8Array.of(0x31, 0x32),
    ],
    [
      "creates exclusively",
      "open('/work/x', 'x').close()\ntry: open('/work/x', 'x')\nexcept FileExistsError: r = 'there'\nr",
      "there",
    ],
    [
      "lists and walks",
      "import os; os.makedirs('/work/t/u'); open('/work/t/f', 'w').close()\n[(p, d, f) for p, d, f in os.walk('/work/t')]",
      [
        ["/work/t", ["u"], ["f"]],
        ["/work/t/u", [], []],
      ],
    ],
    [
      "has stat and access",
      "import os, stat; s = os.stat('/data/a.txt'); [s.st_size, stat.S_ISREG(s.st_mode), stat.filemode(os.stat('/work').st_mode), os.access('/data/a.txt', os.W_OK)]",
      [11, true, "drwxr-xr-x", false],
    ],
    [
      "renames, replaces, removes",
      "import os; open('/work/o', 'w').write('o'); os.rename('/work/o', '/work/p'); os.replace('/work/p', '/work/q'); r = open('/work/q').read(); os.remove('/work/q'); r, os.path.exists('/work/q')",
      ["o", false],
    ],
    [
      "resolves names from the working directory and from descriptors",
      "import os; os.chdir('/data'); d = os.open('/data/sub', os.O_RDONLY); r = [open('a.txt').readline(), os.getcwd(), os.path.exists('../data/a.txt'), os.read(os.open('b.bin', os.O_RDONLY, dir_fd=d), 9)]; os.fchdir(d); r += [os.getcwd()]; os.chdir('/'); r",
      ["alpha\n", "/data", true, Uint8Array.of(0, 255), "/data/sub"],
    ],
    [
      "keeps times",
      "import os; open('/work/time', 'w').close(); os.utime('/work/time', (1, 1_700_000_000.5)); os.stat('/work/time').st_mtime",
      1_700_000_000.5,
    ],
    [
      "copies trees",
      "import shutil, os; shutil.copytree('/data', '/work/copy'); shutil.rmtree('/work/copy/sub'); sorted(os.listdir('/work/copy'))",
      ["a.txt"],
    ],
    [
      "maps files",
      "import mmap\nf = open('/work/map', 'w+b'); f.write(b'x' * 100); f.flush()\nm = mmap.mmap(f.fileno(), 100); m[0:3] = b'abc'; m.flush(); m.close(); f.seek(0); f.read(5)",
      new TextEncoder().encode("abcxx"),
    ],
    [
      "keeps a private map to itself",
      "import mmap\nf = open('/work/priv', 'w+b'); f.write(b'x' * 9); f.flush()\nm = mmap.mmap(f.fileno(), 9, access=mmap.ACCESS_COPY); m[0:1] = b'!'; m.close(); f.seek(0); f.read(2)",
      new TextEncoder().encode("xx"),
    ],
    [
      "holds a database",
      "import sqlite3; c = sqlite3.connect('/work/d.db'); c.execute('create table t(a)'); c.executemany('insert into t values(?)', [(1,), (2,)]); c.commit(); c.close()\nsqlite3.connect('/work/d.db').execute('select sum(a) from t').fetchone()",
      [3],
    ],
    [
      "packs archives",
      "import zipfile, io; z = zipfile.ZipFile('/work/z.zip', 'w', zipfile.ZIP_DEFLATED); z.writestr('n', 'x' * 999); z.close(); zipfile.ZipFile('/work/z.zip').read('n')[:2]",
      new TextEncoder().encode("xx"),
    ],
    [
      "has temporary files",
      "import tempfile, os\nwith tempfile.TemporaryDirectory() as d:\n  open(d + '/f', 'w').write('t'); r = os.listdir(d)\nr, d.startswith('/tmp/'), os.path.exists(d)",
      [["f"], true, false],
    ],
    [
      "has pipes and select",
      "import os, select; r, w = os.pipe(); before = select.select([r], [], [], 0)[0]; os.write(w, b'hey'); [before, select.select([r], [], [], 0)[0] == [r], os.read(r, 9), os.close(w), os.read(r, 9)]",
      [[], true, new TextEncoder().encode("hey"), null, new Uint8Array(0)],
    ],
    [
      "shares a position between duplicates",
      "import os; f = os.open('/data/a.txt', os.O_RDONLY); g = os.dup(f); os.read(f, 6); os.read(g, 4)",
      new TextEncoder().encode("beta"),
    ],
    [
      "has devices",
      "open('/dev/null', 'w').write('x'), open('/dev/null').read(), len(open('/dev/urandom', 'rb').read(5))",
      [1, "", 5],
    ],
    [
      "reads at a place",
      "import os; os.pread(os.open('/data/a.txt', os.O_RDONLY), 4, 6)",
      new TextEncoder().encode("beta"),
    ],
    [
      "has names that are only names",
      "import os; open('/work/__proto__', 'w').write('p'); open('/work/é\\u4e2d 🐍', 'w').close(); [n for n in os.listdir('/work') if ord(n[0]) > 94 and n[-1] in '_🐍'], open('/work/__proto__').read()",
      [["__proto__", "é中 🐍"], "p"],
    ],
    [
      "tells a full disc",
      "try:\n  open('/work/big', 'wb').write(b'0' * 10**7)\nexcept OSError as e: r = e.strerror in ('No space left on device', 'File too large')\nr",
      true,
    ],
    ["does not say what disc the host has", "import shutil; u = shutil.disk_usage('/'); u.total > 0", true],
  ])("%s", async (_name, source, value) => {
    expect(await sandbox.value(source)).toEqual(value);
  });

  // WASI has no links to absolute paths.
  it.skipIf(ON_COMPONENT)("follows links inside the tree", async () => {
    const source =
      "import os; os.symlink('/data/a.txt', '/work/l'); os.symlink('nowhere', '/work/m')\n[os.readlink('/work/l'), open('/work/l').readline(), os.path.islink('/work/l'), os.path.exists('/work/m'), os.path.realpath('/work/l')]";
    expect(await sandbox.value(source)).toEqual(["/data/a.txt", "alpha\n", true, false, "/data/a.txt"]);
  });

  it.each([
    ["open('/data/a.txt', 'w')", "Read-only file system"],
    ["open('/data/new', 'w')", "Read-only file system"],
    ["import os; os.remove('/data/a.txt')", "Read-only file system"],
    ["open('/new', 'w')", "Read-only file system"],
    ["open('/etc/passwd')", "No such file or directory"],
    ["open('/data/../etc/hostname')", "No such file or directory"],
    ["open('/data/../../../../etc/hostname')", "No such file or directory"],
    ["open('/proc/self/environ')", "No such file or directory"],
    ["open('/work/a\\0b')", "embedded null byte"],
    ["open('/work/' + 'n' * 300, 'w')", "Filename too long"],
    ["open('/work/' + 'd/' * 3000)", "Filename too long"],
    ["import os; os.open(b'/work/\\xff', os.O_CREAT | os.O_WRONLY)", "Illegal byte sequence"],
    ["open('/lib/python314.zip', 'w')", "Read-only file system"],
    ["open('/work/../lib/python314.zip', 'r+')", "Read-only file system"],
    ["import os; os.remove('/lib/python314.zip')", "Read-only file system"],
    ["import os; os.rename('/work', '/lib/python314.zip')", "Read-only file system"],
    ["import os; os.symlink('/work', '/lib/python314.zip')", "Read-only file system"],
    ["import os; os.mkdir('/dev/null')", "Read-only file system"],
    ["open('/dev/zero')", "No such file or directory"],
    ["import os; os.write(os.open('/dev/urandom', os.O_RDWR), b'x')", "Bad file descriptor"],
    ["files = [open('/data/a.txt') for _ in range(1000)]", "No file descriptors available"],
    ["import os\nfor _ in range(1000): os.dup(1)", "No file descriptors available"],
    ["import os\nfor _ in range(1000): os.pipe()", "No file descriptors available"],
    ["import os; os.link('/data/a.txt', '/work/hard')", ""],
    ["import os; os.lseek(1, 0, 0)", "Invalid seek"],
    ["import os; os.close(77)", "Bad file descriptor"],
    ["import os; os.close(100)", "Bad file descriptor"],
  ])("refuses %j", async (source, why) => {
    expect(await sandbox.failure(source)).toContain(why);
    await sandbox.value("import os; files = None; os.closerange(3, 300)");
  });
});
