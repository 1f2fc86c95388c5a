"""A server that falls silent in the midst of an answer, plain and over TLS."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import attrs

from twofold.core.request import Endpoint

from .liar import Case, lying
from .mutations import Said
from .terminator import terminated

READ = 30.0
"""Seconds that a caller would wait for the next byte."""
SETTLED = 0.2
"""Seconds after which a caller waits."""
TIMES = 5

PLACES = ("for the head", "in mid-body")
ANSWERS = (b"HTTP/1.1 200 OK\r\nContent-Le", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nsome")

LOOK = Endpoint("soak.look", "GET", "/{number}", lambda reply: reply.status)


@attrs.frozen
class Stalling:
    """Where the server is; a path is the number of a place to fall silent at."""

    url: str
    verify: str | bool


@contextmanager
def stalling(*, tls: bool) -> Generator[Stalling]:
    with lying() as liar:
        for place, answer in enumerate(ANSWERS):
            liar.cases[place] = Case(Said("GET", answer), closes=False, right=None)
        if not tls:
            yield Stalling(str(liar.origin), verify=True)
            return
        with terminated(liar.origin.port) as (url, authority):
            yield Stalling(url, authority)
