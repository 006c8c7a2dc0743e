"""The host's tools as Python objects."""
import asyncio
import collections.abc
import json
import sys
import types

from _wardian import channel

MAX_ARGUMENTS = 4 * 2**20


class ToolError(Exception):
    """A tool failed or was refused; the message is the host's. `name` is the name of the host's error."""

    __module__ = "wardian"

    def __init__(self, message="", name="ToolError"):
        super().__init__(message)
        self.name = name


class DeadlockError(RuntimeError):
    """Raised where a program waits for a lock without a time limit."""

    __module__ = "wardian"

    def __init__(self):
        super().__init__("This wait can never end: there are no other threads in a sandbox")


class Tools:
    """The tools that this sandbox was given: `tools.search(query="...")`."""

    __module__ = "wardian"

    def __getattr__(self, name):
        if name in names:
            return Tool(name)
        known = ", ".join(sorted(names)) or "none"
        raise AttributeError(f"There is no tool {name!r}; available: {known}")

    def __getitem__(self, name):
        if name in names:
            return Tool(name)
        raise KeyError(name)

    def __iter__(self):
        return iter(sorted(names))

    def __len__(self):
        return len(names)

    def __dir__(self):
        return sorted(names)

    def __repr__(self):
        return "<tools: " + (", ".join(sorted(names)) or "none") + ">"


class Tool:
    __module__ = "wardian"

    def __init__(self, name):
        self.__name__ = name

    def __call__(self, *positional, **named):
        if len(positional) > 1 or (positional and not isinstance(positional[0], dict)):
            raise TypeError(f"{self.__name__}() takes keyword arguments, or one dict")
        arguments = {**positional[0], **named} if positional else named
        return call(self.__name__, json.dumps(arguments))

    def __repr__(self):
        return f"<tool {self.__name__}>"


names = ()
tools = Tools()
# Identity of what the last synchronous tool returned, so that `await tools.x()` works for it too.
last_value = []
# Futures of awaited calls, and answers that came before anybody awaited, by call number.
awaited = {}
arrived = {}


def call(name, arguments):
    if len(arguments) > MAX_ARGUMENTS:
        raise ValueError(f"Cannot call tool {name!r}: its arguments are longer than {MAX_ARGUMENTS} bytes as JSON")
    channel.send(channel.TOOL_CALL, name + "\0" + arguments)
    reply = channel.receive()
    if reply[0] == "p":
        return PendingCall(name, int(reply[1:]))
    value = answer(reply)
    last_value[:] = [value]
    return value


def answer(reply):
    if reply[0] == "v":
        return json.loads(reply[1:])
    name, message = json.loads(reply[1:])
    raise ToolError(message, name)


def settle(number, reply):
    future = awaited.pop(number, None)
    if future is None:
        arrived[number] = reply
    elif not future.done():
        future.set_result(reply)


def forget():
    awaited.clear()
    arrived.clear()
    last_value.clear()


def refuse_use(pending):
    raise RuntimeError(f"The result of tool {pending.__name__!r} is not there yet: write `await tools.{pending.__name__}(...)`")


def needs_await(name):
    def refuse(self, *_positional, **_named):
        refuse_use(self)

    refuse.__name__ = name
    refuse.__code__ = refuse.__code__.replace(co_name=name)
    return refuse


class PendingCall(collections.abc.Coroutine):
    """A started call of an asynchronous tool. All it can do is be awaited, once."""

    __module__ = "wardian"

    def __init__(self, name, number):
        self.__name__ = name
        self.__qualname__ = name
        self._number = number
        self._steps = None

    def __await__(self):
        number, name = self._number, self.__name__
        if number is None:
            raise RuntimeError(f"This call of tool {name!r} was awaited before")
        loop = asyncio.get_running_loop()
        if not getattr(loop, "stepping", False):
            raise RuntimeError(
                f"Tool {name!r} is asynchronous and this event loop blocks the host: "
                "await it at the top level of the program (await main(), or asyncio.run(main()) outside of any function)"
            )
        self._number = None
        reply = arrived.pop(number, None)
        if reply is None:
            future = loop.create_future()
            awaited[number] = future
            reply = yield from future
        return answer(reply)

    # As a coroutine, so that create_task takes it.
    def send(self, value):
        if self._steps is None:
            self._steps = self.__await__()
        return self._steps.send(value)

    def throw(self, *error):
        if self._steps is None:
            self._steps = self.__await__()
        return self._steps.throw(*error)

    def close(self):
        if self._steps is not None:
            self._steps.close()

    def __getattr__(self, name):
        # asyncio and inspect look for frames of real coroutines.
        if name.startswith(("_", "cr_", "gi_", "ag_")):
            raise AttributeError(name)
        refuse_use(self)

    def __repr__(self):
        return f"<pending call of tool {self.__name__!r}: await it>"


for _name in (
    "__getitem__ __setitem__ __delitem__ __iter__ __len__ __contains__ __bool__ __str__ __format__ __int__ __float__ "
    "__index__ __eq__ __ne__ __lt__ __le__ __gt__ __ge__ __add__ __radd__ __sub__ __rsub__ __mul__ __rmul__ __truediv__ "
    "__floordiv__ __mod__ __neg__ __enter__ __exit__ __call__"
).split():
    setattr(PendingCall, _name, needs_await(_name))
PendingCall.__hash__ = object.__hash__

module = types.ModuleType("wardian", "What a sandboxed program gets from its host.")
module.tools = tools
module.ToolError = ToolError
module.DeadlockError = DeadlockError
module.__all__ = ["tools", "ToolError", "DeadlockError"]
sys.modules["wardian"] = module
