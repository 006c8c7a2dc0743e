"""Tells the host of what is refused inside the interpreter, which has no call for it: processes, threads, clocks and privileges.

A program can take these wrappers off, and gets no further: what stands behind them fails in the same way.
"""
import _thread
import os
import posix
import subprocess
import threading
import time

from _wardian import channel

# Letters as in src/guests/noted-denials.ts.
PROCESS = "P"
KILL = "K"
THREAD = "T"
CLOCK = "C"
PRIVILEGES = "R"
LONGEST = 200
MOST_WORDS = 8


def note(letter, where):
    channel.send(channel.NOTE, letter + where[:LONGEST].replace("\0", " "))


def command_text(arguments):
    """What was to be run. It is the guest's: only text and lists of text are looked at."""
    command = arguments[0] if arguments else ""
    parts = command[:MOST_WORDS] if type(command) in (list, tuple) else (command,)
    return " ".join([bytes.decode(part, "utf-8", "replace") if type(part) is bytes else part for part in parts if type(part) in (str, bytes)])


def noting(letter, function, where):
    """`function`, with a note when it fails."""

    def call(*arguments, **named):
        try:
            return function(*arguments, **named)
        except (OSError, RuntimeError):
            note(letter, where(arguments))
            raise

    call.__name__ = call.__qualname__ = function.__name__
    call.__module__ = function.__module__
    call.__doc__ = function.__doc__
    return call


for _name in ("start_new_thread", "start_new", "start_joinable_thread"):
    setattr(_thread, _name, noting(THREAD, getattr(_thread, _name), lambda arguments: "thread"))
threading._start_joinable_thread = _thread.start_joinable_thread
for _name in ("fork", "forkpty", "execv", "execve"):
    if hasattr(posix, _name):
        setattr(posix, _name, noting(PROCESS, getattr(posix, _name), command_text if _name.startswith("exec") else lambda arguments, name=_name: name))
        setattr(os, _name, getattr(posix, _name))
posix.kill = os.kill = noting(KILL, posix.kill, lambda arguments: "process")
for _name in ("clock_settime", "clock_settime_ns"):
    if hasattr(time, _name):
        setattr(time, _name, noting(CLOCK, getattr(time, _name), lambda arguments, name=_name: name))
for _name in ("chroot", "setuid", "seteuid", "setreuid", "setresuid", "setgid", "setegid", "setregid", "setresgid", "setgroups", "setpriority"):
    if hasattr(posix, _name):
        setattr(posix, _name, noting(PRIVILEGES, getattr(posix, _name), lambda arguments, name=_name: name))
        setattr(os, _name, getattr(posix, _name))
subprocess.Popen.__init__ = noting(PROCESS, subprocess.Popen.__init__, lambda arguments: command_text(arguments[1:]))
