"""Encodes a run's value as the tagged JSON of src/guests/value-codec.ts."""
import sys
from binascii import b2a_base64
from datetime import datetime, timedelta, timezone

from _json import encode_basestring_ascii as quote

# One level less than the decoder allows, for the level of the value itself.
MAX_DEPTH = 199
# What the decoder takes: more digits are slow to convert on the host.
MAX_INTEGER_DIGITS = 100_000
MAX_INTEGER_BITS = 332_000
MAX_OPAQUE_TEXT = 10_000
SAFE_INTEGER = 2**53
EPOCH = datetime(1970, 1, 1)
MILLISECOND = timedelta(milliseconds=1)


class TooLarge(Exception):
    pass


def encode(value, limit):
    """The value as ASCII JSON of at most `limit` characters, else TooLarge."""
    encoder = Encoder(limit)
    encoder.add(value, 0)
    return "".join(encoder.pieces)


class Encoder:
    def __init__(self, limit):
        self.room = limit
        self.pieces = []
        self.open = set()

    def put(self, text):
        self.room -= len(text)
        if self.room < 0:
            raise TooLarge
        self.pieces.append(text)

    def add(self, value, depth):
        kind = type(value)
        if value is None:
            self.put("null")
        elif kind is bool:
            self.put("true" if value else "false")
        elif kind is str:
            self.text(value)
        elif kind is int:
            self.integer(value)
        elif kind is float:
            self.real(value)
        elif isinstance(value, (list, tuple, dict, set, frozenset)):
            self.container(value, depth)
        elif isinstance(value, (bytes, bytearray, memoryview)):
            self.room_for(len(value) * 4 // 3)
            self.put('{"b":"' + b2a_base64(value, newline=False).decode("ascii") + '"}')
        elif isinstance(value, datetime):
            self.moment(value)
        elif isinstance(value, str):
            self.text(str.__str__(value))
        elif isinstance(value, int):
            self.integer(int.__int__(value))
        elif isinstance(value, float):
            self.real(float.__float__(value))
        else:
            self.opaque(value)

    def room_for(self, size):
        if size > self.room:
            raise TooLarge

    def text(self, value):
        # Before the copy is made: a string may be as large as memory.
        self.room_for(len(value))
        self.put(quote(value))

    def integer(self, value):
        if -SAFE_INTEGER <= value <= SAFE_INTEGER:
            self.put(int.__repr__(value))
            return
        if int.bit_length(value) > MAX_INTEGER_BITS:
            raise TooLarge
        digits = sys.get_int_max_str_digits()
        sys.set_int_max_str_digits(0)
        try:
            text = int.__repr__(value)
        finally:
            sys.set_int_max_str_digits(digits)
        if len(text) > MAX_INTEGER_DIGITS:
            raise TooLarge
        self.put('{"i":"' + text + '"}')

    def real(self, value):
        if value != value:
            self.put('{"n":"NaN"}')
        elif value in (INFINITY, -INFINITY):
            self.put('{"n":"Infinity"}' if value > 0 else '{"n":"-Infinity"}')
        elif value == 0 and float.__repr__(value)[0] == "-":
            self.put('{"n":"-0"}')
        else:
            self.put(float.__repr__(value))

    def moment(self, value):
        offset = value.utcoffset()
        naive = value.replace(tzinfo=None)
        if offset is not None:
            naive -= offset
        # Without a zone the guest's zone counts, which is UTC.
        self.put('{"d":' + float.__repr__((naive - EPOCH) / MILLISECOND) + "}")

    def container(self, value, depth):
        if depth >= MAX_DEPTH:
            raise TooLarge
        if id(value) in self.open:
            self.put('{"x":[' + quote(type(value).__name__) + ',"..."]}')
            return
        self.open.add(id(value))
        if isinstance(value, dict):
            self.mapping(value, depth)
        elif isinstance(value, list):
            self.items("[", list.__iter__(value), "]", depth)
        elif isinstance(value, tuple):
            self.items('{"t":[', tuple.__iter__(value), "]}", depth)
        else:
            self.items('{"s":[', (set if isinstance(value, set) else frozenset).__iter__(value), "]}", depth)
        self.open.discard(id(value))

    def items(self, start, items, end, depth):
        self.put(start)
        items = list(items)
        kinds = set(map(type, items))
        text = self.uniform(items, kinds.pop()) if len(kinds) == 1 else None
        if text is not None:
            self.put(text)
        else:
            separator = ""
            for item in items:
                self.member(separator, item, depth)
                separator = ","
        self.put(end)

    def member(self, before, item, depth):
        text = scalar(item, self.room)
        if text is not None:
            self.put(before + text)
        else:
            self.put(before)
            self.add(item, depth + 1)

    def uniform(self, items, kind):
        """The text of items that are all of one plain type, made without a step in Python for each; None if that can't be."""
        self.room_for(len(items))
        if kind is int:
            if -SAFE_INTEGER <= min(items) and max(items) <= SAFE_INTEGER:
                return ",".join(map(int.__repr__, items))
        elif kind is float:
            text = ",".join(map(float.__repr__, items))
            # Not a number, infinities and negative zero have tags.
            if "n" not in text and "-0.0" not in text:
                return text
        elif kind is str:
            self.room_for(sum(map(len, items)))
            return ",".join(map(quote, items))
        return None

    def mapping(self, value, depth):
        pairs = list(dict.items(value))
        named = all([type(key) is str for key, _ in pairs])
        if named:
            texts = [scalar(item, self.room) for _, item in pairs]
            if None not in texts:
                # The usual record: one piece.
                self.put('{"o":[' + ",".join([quote(pair[0]) + "," + text for pair, text in zip(pairs, texts)]) + "]}")
                return
        self.put('{"o":[' if named else '{"m":[')
        separator = ""
        for key, item in pairs:
            self.member(separator, key, depth)
            self.member(",", item, depth)
            separator = ","
        self.put("]}")

    def opaque(self, value):
        try:
            text = str.__str__(repr(value))
        except Exception as error:
            text = "<" + type(value).__name__ + " whose repr raises " + type(error).__name__ + ">"
        if len(text) > MAX_OPAQUE_TEXT:
            text = text[:MAX_OPAQUE_TEXT] + "..."
        self.put('{"x":[' + quote(type(value).__name__) + "," + quote(text) + "]}")


INFINITY = float("inf")


def scalar(value, room):
    """The text of a plain value that needs no tag, in one step; None for all others."""
    kind = type(value)
    if kind is str:
        if len(value) > room:
            raise TooLarge
        return quote(value)
    if kind is int:
        return int.__repr__(value) if -SAFE_INTEGER <= value <= SAFE_INTEGER else None
    if kind is float:
        # Zero may be negative; what is not finite differs from itself when it is taken from itself.
        return float.__repr__(value) if value and value - value == 0 else None
    if value is None:
        return "null"
    if kind is bool:
        return "true" if value else "false"
    return None
