"""Makes the shipped standard library: bytecode only, stored, without what a sandbox can't use. Runs in the interpreter itself."""
import importlib._bootstrap_external as external
import zipfile
from importlib.util import source_hash

DROPPED = (
    "_pyodide/",
    "pyodide/",
    "ctypes/",
    "__phello__/",
    "site-packages/",
    "__hello__.py",
    "webbrowser.py",
    "antigravity.py",
)


def convert(source_path, target_path):
    with zipfile.ZipFile(source_path) as source, zipfile.ZipFile(target_path, "w", zipfile.ZIP_STORED) as target:
        for name in sorted(source.namelist()):
            if name.startswith(DROPPED) or name.endswith("/"):
                continue
            data = source.read(name)
            if name.endswith(".py"):
                code = compile(data, "/lib/python314.zip/" + name, "exec", dont_inherit=True, optimize=0)
                # Unchecked: there is no source to compare with.
                data = external._code_to_hash_pyc(code, source_hash(data), False)
                name += "c"
            target.writestr(zipfile.ZipInfo(name, (2025, 1, 1, 0, 0, 0)), data)


convert("/lib/python314.zip", "/out/stdlib.zip")
