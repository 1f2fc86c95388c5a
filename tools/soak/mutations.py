"""Answers as a broken, or a hostile, server sends them: well-formed ones with something changed."""

from __future__ import annotations

import gzip
import random
import zlib

import attrs

BODY = b'{"words": "' + b"one two three " * 12 + b'"}'

CHUNKED = b"Transfer-Encoding: chunked"


@attrs.frozen
class Said:
    """What a server says to a request of a method."""

    method: str
    answer: bytes


def head(*fields: bytes, status: bytes = b"200 OK") -> bytes:
    return b"\r\n".join([b"HTTP/1.1 " + status, b"Date: x", *fields, b"", b""])


def sized(body: bytes, *fields: bytes) -> bytes:
    return head(b"Content-Length: %d" % len(body), *fields) + body


def chunked(body: bytes, size: int = 50) -> bytes:
    pieces = [body[n : n + size] for n in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


WELL_FORMED = [
    Said("GET", sized(BODY, b"Content-Type: application/json")),
    Said("GET", head(CHUNKED) + chunked(BODY)),
    Said("GET", head(CHUNKED) + chunked(BODY, 3)),
    Said("GET", head(CHUNKED, b"Trailer: Sum") + chunked(BODY)[:-2] + b"Sum: 1\r\n\r\n"),
    Said("GET", head(b"Connection: close") + BODY),
    Said("GET", sized(BODY, b"Connection: close")),
    Said("GET", sized(BODY, b"Connection: keep-alive", b"Keep-Alive: timeout=20")),
    Said("GET", sized(BODY).replace(b"HTTP/1.1", b"HTTP/1.0")),
    Said("HEAD", head(b"Content-Length: 300")),
    Said("HEAD", head(CHUNKED)),
    Said("GET", head(status=b"204 No Content")),
    Said("GET", head(b"Content-Length: 9", status=b"304 Not Modified")),
    Said("GET", head(b"Link: <a>", status=b"103 Early Hints") + sized(BODY)),
    Said("GET", head(status=b"100 Continue") * 2 + head(CHUNKED) + chunked(BODY)),
    Said("GET", sized(gzip.compress(BODY), b"Content-Encoding: gzip")),
    Said("GET", head(CHUNKED, b"Content-Encoding: deflate") + chunked(zlib.compress(BODY))),
    Said("POST", sized(b"done", b"Set-Cookie: a=1", b"Set-Cookie: b=2")),
    Said("POST", sized(b"", b"Location: /there")),
]

TOKENS = [
    *(b"\r\n", b"\n", b"\r", b"\0", b" ", b"\t", b":", b";", b",", b"\r\n\r\n", b"\r\n ", b"\xff"),
    *(b"0\r\n\r\n", b"5\r\n", b"ffffffffffffffff", b"99999999999999999999", b"-1", b"+", b"0x"),
    *(b"Content-Length: 5\r\n", b"Content-Length: 0\r\n", b"content-length : 3\r\n", b"chunked"),
    *(b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: gzip, chunked\r\n"),
    *(b"Transfer-Encoding:\x0bchunked\r\n", b"Transfer-Encoding: identity\r\n", b"\x0c", b"\x7f"),
    *(b"Connection: close\r\n", b"Connection: keep-alive\r\n", b"Connection: upgrade\r\n"),
    *(b"Content-Encoding: gzip\r\n", b"Content-Encoding: br\r\n", b"Content-Encoding: deflate\r\n"),
    *(b"HTTP/1.1 200 OK\r\n", b"HTTP/1.0", b"HTTP/2.0", b"HTTP/1.1 101 X\r\n\r\n", b"204", b"304"),
    *(b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"),
]


def mutated(chance: random.Random) -> Said:
    """Return an answer with up to four things changed; sometimes with none."""
    said = chance.choice(WELL_FORMED)
    data = said.answer
    for _ in range(chance.choice((0, 1, 1, 1, 2, 3, 4))):
        data = chance.choice(CHANGES)(data, chance)
    method = chance.choice(("GET", "HEAD", "POST")) if chance.random() < 0.05 else said.method
    return Said(method, data)


def place(data: bytes, chance: random.Random) -> int:
    """Return a place in it: the head is looked at more closely."""
    end = data.find(b"\r\n\r\n") + 4
    return chance.randrange(1 + (end if chance.random() < 0.6 else len(data)))


def inserted(data: bytes, chance: random.Random) -> bytes:
    at = place(data, chance)
    return data[:at] + chance.choice(TOKENS) + data[at:]


def field_inserted(data: bytes, chance: random.Random) -> bytes:
    at = data.find(b"\r\n") + 2
    return data[:at] + chance.choice(TOKENS) + data[at:]


def overwritten(data: bytes, chance: random.Random) -> bytes:
    at = place(data, chance)
    return data[:at] + chance.randbytes(1) + data[at + 1 :]


def removed(data: bytes, chance: random.Random) -> bytes:
    at = place(data, chance)
    return data[:at] + data[at + chance.randrange(1, 12) :]


def doubled(data: bytes, chance: random.Random) -> bytes:
    at = place(data, chance)
    end = at + chance.randrange(1, 60)
    return data[:end] + data[at:end] + data[end:]


def spliced(data: bytes, chance: random.Random) -> bytes:
    other = chance.choice(WELL_FORMED).answer
    return data[: place(data, chance)] + other[place(other, chance) :]


def followed(data: bytes, chance: random.Random) -> bytes:
    return data + chance.choice((b"\r\n", b"x", *(said.answer for said in WELL_FORMED)))


def cut(data: bytes, chance: random.Random) -> bytes:
    return data[: place(data, chance)]


CHANGES = (inserted, field_inserted, overwritten, removed, doubled, spliced, followed, cut)
