"""The guest's end of displays: rich results beside the output, such as an image or a table."""
import json
import re

from _wardian import channel, toolbox

# As in src/guests/show-display.ts.
MEDIA_TYPE = re.compile(r"[A-Za-z0-9][\w!#$&^.+-]{0,126}/[A-Za-z0-9][\w!#$&^.+-]{0,126}(?:;[\x20-\x7e]{0,100})?", re.ASCII)
MAX_BYTES = 64 * 2**20

# The richest first, as notebooks ask for them.
REPRESENTATIONS = (
    ("_repr_html_", "text/html"),
    ("_repr_markdown_", "text/markdown"),
    ("_repr_svg_", "image/svg+xml"),
    ("_repr_png_", "image/png"),
    ("_repr_jpeg_", "image/jpeg"),
    ("_repr_latex_", "text/latex"),
    ("_repr_json_", "application/json"),
)


def display(data, mime=None):
    """Shows text or bytes under a media type; of any other object its richest form, as a notebook does."""
    if mime is not None and (not isinstance(mime, str) or len(mime) > 255 or not MEDIA_TYPE.fullmatch(mime)):
        raise ValueError("Cannot display: mime must be a media type, such as 'text/html'")
    if isinstance(data, str):
        show(mime or "text/plain", data)
    elif isinstance(data, (bytes, bytearray, memoryview)):
        show(mime or "application/octet-stream", bytes(data))
    else:
        found, shown = richest(data)
        show(mime or found, shown)


def richest(data):
    kind = type(data)
    for name, mime in REPRESENTATIONS:
        method = getattr(kind, name, None)
        shown = method(data) if callable(method) else None
        # Some give what belongs to it beside it: (data, metadata).
        if isinstance(shown, tuple) and len(shown) == 2:
            shown = shown[0]
        if mime == "application/json" and shown is not None and not isinstance(shown, str):
            shown = json.dumps(shown)
        if isinstance(shown, (str, bytes)):
            return mime, shown
    return "text/plain", repr(data)


def show(mime, data):
    text = isinstance(data, str)
    content = data.encode("utf-8", "surrogatepass") if text else data
    if len(content) > MAX_BYTES:
        raise ValueError(f"Cannot display {len(content)} bytes: at most {MAX_BYTES} are allowed")
    channel.send(channel.DISPLAY, ("t" if text else "b") + mime + "\0", content)


display.__module__ = "wardian"
toolbox.module.display = display
toolbox.module.__all__.append("display")
