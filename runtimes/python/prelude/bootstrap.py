"""Loads the prelude while the image is made. Runs once, in no sandbox.

Each module of the prelude gets its own copy of the builtins: a guest that sets `builtins.len = None`
breaks its own code, not the code that reports what happened to it.
"""
import builtins
import json
import posix
import sys
import types


def _load():
    received = []
    while chunk := posix.read(100, 65536):
        received.append(chunk)
    package = types.ModuleType("_wardian")
    package.__path__ = []
    sys.modules["_wardian"] = package
    own_builtins = dict(builtins.__dict__)
    for name, source in json.loads(b"".join(received)):
        module = types.ModuleType("_wardian." + name)
        module.__dict__["__builtins__"] = own_builtins
        sys.modules[module.__name__] = module
        setattr(package, name, module)
        exec(compile(source, "<wardian>/" + name + ".py", "exec", dont_inherit=True, optimize=2), module.__dict__)


_load()
