"""Settings of the interpreter that every sandbox starts with."""
import sys
from importlib.machinery import FileFinder

from _wardian import session, toolbox, web

# The JavaScript bridge and the foreign-function interface are compiled in: a clean ImportError instead of a sealed import,
# which is what a program meets that takes these entries out again.
for _name in ("ctypes", "_ctypes", "_pyodide_core"):
    sys.modules[_name] = None

sys.dont_write_bytecode = True
for _stream in (sys.stdout, sys.stderr):
    _stream.reconfigure(encoding="utf-8", line_buffering=True)

# A sandbox's clock may stand still: then a directory's time does not tell that it has changed.
_find_spec = FileFinder.find_spec


def _find_spec_afresh(self, fullname, target=None):
    self._path_mtime = -1
    return _find_spec(self, fullname, target)


FileFinder.find_spec = _find_spec_afresh

sys.meta_path.insert(0, web.UrllibFinder)

session.main_module.__dict__.update({"__builtins__": __import__("builtins"), "tools": toolbox.tools, "display": toolbox.module.display})
sys.modules["__main__"] = session.main_module
sys.path[:] = ["", *[entry for entry in sys.path if entry.endswith(".zip")]]
