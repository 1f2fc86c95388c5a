"""What another parser makes of an answer: h11, which shares no line with ours."""

from __future__ import annotations

import zlib

import attrs
import h11


@attrs.frozen
class Reading:
    """A complete answer, as h11 reads it."""

    status: int
    body: bytes
    can_go_on: bool
    """Whether the connection is good for another request: open, and nothing left over."""


def reading(method: str, answer: bytes, *, closes: bool) -> Reading | None:
    """Return what h11 reads; None: it refuses, or waits for more."""
    there = h11.Connection(h11.CLIENT, max_incomplete_event_size=64 * 1024)
    there.send(h11.Request(method=method, target="/", headers=[("Host", "x")]))
    there.send(h11.EndOfMessage())
    there.receive_data(answer)
    if closes and answer:
        there.receive_data(b"")
    status, fields, body, version = 0, list[tuple[bytes, bytes]](), b"", b""
    try:
        while True:
            event = there.next_event()
            if isinstance(event, h11.Response):
                status, version = event.status_code, event.http_version
                fields = list(event.headers)
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage):
                break
            elif not isinstance(event, h11.InformationalResponse):
                return None
        expanded = undone(body, fields)
    except (h11.RemoteProtocolError, zlib.error, ValueError):
        return None
    is_open = there.their_state is h11.DONE or is_kept_1_0(version, fields)
    return Reading(status, expanded, is_open and not there.trailing_data[0] and not closes)


def is_kept_1_0(version: bytes, fields: list[tuple[bytes, bytes]]) -> bool:
    """Tell what h11 does not know: HTTP/1.0 stays open if it says so (RFC 9112, 9.3)."""
    said = dict(fields)
    words = [word.strip().lower() for word in said.get(b"connection", b"").split(b",")]
    return version == b"1.0" and b"keep-alive" in words and b"content-length" in said


def undone(body: bytes, fields: list[tuple[bytes, bytes]]) -> bytes:
    """Undo the content codings, with zlib alone."""
    said = b",".join(value for name, value in fields if name == b"content-encoding")
    for coding in reversed([word.strip().lower() for word in said.split(b",")]):
        if not body or coding in (b"", b"identity"):
            continue
        if coding not in (b"gzip", b"x-gzip", b"deflate"):
            raise ValueError(coding)
        body = expanded(body, bare=coding == b"deflate")
    return body


def expanded(body: bytes, *, bare: bool) -> bytes:
    """Expand gzip, member after member, or deflate, wrapped or bare."""
    whole = b""
    while body:
        try:
            inside = zlib.decompressobj(zlib.MAX_WBITS | 32)
            whole += inside.decompress(body)
        except zlib.error:
            if not bare:
                raise
            inside = zlib.decompressobj(-zlib.MAX_WBITS)
            whole += inside.decompress(body)
        if not inside.eof:
            raise ValueError("it stops in the middle")
        body = inside.unused_data
    return whole
