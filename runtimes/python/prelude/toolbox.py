"""The host's tools as Python objects."""
import asyncio
import collections.abc
import sys
import types
from json.encoder import JSONEncoder

from _json import encode_basestring_ascii, make_encoder
from _wardian import channel

MAX_ARGUMENTS = 4 * 2**20


class ToolError(Exception):
    """A tool failed or was refused; the message is the host's. `code` tells why, as the subclass does."""

    __module__ = "wardian"
    code = "failed"


# Names and codes as in src/capabilities/tools/tool-error.ts.
class ToolDeniedError(ToolError):
    """The host did not approve the call."""

    __module__ = "wardian"
    code = "denied"


class ToolLimitError(ToolError):
    """No more calls are allowed."""

    __module__ = "wardian"
    code = "limit"


class ToolNotFoundError(ToolError):
    """There is no such tool."""

    __module__ = "wardian"
    code = "unknown"


class ToolArgumentError(ToolError):
    """The arguments are not what the tool takes."""

    __module__ = "wardian"
    code = "invalid-arguments"


class ToolResultError(ToolError):
    """The tool returned something that it may not return."""

    __module__ = "wardian"
    code = "invalid-result"


ERRORS = {
    error.__name__: error
    for error in (ToolError, ToolDeniedError, ToolLimitError, ToolNotFoundError, ToolArgumentError, ToolResultError)
}


class DeadlockError(RuntimeError):
    """Raised where a program waits for a lock without a time limit."""

    __module__ = "wardian"

    def __init__(self):
        super().__init__("This wait can never end: there are no other threads in a sandbox")


def note_unknown(name):
    """Tells the host, which else would not hear of it; the letter is as in src/guests/noted-denials.ts."""
    if type(name) is str and not name.startswith("_"):
        channel.send(channel.NOTE, "U" + name[:200].replace("\0", " "))


class Tools:
    """The tools that this sandbox was given: `tools.search(query="...")`."""

    __module__ = "wardian"

    # Only for names that are no attribute: the tools themselves are (see `install`).
    def __getattr__(self, name):
        note_unknown(name)
        known = ", ".join(sorted(installed)) or "none"
        raise AttributeError(f"There is no tool {name!r}; available: {known}")

    def __getitem__(self, name):
        if name not in installed:
            note_unknown(name)
        return installed[name]

    def __iter__(self):
        return iter(sorted(installed))

    def __len__(self):
        return len(installed)

    def __dir__(self):
        return sorted(installed)

    def __repr__(self):
        return "<tools: " + (", ".join(sorted(installed)) or "none") + ">"


class Tool:
    __module__ = "wardian"

    def __init__(self, name):
        self.__name__ = name

    def __call__(self, *positional, **named):
        if positional:
            named = join(self, positional, named)
        return call(self.__name__, encode(named))

    def sync(self, *positional, **named):
        """Calls the tool and waits for its answer without `await`; for that of an asynchronous tool only where the host can answer meanwhile."""
        if positional:
            named = join(self, positional, named)
        return call(self.__name__, encode(named), channel.BLOCKING_TOOL_CALL)

    def __repr__(self):
        return f"<tool {self.__name__}>"


def join(tool, positional, named):
    if len(positional) > 1 or not isinstance(positional[0], dict):
        raise TypeError(f"{tool.__name__}() takes keyword arguments, or one dict")
    return {**positional[0], **named}


installed = {}
tools = Tools()
# Identity of what the last synchronous tool returned, so that `await tools.x()` works for it too.
last_value = []
# Futures of awaited calls, and answers that came before anybody awaited, by call number.
awaited = {}
arrived = {}


def install(names):
    """Makes the tools that the sandbox has."""
    installed.clear()
    installed.update({name: Tool(name) for name in names})
    vars(tools).clear()
    vars(tools).update(installed)


# As `json.dumps` has it, which would make an encoder a call and takes several times as long. NaN is no JSON.
markers = {}
encode_parts = make_encoder(markers, JSONEncoder().default, encode_basestring_ascii, None, ": ", ", ", False, False, False)


def encode(arguments):
    try:
        return "".join(encode_parts(arguments, 0))
    except BaseException:
        # What was being encoded when it failed would count as a circle the next time.
        markers.clear()
        raise


def call(name, arguments, kind=channel.TOOL_CALL):
    if len(arguments) > MAX_ARGUMENTS:
        raise ValueError(f"Cannot call tool {name!r}: its arguments are longer than {MAX_ARGUMENTS} bytes as JSON")
    channel.send(kind, name + "\0" + arguments)
    reply = channel.receive()
    if reply[0] == "p":
        if kind is not channel.TOOL_CALL:
            # The answer, when it comes, has nobody to go to.
            raise ToolError(f"Tool {name!r} answers later: write `await tools.{name}(...)` instead of `tools.{name}.sync(...)`")
        return PendingCall(name, int(reply[1:]))
    value = answer(reply)
    last_value[:] = [value]
    return value


def answer(reply):
    # No JSON begins with this letter, nor with that of a pending call (src/guests/reply-text.ts).
    if reply[0] != "e":
        return channel.parse(reply)
    name, message = channel.parse(reply[1:])
    raise ERRORS.get(name, ToolError)(message)


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
module.DeadlockError = DeadlockError
vars(module).update(ERRORS)
module.__all__ = ["tools", "DeadlockError", *ERRORS]
sys.modules["wardian"] = module
