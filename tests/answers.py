"""Answers as bytes: well-formed ones that every engine reads alike, and those to be refused.

`python tests/answers.py` writes the page of the docs that says who accepts what.
"""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import attrs

from twofold._sync.core.transport.engine import Transport
from twofold.core.request import Origin

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference" / "refused.md"

BODY = b'{"words": "' + b"one two three " * 20 + b'"}'


def chunked(body: bytes, size: int = 100, *, extension: bytes = b"", trailer: bytes = b"") -> bytes:
    pieces = [body[n : n + size] for n in range(0, len(body), size)]
    chunks = b"".join(b"%x%s\r\n%s\r\n" % (len(piece), extension, piece) for piece in pieces)
    return chunks + b"0\r\n" + trailer + b"\r\n"


def head(*fields: bytes, status: bytes = b"200 OK", version: bytes = b"1.1") -> bytes:
    return b"\r\n".join([b"HTTP/" + version + b" " + status, *fields, b"", b""])


def sized(body: bytes, *fields: bytes) -> bytes:
    return head(b"Content-Length: %d" % len(body), *fields) + body


@attrs.frozen
class Told:
    """What a server says to a request of a method; `closes`: and then closes."""

    name: str
    answer: bytes
    method: str = "GET"
    closes: bool = False


CHUNKED = b"Transfer-Encoding: chunked"

