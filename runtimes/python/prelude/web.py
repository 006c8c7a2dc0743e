"""HTTP: `wardian.http`, to be awaited, and what makes `urllib.request` work. The host checks, sends and follows redirects."""
import asyncio
import collections.abc
import json
import sys
import types
from importlib.machinery import ModuleSpec

from _wardian import channel, toolbox

# The transport's own: the host sets them.
HOST_HEADERS = {"host", "content-length", "connection", "transfer-encoding", "accept-encoding"}


class HttpError(OSError):
    """A request was refused or failed; the message is the host's. `name` says how: NetworkDenied, NetworkLimit, NetworkTimeout, NetworkError."""

    __module__ = "wardian"

    def __init__(self, message="", name="NetworkError"):
        super().__init__(message)
        self.name = name


class HttpTimeout(HttpError, TimeoutError):
    """The request took longer than its own `timeout`."""

    __module__ = "wardian"


def failure(reply):
    name, message = json.loads(reply[1:])
    if name == "TypeError":
        return ValueError(message)
    return (HttpTimeout if name == "NetworkTimeout" else HttpError)(message, name)


def start(message, body, blocking):
    """The reply to a request: JSON, or its first letter is "e" or "p"."""
    channel.send(channel.HTTP_START, ("b" if blocking else "a") + json.dumps(message) + "\0", body)
    return channel.receive()


def read(number):
    """The next piece of a body: "b" and bytes, "n" at the end, "p" for later, "e" and an error."""
    channel.send(channel.HTTP_READ, str(number))
    return channel.receive_bytes(channel.PIECE)


def cancel(number):
    channel.send(channel.HTTP_CANCEL, str(number))
    toolbox.awaited.pop(number, None)
    toolbox.arrived.pop(number, None)


def must_block():
    """Whether the event loop in charge keeps the host waiting, so that requests must be blocking ones."""
    return not getattr(asyncio.get_running_loop(), "stepping", False)


async def settled(number):
    reply = toolbox.arrived.pop(number, None)
    if reply is not None:
        return reply
    future = asyncio.get_running_loop().create_future()
    toolbox.awaited[number] = future
    try:
        return await future
    except asyncio.CancelledError:
        cancel(number)
        raise


class Headers(collections.abc.Mapping):
    """Response headers by name, in any case; values of one name are joined with a comma."""

    __module__ = "wardian"

    def __init__(self, pairs):
        self._pairs = tuple((name.lower(), value) for name, value in pairs)

    def get_all(self, name):
        return [value for known, value in self._pairs if known == name.lower()]

    def __getitem__(self, name):
        values = self.get_all(name)
        if not values:
            raise KeyError(name)
        return ", ".join(values)

    def __iter__(self):
        return iter(dict(self._pairs))

    def __len__(self):
        return len(dict(self._pairs))

    def __repr__(self):
        return f"Headers({dict(self)!r})"


class Response:
    """A response of `wardian.http`. The body is read once: whole with `read()`, `text()` or `json()`, or piece by piece with `async for`."""

    __module__ = "wardian"

    def __init__(self, head):
        self._number = head["id"]
        self._body = None
        self.status = head["status"]
        self.reason = head["statusText"]
        self.url = head["url"]
        self.redirected = head["redirected"]
        self.headers = Headers(head["headers"])

    @property
    def ok(self):
        return 200 <= self.status < 300

    async def __aiter__(self):
        if self._body is not None:
            if self._body:
                yield self._body
            return
        while self._number is not None:
            reply = read(self._number)
            kind = reply[:1]
            if kind == b"b":
                yield reply[1:]
            elif kind == b"p":
                await settled(self._number)
            else:
                self._number = None
                if kind != b"n":
                    raise failure(reply.decode("utf-8", "surrogatepass"))

    async def read(self):
        if self._body is None:
            pieces = [piece async for piece in self]
            self._body = b"".join(pieces)
        return self._body

    async def text(self, encoding=None, errors="replace"):
        return (await self.read()).decode(encoding or charset(self.headers.get("content-type", "")), errors)

    async def json(self):
        return json.loads(await self.read())

    def raise_for_status(self):
        if self.status >= 400:
            raise HttpError(f"The server answered {self.status} {self.reason}".rstrip(), "HttpStatus")
        return self

    def close(self):
        number, self._number = self._number, None
        if number is not None:
            cancel(number)

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_error):
        self.close()

    def __repr__(self):
        return f"<Response {self.status} {self.url}>"


def charset(content_type):
    for part in content_type.split(";")[1:]:
        name, _, value = part.partition("=")
        if name.strip().lower() == "charset":
            try:
                return __import__("codecs").lookup(value.strip(" \"'")).name
            except LookupError:
                break
    return "utf-8"


def pairs_of(headers):
    items = headers.items() if isinstance(headers, collections.abc.Mapping) else headers or ()
    return [[str(name), str(value)] for name, value in items]


def message_of(method, url, headers, timeout, redirect):
    message = {"url": str(url), "method": method.upper(), "headers": headers, "redirect": redirect}
    if timeout is not None:
        message["timeoutMs"] = timeout * 1000
    return message


