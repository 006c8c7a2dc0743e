import { ends, error, harmless, value } from "../harness/outcomes.ts";
import { sourceVariants } from "../harness/source-attack.ts";
import { PYTHON } from "./guest.ts";

export const pythonEscapeVariants = sourceVariants(
  "B",
  [
    // The bridge by its other doors.
    ["import sys\nsys.modules['js'].process", error("KeyError")],
    ["import importlib\nimportlib.import_module('pyodide_js')", error("ModuleNotFoundError")],
    ["from pyodide.code import run_js\nrun_js('process.exit(1)')", error("ModuleNotFoundError")],
    ["import pyodide.ffi.wrappers", error("ModuleNotFoundError")],
    [
      "import sys\nclass F:\n  def find_spec(self, n, p=None, t=None):\n    import importlib.machinery as m\n    return m.ModuleSpec(n, m.BuiltinImporter)\nsys.meta_path.insert(0, F())\nimport js",
      ends(/^error (ImportError|ModuleNotFoundError|SystemError):/),
    ],
    ["import _imp\n[n for n in ('js', 'pyodide_js', '_pyodide_core') if _imp.is_builtin(n)]", harmless],
    ["import sys\n[n for n in sys.builtin_module_names if 'js' in n or 'pyodide' in n]", harmless],
    [
      "import gc\n[type(o).__name__ for o in gc.get_objects() if 'Js' in type(o).__name__ or 'Proxy' in type(o).__name__ and 'js' in type(o).__module__]",
      value([]),
    ],
    ["[c.__name__ for c in object.__subclasses__() if c.__name__.startswith('Js')]", value([])],
    [
      "().__class__.__bases__[0].__subclasses__()[-1].__init__.__globals__['__builtins__']['__import__']('os').system('id > FOLDER/pwned')",
      harmless,
    ],
    [
      "import subprocess\n[c for c in ().__class__.__base__.__subclasses__() if c.__name__ == 'Popen'][0]('id', shell=True)",
      ends(/^error (OSError|PermissionError|BlockingIOError):/),
    ],
    // C code.
    ["import ctypes\nctypes.CDLL(None).system(b'id')", error("ModuleNotFoundError")],
    [
      "import sys\ndel sys.modules['_ctypes']\nimport _ctypes\n_ctypes.dlsym(_ctypes.dlopen(None, 0), 'emscripten_run_script')",
      ends(/^error /),
    ],
    [
      "import _imp, importlib.machinery as m\nopen('/tmp/x.so', 'wb').write(b'\\0asm\\1\\0\\0\\0')\n_imp.create_dynamic(m.ModuleSpec('x', None, origin='/tmp/x.so'))",
      ends(/^error /),
    ],
    ["import mmap\nm = mmap.mmap(-1, 4096)\nm[0:4] = b'abcd'\nm[:4]", harmless],
    ["import mmap\nmmap.mmap(0, 2**31 - 1)", ends(/^(error |limit memory)/)],
    ["f = lambda: 0\nf.__code__ = f.__code__.replace(co_code=bytes(range(256)) * 8, co_stacksize=0)\nf()", harmless],
    ["f = lambda: 0\nf.__code__ = f.__code__.replace(co_consts=(), co_code=b'd\\xff' * 32)\nf()", harmless],
    ["import marshal\nexec(marshal.loads(b'\\xe3' + bytes(range(200))))", harmless],
    ["import faulthandler\nfaulthandler._read_null()", harmless],
    ["import faulthandler\nfaulthandler._stack_overflow()", ends(/^(limit stack|error )/)],
    ["import _testcapi\n_testcapi.fatal_error(b'x', True)", harmless],
    ["import _testcapi\n_testcapi.crash_no_current_thread()", harmless],
    // Processes, signals, the host's places.
    ["import os\nos.execv('/bin/sh', ['sh', '-c', 'id > FOLDER/pwned'])", error("OSError")],
    ["import os\nos.posix_spawn('/bin/sh', ['sh'], {})", ends(/^error (AttributeError|OSError):/)],
    ["import os\nos.popen('id').read()", ends(/^error /)],
    ["import pty\npty.spawn('/bin/sh')", ends(/^error /)],
    ["import multiprocessing\nmultiprocessing.Process(target=print).start()", ends(/^error /)],
    ["import os\nos.kill(1, 9)", ends(/^(ok|error )/)],
    ["import os\nos.kill(os.getppid(), 9)", ends(/^(ok|error )/)],
    ["import os, signal\nsignal.setitimer(signal.ITIMER_REAL, 0.001)", ends(/^(ok|error )/)],
    ["import resource\nresource.setrlimit(resource.RLIMIT_NOFILE, (10**6, 10**6))", ends(/^(ok|error )/)],
    ["import os\n(os.getcwd(), os.environ.copy(), os.uname().nodename if hasattr(os, 'uname') else '')", harmless],
    ["open('FOLDER/secret').read()", error("FileNotFoundError")],
    ["import os\nos.symlink('FOLDER/secret', '/tmp/link')\nopen('/tmp/link').read()", error("FileNotFoundError")],
    [
      "import os\nfd = os.open('/tmp', os.O_RDONLY)\nopen(f'/proc/self/fd/{fd}/../../FOLDER/secret').read()",
      error("FileNotFoundError"),
    ],
    [
      "import os\n[os.read(fd, 100) for fd in range(3, 300) if not __import__('contextlib').suppress(OSError).__enter__()]",
      ends(/^(ok|error OSError|error BlockingIOError)/),
    ],
    [
      "import urllib.request\nurllib.request.urlopen('file://FOLDER/secret').read()",
      ends(/^error (URLError|HttpError)/),
    ],
    ["import socket\nsocket.create_connection(('127.0.0.1', 80))", ends(/^error /)],
    ["import socket\nsocket.socketpair()", ends(/^error /)],
    ["import webbrowser\nwebbrowser.open('http://127.0.0.1/')", harmless],
    ["import code, pdb\npdb.set_trace()", harmless],
    // The channel between guest and host.
    ['import posix\nposix.write(100, b\'V{"o":["__proto__",{"o":["polluted",1]}]}\')\nposix._exit(0)', harmless],
    [
      "import posix\nfor m in (b'', b'V', b'E{', b'W[]', b'X' + b'9' * 999, b'T', b'Tx', b'T\\0', b'Q' * 10**6, b'V' + b'[' * 10**6):\n  try: posix.write(100, m)\n  except OSError: pass\nposix.read(100, 10**6)",
      harmless,
    ],
    [
      "import _wardian.channel as c\nc.send = lambda *a: c.write(100, b'V{\"i\":\"' + b'9' * 200_000 + b'\"}')\n1",
      harmless,
    ],
    ["import _wardian.session as s\ns.enter = s.run = s.begin = s.conclude = None", harmless],
    ["import gc\nfor o in gc.get_objects():\n  try: o.clear()\n  except BaseException: pass", harmless],
    ["import sys\nsys.modules.clear()", harmless],
    [
      "import builtins\nfor n in list(vars(builtins)):\n  if n not in ('setattr', 'builtins'): setattr(builtins, n, None)",
      harmless,
    ],
    [
      "import sys, io\nclass Evil(io.StringIO):\n  def flush(self): raise SystemExit(9)\nsys.stdout = sys.stderr = Evil()\n1",
      harmless,
    ],
    ["import os\nfor fd in range(300):\n  try: os.close(fd)\n  except OSError: pass\nprint(1)", harmless],
    [
      "import atexit, threading\natexit.register(lambda: open('/tmp/late', 'w'))\nthreading._register_atexit(lambda: open('/tmp/late', 'w'))",
      harmless,
    ],
    // Pickles, tracebacks and descriptions that call back.
    [
      "import pickle, os\nclass P:\n  def __reduce__(self): return (os.system, ('id > FOLDER/pwned',))\npickle.loads(pickle.dumps(P()))",
      value(-1),
    ],
    [
      "import traceback\ntry: tools.fail()\nexcept Exception as e: told = ''.join(traceback.format_exception(e)) + repr(vars(e))\ntold",
      harmless,
    ],
    ["class E(Exception):\n  def __str__(self): raise self\n  __repr__ = __str__\nraise E()", ends(/^error E:/)],
    [
      "class V:\n  def __class__(self): 1/0\n  def __getattr__(self, n): raise SystemExit(3)\n  def __repr__(self): raise KeyboardInterrupt\nV()",
      harmless,
    ],
  ],
  PYTHON,
);
