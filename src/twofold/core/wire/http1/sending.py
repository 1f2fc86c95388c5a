"""A request as bytes."""

from __future__ import annotations

from functools import lru_cache

from ....errors import RequestError
from ...request import Origin, Request
from ...text.headers import FRAMING
from ...text.quoting import escaped
from ...uploads import Upload
from .coding import ACCEPTING

# These say how long an empty body is; for all others its absence says it (RFC 9110, 8.6).
WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


def head(request: Request) -> bytes:
    """Return the request line and the header, to the empty line.

    What would end a line early is refused here, whoever made the request: nothing can be smuggled
    in behind it (RFC 9112, 11.1).
    """
    target = request.target if request.target.isascii() else escaped(request.target)
    lines = [f"{request.method} {target} HTTP/1.1", f"Host: {host(request.origin)}"]
    accepts, frames = looked_at(tuple([name for name, _ in request.headers]))
    lines += [f"{name}: {value}" for name, value in request.headers]
    if not accepts:
        lines.append(": ".join(ACCEPTING))
    if request.upload is not None:
        lines.append(": ".join(framing(request.upload)))
    elif request.body or request.method in WITH_BODY:
        lines.append(f"Content-Length: {len(request.body)}")
    text = "\r\n".join(lines) + "\r\n\r\n"
    ends = len(lines) + 1
    if text.count("\n") != ends or text.count("\r") != ends or "\0" in text:
        raise RequestError(f"{request} holds a line break or NUL in its path or header")
    if " " in target:
        raise RequestError(f"{request} has a blank in its path")
    if frames:
        raise RequestError(f"{request} names its own host, or frames its own body")
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        # The error itself would hold all of the header.
        raise RequestError(f"{request} holds a character that no header can hold") from None


@lru_cache(maxsize=256)
def looked_at(names: tuple[str, ...]) -> tuple[bool, bool]:
    """Tell whether fields of these names say what codings are taken, and what the engine says.

    A client sends the same ones again and again.
    """
    given = {name.lower() for name in names}
    return "accept-encoding" in given, not given.isdisjoint(FRAMING)


@lru_cache(maxsize=256)
def host(origin: Origin) -> str:
    """Return the value of the Host field: host and port, the usual port left out."""
    return str(origin).partition("://")[2]


def framing(upload: Upload) -> tuple[str, str]:
    """Return the field that says where a body ends (RFC 9112, 6)."""
    if upload.length is None:
        return "Transfer-Encoding", "chunked"
    return "Content-Length", str(upload.length)


def chunk(piece: bytes) -> bytes:
    """Frame a piece of a body of unknown length (RFC 9112, 7.1)."""
    return b"%x\r\n%b\r\n" % (len(piece), piece)


LAST_CHUNK = b"0\r\n\r\n"
