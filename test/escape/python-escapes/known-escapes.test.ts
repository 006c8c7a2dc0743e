import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { memoryDirectory } from "../../../src/capabilities/files/memory/memory-directory.ts";
import { ON_COMPONENT, PythonSandbox, summary } from "../../support/python-sandbox.ts";

/** What works on the official distribution, whose JavaScript bridge is there, must do nothing here. */
describe("known escapes from Python in WebAssembly", () => {
  let sandbox: PythonSandbox;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "wardian-escape-"));
    writeFileSync(path.join(folder, "secret"), "canary-55aa");
    process.env["WARDIAN_CANARY"] = "canary-55aa";
    sandbox = await PythonSandbox.create({ files: { "/work": memoryDirectory() }, limits: { timeoutMs: 5_000 } });
  });
  afterAll(() => {
    sandbox.close();
    delete process.env["WARDIAN_CANARY"];
    rmSync(folder, { recursive: true });
  });

  const pristine = JSON.stringify(Object.getOwnPropertyNames(Object.prototype));

  async function harmless(source: string): Promise<string> {
    await sandbox.reset();
    const result = await sandbox.run(source.replaceAll("FOLDER", folder));
    expect(JSON.stringify(summary(result))).not.toContain("canary-55aa");
    expect(readdirSync(folder)).toEqual(["secret"]);
    expect(JSON.stringify(Object.getOwnPropertyNames(Object.prototype))).toBe(pristine);
    if (result.sandbox === "kept") await sandbox.reset();
    expect(await sandbox.value("21 * 2")).toBe(42);
    return result.status === "ok"
      ? `ok ${String(result.value)}`
      : result.status === "error"
        ? result.error.name
        : result.status;
  }

  it.each([
    ["import js; js.process.env.WARDIAN_CANARY", "ModuleNotFoundError"],
    ["from pyodide.code import run_js; run_js('process.exit(1)')", "ModuleNotFoundError"],
    ["import pyodide_js; pyodide_js.mountNodeFS('/m', 'FOLDER')", "ModuleNotFoundError"],
    ["import pyodide_js; pyodide_js.runPython.constructor('return process')()", "ModuleNotFoundError"],
    ["import gc; [o for o in gc.get_objects() if 'Js' in type(o).__name__]", "ok "],
    ["import os; os.system('echo x > FOLDER/pwned')", "ok -1"],
    ["import posix; posix.system('echo x > FOLDER/pwned')", "ok -1"],
    ["import os; os.popen('id').read()", "OSError"],
    ["import os; os.execv('/bin/sh', ['sh'])", "OSError"],
    ["import os; os.posix_spawn('/bin/sh', ['sh'], {})", "AttributeError"],
    ["import subprocess; subprocess.check_output('id', shell=True)", "OSError"],
    ["import multiprocessing; p = multiprocessing.Process(target=print); p.start()", "ModuleNotFoundError"],
    ["import ctypes; ctypes.CDLL(None).system(b'id')", "ModuleNotFoundError"],
    ["import sys; [f for f in sys.meta_path if 'Js' in type(f).__name__]", "ok "],
    ["import pyodide.webloop", "ModuleNotFoundError"],
    ["import socket; socket.create_connection(('127.0.0.1', 80))", "gaierror"],
    ["import socket; socket.getaddrinfo('localhost', 80)", "gaierror"],
    ["import urllib.request; urllib.request.urlopen('http://127.0.0.1/')", "URLError"],
    ["import urllib.request; urllib.request.urlopen('file://FOLDER/secret').read()", "URLError"],
    ["open('FOLDER/secret').read()", "FileNotFoundError"],
    ["import os; os.environ['WARDIAN_CANARY']", "KeyError"],
    ["import os; os.open('/work', os.O_RDONLY); open('/proc/self/fd/3/../../FOLDER/secret')", "FileNotFoundError"],
    [
      "import os; os.symlink('FOLDER/secret', '/work/link'); open('/work/link').read()",
      // WASI has no links to absolute paths at all.
      ON_COMPONENT ? "PermissionError" : "FileNotFoundError",
    ],
    [
      "import os; os.symlink('../../../../FOLDER/secret', '/work/link'); open('/work/link').read()",
      "FileNotFoundError",
    ],
    [
      "import importlib.machinery as m, importlib.util as u\nopen('/work/x.so', 'wb').write(b'\\0asm\\1\\0\\0\\0')\nl = m.ExtensionFileLoader('x', '/work/x.so'); l.create_module(u.spec_from_file_location('x', '/work/x.so', loader=l))",
      "ImportError",
    ],
    ["import _imp, sys; 'dynamic library' if hasattr(_imp, 'create_dynamic') else ''", "ok dynamic library"],
  ])("%s", async (source, end) => {
    expect(await harmless(source)).toBe(end);
  });

  // These get the bridge's C code itself to run: it can only reach sealed imports.
  it.each([
    "import sys; del sys.modules['_pyodide_core']; import _pyodide_core; _pyodide_core",
    "import sys\nfor n in ('ctypes', '_ctypes'): del sys.modules[n]\nimport _ctypes\n_ctypes.dlopen(None, 0)",
    "import sys\ndel sys.modules['_ctypes']\nimport _ctypes\n_ctypes.call_function(12345, (1, 2))",
    "import sys\ndel sys.modules['_ctypes']\nimport _ctypes\n_ctypes.dlsym(_ctypes.dlopen(None, 0), 'system')",
    'import posix\nposix.write(100, b\'V{"o":["__proto__",{"o":["polluted",1]}]}\')\nposix._exit(0)',
    "import posix\nfor m in (b'', b'V', b'E{', b'W[]', b'X' + b'9' * 999, b'T', b'Tx', b'T\\0', b'Q' * 10**6, b'V' + b'[' * 10**6):\n  try: posix.write(100, m)\n  except OSError: pass\nposix.read(100, 10**6)",
    "import posix\nposix.write(100, b'V' + b'[' * 10**6)\nimport faulthandler; faulthandler._sigabrt()",
    "import _wardian.session as s\ns.enter = s.run = s.begin = s.conclude = None",
    "import _wardian.channel as c\nc.send = lambda *a: c.write(100, b'V[')\n1",
    "import _wardian.channel as c\nc.send = lambda *a: None\n1",
    "import _wardian.channel as c\nc.send = lambda *a: c.write(100, b'V{\"i\":\"' + b'9' * 200_000 + b'\"}')\n1",
    "import sys\nsys.settrace(lambda *a: 1/0)\nsys.setprofile(lambda *a: 1/0)\n1",
    "import sys\nsys.addaudithook(lambda *a: 1/0)\n1",
    "import sys, io\nclass Evil(io.StringIO):\n  def flush(self): raise SystemExit(9)\nsys.stdout = sys.stderr = Evil()\n1",
    "import sys\nsys.stdout.close(); sys.stderr.close(); sys.stdin.close()\n1",
    "import os\nfor fd in range(300):\n  try: os.close(fd)\n  except OSError: pass\nprint(1)",
    "import sys\nsys.setrecursionlimit(10**9)\ndef f(): return [f() for _ in '1']\nf()",
    "import sys\nsys.setrecursionlimit(10**9)\nclass A:\n  def __getattr__(self, n): return getattr(self, n + 'x')\nA().x",
    "x = []\nfor _ in range(10**6): x = [x]\ndel x",
    "import faulthandler; faulthandler._stack_overflow()",
    "import sys; sys._clear_internal_caches(); sys._debugmallocstats()",
    "import types\nf = lambda: 0\nf.__code__ = f.__code__.replace(co_code=bytes(range(256)), co_stacksize=0)\nf()",
    "import marshal\nmarshal.loads(b'\\xe3' + bytes(range(200)))",
    "import asyncio\nasyncio.get_running_loop = None\nawait asyncio.sleep(0)",
    "import signal\nsignal.signal(signal.SIGINT, lambda *a: 1/0)\nsignal.raise_signal(signal.SIGINT)",
    "import os; os.abort()",
    "import os; os.kill(os.getpid(), 9)",
    "import gc\nfor o in gc.get_objects():\n  try: o.clear()\n  except BaseException: pass",
    "import builtins\nfor n in list(vars(builtins)):\n  if n not in ('setattr', 'builtins'): setattr(builtins, n, None)",
    "import sys\nsys.modules.clear()",
  ])("a guest that tampers with its own machinery hurts itself only: %s", async (source) => {
    await harmless(source);
  });

  // The component's seal is Wasm: it ends the guest too, but has nobody to tell.
  it.skipIf(ON_COMPONENT)("a sealed import ends the guest and says which", async () => {
    await sandbox.reset();
    // Stands in for what the bridge wants to import first; then it asks for JavaScript.
    const result = await sandbox.run(
      "import sys, types\nclass Fake(types.ModuleType):\n  def __getattr__(self, name):\n    if name.startswith('__'): raise AttributeError(name)\n    return Fake(name)\n" +
        "for name in ('_pyodide', '_pyodide._core_docs'): sys.modules[name] = Fake(name)\ndel sys.modules['_pyodide_core']\nimport _pyodide_core",
    );
    expect(result).toMatchObject({
      status: "error",
      error: { name: "Denied" },
      denials: [{ what: "import", where: "jslib_init_buffers_js" }],
      sandbox: "reset",
    });
  });

  it("leaves siblings alone", async () => {
    const sibling = await PythonSandbox.create();
    await sibling.value("x = 'mine'");
    await harmless("import faulthandler; faulthandler._sigsegv()");
    await harmless("import builtins; builtins.str = None");
    expect(await sibling.value("str(x)")).toBe("mine");
    sibling.close();
  });
});
