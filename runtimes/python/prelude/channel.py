"""The descriptor through which the prelude and its host talk: one whole message a write."""
from json.decoder import JSONDecoder
from posix import read, write

from _json import make_scanner

DESCRIPTOR = 100

# First byte of each message; the host's side is src/guests/python/host/host-channel.ts.
VALUE = b"V"
ERROR = b"E"
EXIT = b"X"
TOO_LARGE = b"L"
WAITING = b"W"
TOOL_CALL = b"T"
BLOCKING_TOOL_CALL = b"S"
HTTP_START = b"H"
HTTP_READ = b"B"
HTTP_CANCEL = b"C"
DISPLAY = b"D"
NOTE = b"N"


PIECE = 65536
# Most replies are shorter, and room for a whole piece costs more to get and give back than such a reply does to read.
SHORT = 1024


def receive_bytes(asked=SHORT):
    chunk = read(DESCRIPTOR, asked)
    # What is shorter than was asked for is the end of the message.
    if len(chunk) < asked:
        return chunk
    chunks = [chunk]
    while chunk := read(DESCRIPTOR, PIECE):
        chunks.append(chunk)
    return b"".join(chunks)


def receive():
    return receive_bytes().decode("utf-8", "surrogatepass")


# In C from end to end: `json.loads` is Python, and fails in a program that has overwritten builtins.
_scan = make_scanner(JSONDecoder())


def parse(text):
    return _scan(text, 0)[0]


def send(kind, text="", rest=b""):
    write(DESCRIPTOR, kind + text.encode("utf-8", "surrogatepass") + rest)
