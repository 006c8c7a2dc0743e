"""Describes an uncaught exception: the guest's own lines only, every text bounded."""
import traceback

from _json import encode_basestring_ascii as quote

MAX_NAME = 200
MAX_MESSAGE = 8_000
MAX_TRACEBACK = 32_000
MAX_FRAMES = 60
# As in the interpreter's own tracebacks.
REPEATED_LINES = 3
# Frames of the prelude, of the import machinery and of the standard library.
HIDDEN = ("<wardian>", "<frozen ", "/lib/python314.zip")


def describe(error, filename):
    """The JSON text of a GuestError. Runs guest code (`__str__`), so it may raise anything."""
    summary = traceback.TracebackException(type(error), error, error.__traceback__, lookup_lines=False, compact=True)
    for part in chain(summary):
        part.stack = GuestStack(frame for frame in part.stack if not frame.filename.startswith(HIDDEN))
    line = None
    if isinstance(error, SyntaxError) and error.filename == filename:
        line = error.lineno
    else:
        for frame in summary.stack:
            if frame.filename == filename:
                line = frame.lineno
    return report(name_of(error), message_of(error), "".join(summary.format()), line)


class GuestStack(traceback.StackSummary):
    """Formats as the library does, but each run of equal frames once: a thousand of them take a tenth of a second."""

    def format(self, **options):
        runs = []
        for frame in self:
            key = (frame.filename, frame.lineno, frame.name)
            if runs and runs[-1][0] == key:
                runs[-1][2] += 1
            else:
                runs.append([key, frame, 1])
        left_out = len(runs) - MAX_FRAMES
        if left_out > 0:
            runs[MAX_FRAMES // 2 : -MAX_FRAMES // 2] = [[None, None, left_out]]
        lines = []
        for key, frame, count in runs:
            if key is None:
                lines.append(f"  [{count} frames left out]\n")
                continue
            lines += [self.format_frame_summary(frame, **options)] * min(count, REPEATED_LINES)
            if count > REPEATED_LINES:
                more = count - REPEATED_LINES
                lines.append(f"  [Previous line repeated {more} more time{'s' if more > 1 else ''}]\n")
        return lines


def chain(summary):
    """The exception with its causes, contexts and group members."""
    found = []
    left = [summary]
    while left:
        part = left.pop()
        if part is not None and part not in found:
            found.append(part)
            left += [part.__cause__, part.__context__, *(part.exceptions or ())]
    return found


def message_of(error):
    if isinstance(error, SyntaxError) and isinstance(error.msg, str):
        return str.__str__(error.msg)
    try:
        return str.__str__(str(error))
    except Exception as other:
        return "<message unavailable: " + name_of(other) + ">"


type_name = type.__dict__["__name__"].__get__


def name_of(error):
    """The type's own name as a plain string: a metaclass may answer for `__name__`, and raise."""
    return str.__str__(type_name(type(error)))


def plain(error):
    """For when `traceback` fails, whose code a program may have broken."""
    name = name_of(error)
    try:
        message = message_of(error)
    except BaseException:
        message = ""
    return report(name, message, name + ": " + message + "\n", None)


def report(name, message, text, line):
    fields = '{"name":' + quote(cut(name, MAX_NAME)) + ',"message":' + quote(cut(message, MAX_MESSAGE)) + ',"traceback":' + quote(cut(text, MAX_TRACEBACK))
    if isinstance(line, int) and line > 0:
        fields += ',"line":' + int.__repr__(line)
    return fields + "}"


def cut(text, limit):
    if len(text) <= limit:
        return text
    half = limit // 2
    return text[:half] + "\n[...]\n" + text[-half:]
