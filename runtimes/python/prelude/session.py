"""Runs programs in `__main__`, one after the other, and reports how each ended."""
import builtins
import io
import linecache
import os
import random
import sys
import tempfile
import types

from _wardian import channel, failures, programs, toolbox, values
from _wardian.event_loop import EventLoop

main_module = types.ModuleType("__main__")
own_stdout, own_stderr = sys.stdout, sys.stderr


class Run:
    """The run in progress."""

    filename = ""
    directory = ""
    value_limit = 0
    has_value = False
    loop = None
    task = None


run = Run()


def enter():
    """The one way in: takes a message, works until the program ends or waits, leaves a report."""
    try:
        message = channel.parse(channel.receive())
        if "reseed" in message:
            reseed()
        if message["op"] == "run":
            begin(message)
        else:
            proceed(message)
    except BaseException as error:
        conclude_with(error)
    flush()


def begin(message):
    run.filename, run.value_limit = message["filename"], message["valueBytes"]
    run.loop = run.task = None
    if "env" in message:
        wake_up(message)
    filename = run.filename
    sys.argv = [filename, *message["args"]]
    set_script_directory("" if filename.startswith("<") else filename.rpartition("/")[0] or ("/" if filename.startswith("/") else os.getcwd()))
    main_module.__file__ = filename
    sys.modules["__main__"] = main_module
    sys.stdin = io.TextIOWrapper(io.BufferedReader(io.FileIO(0, "r", closefd=False)), encoding="utf-8", errors="surrogateescape")
    # Not importlib.invalidate_caches: that imports importlib.metadata, which takes longer than most programs.
    for path, finder in list(sys.path_importer_cache.items()):
        if finder is None:
            del sys.path_importer_cache[path]
    source = message["source"]
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    builtins.__dict__[programs.AWAIT_HOOK] = programs.await_hook
    builtins.__dict__[programs.RUN_HOOK] = programs.run_hook
    program = programs.compile_program(source, filename)
    run.has_value = program.has_value
    if not program.asynchronous:
        conclude(execute(program))
        return
    run.loop = EventLoop()
    run.task = run.loop.create_task(execute_asynchronously(program))
    advance()


def reseed():
    """What a copy of this interpreter must not share with it. `secrets`, `uuid4` and `os.urandom` ask the host each time."""
    random.seed(os.urandom(32))
    tempfile._name_sequence = None


def wake_up(message):
    """The first run after the image was restored: what differs between sandboxes is set here."""
    os.environ.clear()
    os.environ.update({"HOME": "/", "TMPDIR": "/tmp", **message["env"]})
    reseed()
    toolbox.install(message["tools"])
    sys.path.extend([path for path in message["path"] if path not in sys.path])


def set_script_directory(directory):
    """Modules beside the program can be imported; entries that the guest has added to sys.path stay where they are."""
    if run.directory in sys.path:
        sys.path[sys.path.index(run.directory)] = directory
    else:
        sys.path.insert(0, directory)
    run.directory = directory


def execute(program):
    value = None
    for code in program.codes:
        value = eval(code, main_module.__dict__)
    return value


async def execute_asynchronously(program):
    value = None
    for code in program.codes:
        value = eval(code, main_module.__dict__)
        if code.co_flags & programs.inspect.CO_COROUTINE:
            value = await value
    return value


def proceed(message):
    for number, reply in message["settlements"]:
        toolbox.settle(number, reply)
    advance()


def advance():
    wake = run.loop.step(run.task)
    if run.task.done():
        conclude(run.task.result())
    elif wake is None and not toolbox.awaited:
        fail(stalled())
    else:
        channel.send(channel.WAITING, '{"wake":' + ("null" if wake is None else float.__repr__(wake * 1000)) + "}")


def stalled():
    error = RuntimeError("The program awaits something that can never happen: nothing is ready, no timer is set and no tool call or request is pending")
    # A traceback that ends where the program waits.
    frames = []
    waiting = run.task.get_coro()
    while (frame := getattr(waiting, "cr_frame", None)) is not None:
        frames.append(frame)
        waiting = waiting.cr_await
    trace = None
    for frame in reversed(frames):
        trace = types.TracebackType(trace, frame, frame.f_lasti, frame.f_lineno)
    return error.with_traceback(trace)


def conclude(value):
    """The program ended by itself. Encoding runs guest code (`__repr__`), which may raise or exit."""
    if run.has_value:
        if type(value) is toolbox.PendingCall:
            toolbox.refuse_use(value)
        try:
            text = values.encode(value, run.value_limit)
        except values.TooLarge:
            close_loop()
            channel.send(channel.TOO_LARGE)
            return
    else:
        text = '{"u":1}'
    close_loop()
    channel.send(channel.VALUE, text)


def conclude_with(error):
    try:
        close_loop()
    except BaseException:
        pass
    if isinstance(error, SystemExit):
        leave(error.code)
    else:
        fail(error)


def fail(error):
    close_loop()
    try:
        text = failures.describe(error, run.filename)
    except BaseException:
        text = failures.plain(error)
    channel.send(channel.ERROR, text)


def leave(code):
    if code is None:
        number = 0
    elif isinstance(code, int):
        number = int.__int__(code)
        # The low byte, as a kernel keeps it; the interpreter takes what is no C long for -1.
        number = number & 0xFF if -(2**31) <= number < 2**31 else 0xFF
    else:
        # As the interpreter does: anything else is printed and means failure.
        number = 1
        try:
            print(code, file=sys.stderr)
        except BaseException:
            pass
    channel.send(channel.EXIT, int.__repr__(number))


def close_loop():
    loop, run.loop, run.task = run.loop, None, None
    if loop is not None:
        try:
            loop.wind_up()
        finally:
            toolbox.forget()


def flush():
    for stream in {id(item): item for item in (sys.stdout, sys.stderr, own_stdout, own_stderr)}.values():
        try:
            stream.flush()
        except BaseException:
            pass