async def request(method, url, *, params=None, headers=None, data=None, json=None, timeout=None, redirect="follow"):
    """Sends a request and waits for its head. `data` is bytes, text or a dict for a form; `json` any JSON data; `timeout` seconds."""
    pairs = pairs_of(headers)
    body, kind = body_of(data, json)
    if kind is not None and not any(name.lower() == "content-type" for name, _ in pairs):
        pairs.append(["content-type", kind])
    if params:
        url = f"{url}{'&' if '?' in str(url) else '?'}{urlencode(params)}"
    reply = start(message_of(method, url, pairs, timeout, redirect), body, must_block())
    if reply[0] == "p":
        reply = await settled(int(reply[1:]))
    if reply[0] == "e":
        raise failure(reply)
    return Response(channel.parse(reply))


def body_of(data, value):
    if value is not None:
        return json.dumps(value).encode(), "application/json"
    if data is None:
        return b"", None
    if isinstance(data, collections.abc.Mapping):
        return urlencode(data).encode(), "application/x-www-form-urlencoded"
    if isinstance(data, str):
        return data.encode(), "text/plain;charset=UTF-8"
    return bytes(memoryview(data)), None


def urlencode(fields):
    # Loaded when it is first needed.
    from urllib.parse import urlencode

    return urlencode(fields, doseq=True)


def method(name):
    async def send(url, **options):
        return await request(name, url, **options)

    send.__name__ = send.__qualname__ = name.lower()
    send.__doc__ = f"`request({name!r}, url, ...)`"
    return send


module = types.ModuleType("wardian.http", "HTTP requests, to be awaited; what may be reached is the host's policy.")
module.request = request
for _name in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
    setattr(module, _name.lower(), method(_name))
module.HttpError, module.HttpTimeout, module.Response = HttpError, HttpTimeout, Response
toolbox.module.http = module
toolbox.module.HttpError = HttpError
toolbox.module.__path__ = []
sys.modules["wardian.http"] = module


class UrllibFinder:
    """Finds `urllib.request` where it is and gives it handlers that ask the host."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name != "urllib.request":
            return None
        for finder in sys.meta_path:
            if finder is not UrllibFinder and (spec := finder.find_spec(name, path, target)) is not None:
                found = ModuleSpec(name, UrllibLoader(spec.loader), origin=spec.origin)
                found.has_location, found.cached = spec.has_location, spec.cached
                return found
        return None


class UrllibLoader:
    def __init__(self, loader):
        self._loader = loader

    def create_module(self, spec):
        return self._loader.create_module(spec)

    def exec_module(self, module):
        self._loader.exec_module(module)
        install(module)

    def __getattr__(self, name):
        return getattr(self._loader, name)


def install(urllib_request):
    import io
    from http.client import HTTPMessage
    from socket import _GLOBAL_DEFAULT_TIMEOUT
    from urllib.error import URLError
    from urllib.response import addinfourl

    class Body(io.RawIOBase):
        def __init__(self, number):
            self._number = number
            self._piece = b""

        def readable(self):
            return True

        def readinto(self, into):
            if not self._piece and self._number is not None:
                reply = read(self._number)
                if reply[:1] == b"b":
                    self._piece = reply[1:]
                else:
                    self._number = None
                    if reply[:1] != b"n":
                        raise failure(reply.decode("utf-8", "surrogatepass"))
            size = min(len(into), len(self._piece))
            into[:size] = self._piece[:size]
            self._piece = self._piece[size:]
            return size

        def close(self):
            number, self._number = self._number, None
            if number is not None:
                cancel(number)
            super().close()

    class HostResponse(addinfourl):
        version = 11

        def __init__(self, head):
            headers = HTTPMessage()
            for name, value in head["headers"]:
                headers.add_header(name, value)
            super().__init__(io.BufferedReader(Body(head["id"]), 65536), headers, head["url"], head["status"])
            self.msg = self.reason = head["statusText"]

        def getheader(self, name, default=None):
            values = self.headers.get_all(name)
            return ", ".join(values) if values else default

        def getheaders(self):
            return list(self.headers.items())

    def body_of(data):
        if data is None:
            return b""
        if hasattr(data, "read"):
            data = data.read()
        if isinstance(data, str):
            raise TypeError("POST data should be bytes, an iterable of bytes, or a file object. It cannot be of type str.")
        try:
            return bytes(memoryview(data))
        except TypeError:
            return b"".join(data)

    def send(request):
        headers = {**request.headers, **request.unredirected_hdrs}
        pairs = [[name, str(value)] for name, value in headers.items() if name.lower() not in HOST_HEADERS]
        timeout = None if request.timeout is _GLOBAL_DEFAULT_TIMEOUT else request.timeout
        message = message_of(request.get_method(), request.full_url, pairs, timeout, "follow")
        reply = start(message, body_of(request.data), True)
        if reply[0] == "e":
            error = failure(reply)
            raise URLError(error) if isinstance(error, OSError) else error
        return HostResponse(channel.parse(reply))

    class HTTPHandler(urllib_request.AbstractHTTPHandler):
        def http_open(self, request):
            return send(request)

        https_open = http_open
        http_request = https_request = urllib_request.AbstractHTTPHandler.do_request_

    HTTPHandler.__module__ = "urllib.request"
    urllib_request.HTTPHandler = urllib_request.HTTPSHandler = HTTPHandler
