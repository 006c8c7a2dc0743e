import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PythonSandbox } from "../support/python-sandbox.ts";

let sandbox: PythonSandbox;
beforeAll(async () => {
  sandbox = await PythonSandbox.create({ clock: "virtual", limits: { timeoutMs: 60_000 } });
});
afterAll(() => sandbox.close());

/** What needs another platform, threads, sockets, a terminal or foreign code; or a shell, a browser, an index of packages. */
const ABSENT =
  "_aix_support _android_support _apple_support _ctypes _curses _curses_panel _dbm _gdbm _hashlib _interpchannels _interpqueues _interpreters _ios_support _multiprocessing _osx_support _overlapped _posixshmem _pydecimal _scproxy _tkinter _uuid _winapi _wmi antigravity ctypes curses dbm ensurepip grp idlelib msvcrt nt pwd pydoc_data readline resource syslog tkinter turtle turtledemo venv webbrowser winreg winsound".split(
    " ",
  );

describe("the standard library", () => {
  it("imports, but for what a sandbox can't have", async () => {
    const source =
      "import sys, warnings\nwarnings.simplefilter('ignore')\nabsent = []\nfor name in sorted(sys.stdlib_module_names - {'this', '__hello__', '__phello__'}):\n  try: __import__(name)\n  except ModuleNotFoundError: absent.append(name)\nabsent";
    expect(await sandbox.value(source)).toEqual(ABSENT);
  });

  it.each<[string, string, unknown]>([
    ["decimal", "import decimal; str(decimal.Decimal(2).sqrt())", "1.414213562373095048801688724"],
    [
      "fractions and statistics",
      "from fractions import Fraction; import statistics; str(Fraction(1, 3) + Fraction(1, 6)), statistics.median([1, 5, 3])",
      ["1/2", 3],
    ],
    [
      "hashlib",
      "import hashlib; hashlib.sha256(b'abc').hexdigest()[:16], hashlib.md5(b'').hexdigest()[:8]",
      ["ba7816bf8f01cfea", "d41d8cd9"],
    ],
    [
      "compression",
      "import zlib, bz2, lzma, gzip\nfrom compression import zstd\n[m.decompress(m.compress(b'x' * 1000)) == b'x' * 1000 for m in (zlib, bz2, lzma, gzip, zstd)]",
      [true, true, true, true, true],
    ],
    [
      "csv and io",
      "import csv, io; list(csv.DictReader(io.StringIO('a,b\\n1,2')))",
      [Object.assign(Object.create(null) as object, { a: "1", b: "2" })],
    ],
    ["xml", "import xml.etree.ElementTree as E; E.fromstring('<a><b x=\"1\"/></a>').find('b').get('x')", "1"],
    [
      "email and html",
      "import email, html; email.message_from_string('Subject: s\\n\\nb')['subject'], html.unescape('&eacute;')",
      ["s", "é"],
    ],
    [
      "pickle and copy",
      "import pickle, copy; pickle.loads(pickle.dumps({'a': (1, None)})) == copy.deepcopy({'a': (1, None)})",
      true,
    ],
    [
      "unicodedata and re",
      "import unicodedata, re; unicodedata.name('é'), re.findall(r'(?<=a)\\w', 'abac')",
      ["LATIN SMALL LETTER E WITH ACUTE", ["b", "c"]],
    ],
    [
      "struct and array",
      "import struct, array; struct.unpack('<If', struct.pack('<If', 7, 0.5)), array.array('d', [1.5]).tolist()",
      [[7, 0.5], [1.5]],
    ],
    [
      "unittest",
      "import unittest, io\nclass T(unittest.TestCase):\n  def test(self): self.assertEqual(1, 1)\nunittest.TextTestRunner(io.StringIO()).run(unittest.defaultTestLoader.loadTestsFromTestCase(T)).wasSuccessful()",
      true,
    ],
    [
      "logging",
      "import logging, io\ns = io.StringIO(); logging.basicConfig(stream=s, force=True); logging.error('e'); s.getvalue()",
      "ERROR:root:e\n",
    ],
    ["inspect of the program itself", "import inspect\ndef f(): return 1\ninspect.getsource(f)", "def f(): return 1\n"],
    [
      "typing and dataclasses",
      "import typing, dataclasses\n@dataclasses.dataclass\nclass P:\n  x: int = 3\ndataclasses.asdict(P()), str(typing.get_type_hints(P)['x'])",
      [Object.assign(Object.create(null) as object, { x: 3 }), "<class 'int'>"],
    ],
  ])("has %s", async (_name, source, value) => {
    expect(await sandbox.value(source)).toEqual(value);
  });

  it("shows a program's warnings and its ignored exceptions as Python does", async () => {
    const fresh = await PythonSandbox.create();
    const result = await fresh.run(
      "import warnings\nwarnings.warn('careful')\nclass A:\n  def __del__(self): 1 / 0\nA()\nNone",
    );
    expect(result.stderr).toMatch(
      /^main\.py:2: UserWarning: careful[^]*Exception ignored[^]*main\.py", line 4, in __del__[^]*ZeroDivisionError: division by zero\n$/,
    );
    fresh.close();
  });
});