WELL_FORMED = [
    Told("a length", sized(BODY)),
    Told("a length of nothing", sized(b"")),
    Told("chunks", head(CHUNKED) + chunked(BODY)),
    Told("chunks with extensions", head(CHUNKED) + chunked(BODY, extension=b";a=b")),
    Told("chunks with a trailer", head(CHUNKED) + chunked(BODY, trailer=b"Sum: 1\r\n")),
    Told("no chunks but the last", head(CHUNKED) + chunked(b"")),
    Told("as long as the connection", head(b"A: b") + BODY, closes=True),
    Told("HTTP/1.0", head(b"Content-Length: 3", version=b"1.0") + b"abc", closes=True),
    Told("announced end", sized(BODY, b"Connection: close"), closes=True),
    Told("HEAD with a length", head(b"Content-Length: 500"), method="HEAD"),
    Told("HEAD with chunks", head(CHUNKED), method="HEAD"),
    Told("204", head(status=b"204 No Content")),
    Told("304 with a length", head(b"Content-Length: 9", b'ETag: "a"', status=b"304 Not Modified")),
    Told("103 before", head(b"Link: <a>", status=b"103 Early Hints") + sized(BODY)),
    Told("100 twice before", head(status=b"100 Continue") * 2 + sized(BODY)),
    Told("gzip", sized(gzip.compress(BODY), b"Content-Encoding: gzip")),
    Told("gzip in chunks", head(CHUNKED, b"Content-Encoding: gzip") + chunked(gzip.compress(BODY))),
    Told("deflate", sized(zlib.compress(BODY), b"Content-Encoding: deflate")),
    Told("bare deflate", sized(zlib.compress(BODY)[2:-4], b"Content-Encoding: deflate")),
    Told("identity", sized(BODY, b"Content-Encoding: identity")),
    Told("a field twice", sized(BODY, b"Set-Cookie: a=1", b"Set-Cookie: b=2")),
    Told("an empty field", sized(BODY, b"Empty:")),
    Told("blanks around values", sized(BODY, b"Spaced: \t  a b \t ")),
    Told("a field in Latin-1", sized(BODY, b"Name: caf\xe9")),
    Told("no words with the status", b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok"),
    Told("an error with a body", head(b"Content-Length: 4", status=b"503 Busy") + b"busy"),
    Told("POST", sized(BODY), method="POST"),
]

REFUSED = [
    Told("two lengths", head(b"Content-Length: 3", b"Content-Length: 4") + b"abc"),
    Told("one length twice", head(b"Content-Length: 3", b"Content-Length: 3") + b"abc"),
    Told("a list of lengths", head(b"Content-Length: 3, 3") + b"abc"),
    Told("a length and chunks", head(b"Content-Length: 3", CHUNKED) + chunked(b"abc")),
    Told("a negative length", head(b"Content-Length: -3") + b"abc"),
    Told("a length with a sign", head(b"Content-Length: +3") + b"abc"),
    Told("a length in hexadecimal", head(b"Content-Length: 0x3") + b"abc"),
    Told("a length beyond all bounds", head(b"Content-Length: " + b"9" * 30) + b"abc"),
    Told("a folded field", b"HTTP/1.1 200 OK\r\nA: b\r\n c\r\nContent-Length: 0\r\n\r\n"),
    Told("bare line feeds", b"HTTP/1.1 200 OK\nContent-Length: 3\n\nabc"),
    Told("one bare line feed", b"HTTP/1.1 200 OK\r\nA: b\nContent-Length: 3\r\n\r\nabc"),
    Told("a bare carriage return", head(b"A: b\rc", b"Content-Length: 3") + b"abc"),
    Told("NUL in a field", head(b"A: b\0c", b"Content-Length: 3") + b"abc"),
    Told("a blank before the colon", head(b"Content-Length : 3") + b"abc"),
    Told("no colon", head(b"nonsense", b"Content-Length: 3") + b"abc"),
    Told("bytes after the end", sized(b"abc") + b"def"),
    Told("a second answer", sized(b"abc") + sized(b"def")),
    Told("a second answer after chunks", (head(CHUNKED) + chunked(b"abc")) * 2),
    Told("a body where none may be", head(status=b"204 No Content") + b"abc"),
    Told("a body for HEAD", sized(b"abc"), method="HEAD"),
    Told("another transfer coding", head(b"Transfer-Encoding: gzip, chunked") + chunked(b"abc")),
    Told("chunked not last", head(b"Transfer-Encoding: chunked, gzip") + chunked(b"abc")),
    Told("a chunk size of nonsense", head(CHUNKED) + b"xyz\r\nabc\r\n0\r\n\r\n"),
    Told("a chunk size beyond all bounds", head(CHUNKED) + b"f" * 30 + b"\r\nabc\r\n0\r\n\r\n"),
    Told("a chunk longer than its size", head(CHUNKED) + b"2\r\nabc\r\n0\r\n\r\n"),
    Told("chunks with bare line feeds", head(CHUNKED) + b"3\nabc\n0\n\n"),
    Told("cut in the header", b"HTTP/1.1 200 OK\r\nContent-Le", closes=True),
    Told("cut in the body", head(b"Content-Length: 300") + b"abc", closes=True),
    Told("cut in the chunks", head(CHUNKED) + b"5\r\nabc", closes=True),
    Told("cut in gzip", head(b"Content-Encoding: gzip") + gzip.compress(BODY)[:-9], closes=True),
    Told("gzip that is none", sized(b"abcdef", b"Content-Encoding: gzip")),
    Told("a coding not asked for", sized(b"abc", b"Content-Encoding: compress")),
    Told("ten codings", sized(b"abc", b"Content-Encoding: " + b", ".join([b"gzip"] * 10))),
    Told("a gzip bomb", sized(gzip.compress(b"\0" * 3_000_000), b"Content-Encoding: gzip")),
    Told("more than this client takes", sized(b"x" * 1_500_000)),
    Told("no HTTP", b"220 mail.example ESMTP\r\n"),
    Told("another version", head(b"Content-Length: 3", version=b"2.0") + b"abc"),
    Told("10,000 fields", head(*[b"A%d: b" % n for n in range(10_000)], b"Content-Length: 0")),
    Told("201 fields", head(*[b"A: b"] * 201, b"Content-Length: 0")),
    Told("a field of 10 MB", head(b"A: " + b"b" * 10_000_000, b"Content-Length: 0")),
    Told("100 without end", head(status=b"100 Continue") * 1000),
    Told("101", head(b"Upgrade: x", b"Connection: upgrade", status=b"101 Switching Protocols")),
    Told("nothing", b"", closes=True),
]

MOST = 1_000_000
"""Bytes of a body that the engines of these tests take."""


def verdict(engine: Transport, origin: Origin, told: Told) -> str:
    """Return what an engine makes of an answer: a word for the table."""
    from twofold.core.request import Patience, Request
    from twofold.errors import ServerError

    try:
        reply = engine.exchange(Request(told.method, origin, "/"), Patience(5, 1))
    except ServerError as error:
        silent = "silent" in str(error) or "timed out" in str(error)
        return "waits for more" if silent else "refused"
    return f"**{reply.status}, {len(reply.body)} bytes**"


def verdicts() -> list[tuple[str, str, str]]:
    """Ask each engine about each answer that is to be refused."""
    from raw_server import raw_server

    from twofold._sync.core.transport.direct import DirectTransport
    from twofold._sync.core.transport.httpx_engine import HttpxTransport

    rows = []
    for told in REFUSED:
        engines = DirectTransport(most=MOST), HttpxTransport(proxy=None, most=MOST)
        with raw_server(told.answer, closes=told.closes) as server:
            ours, theirs = (verdict(engine, server.origin, told) for engine in engines)
        for engine in engines:
            engine.close()
        rows.append((told.name, ours, theirs))
    return rows


def page() -> str:
    """Return the page of the docs."""
    table = [f"| {name} | {ours} | {theirs} |" for name, ours, theirs in verdicts()]
    return "\n".join([*HEAD, *table]) + "\n"


HEAD = [
    "# Answers that are refused",
    "",
    "What each engine makes of answers that break the rules of HTTP/1.1, or are out of bounds.",
    "Bold is an answer that was taken for a good one.",
    f"The engines of this table take bodies of up to {MOST:,} bytes; a client's take 256 MiB.",
    "",
    "A refused answer is a `ServerError` whose `effect` is unknown, and its connection is ended.",
    "This page is written by `tests/answers.py`, which asks both engines.",
    "",
    "| the server sends | direct | over httpx |",
    "| --- | --- | --- |",
]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
