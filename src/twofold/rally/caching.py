"""What a caching client keeps: complete results, under which key, and when they are given.

A result is what all pages of a read say together, as the server sent them.  Nothing waits here.
"""

from __future__ import annotations

import enum
import hashlib
import secrets
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import attrs
import msgspec

from ..core.cache.keys import named
from ..core.policy.checks import not_negative
from ..core.request import Operation, Reply
from ..core.store.entry import Entry
from ..core.store.removal import Removal, of_key, of_prefix
from ..core.store.schema import SCHEMA
from ..core.text.secrets import scrubbed
from .asking import Question, R, Rows
from .plan import Span

T = TypeVar("T")

FORMAT = 1

# Pages of tickets shrink to about a tenth; more effort gains little and takes several times longer.
EFFORT = 1

FRESH = 60.0
STALE = 86_400.0


class Choice(enum.Enum):
    """What is done with what is kept."""

    GIVE = "give"
    REFRESH = "refresh"
    """Give it at once, and ask for it anew in the background."""
    ASK = "ask"
    """Ask the server; what is kept is given if that cannot be asked."""


@attrs.frozen(kw_only=True)
class Lifetimes:
    """For how long what is kept is given, in seconds since the server was asked for it."""

    fresh: float = attrs.field(default=FRESH, validator=not_negative)
    """So long nobody is asked."""
    stale: float = attrs.field(default=STALE, validator=not_negative)
    """So long after that it is given at once, and asked for anew in the background."""

    def choose(self, age: float, *, is_believed: bool, is_offline: bool) -> Choice:
        if is_offline:
            return Choice.GIVE
        if not is_believed:
            return Choice.ASK
        if age < self.fresh:
            return Choice.GIVE
        return Choice.REFRESH if age < self.fresh + self.stale else Choice.ASK


@attrs.frozen
class Place:
    """Whose results are kept, and of which server."""

    account: str
    """A digest of whom the credentials speak for."""
    address: str
    """Of the server's web services; never a secret."""

    @property
    def mark_key(self) -> str:
        """Where the mark stands: a result that bears another one is not believed.

        Whoever writes takes the mark out, so that the next reader makes a new one.
        """
        return f"{self.account}\nMARK\n{digest([self.address])}"

    @property
    def unbelief(self) -> Removal:
        """Return what makes all that was asked for before now unbelievable; it stays there."""
        return of_key(self.mark_key)

    @property
    def everything(self) -> Removal:
        return of_prefix(self.account, self.address)

    def key(self, operations: Sequence[Operation[Any]]) -> str:
        """Return the key of what these ask together: where, and each word of what is asked."""
        asked = [
            [one.name, one.endpoint.method, one.path, list(one.query.items()), one.body]
            for one in operations
        ]
        return f"{self.account}\nRESULT\n{digest([self.address, *asked])}"

    def mark(self, wall: float) -> Entry:
        """Return a new mark; no other one is like it."""
        return self._entry(self.mark_key, (), secrets.token_bytes(16), wall)

    def entry(self, key: str, operation: str, kept: Kept, asked: float, wall: float) -> Entry:
        """Return a result as it is stored."""
        body = msgspec.msgpack.encode(kept)
        return attrs.evolve(self._entry(key, (named(operation),), body, wall), requested=asked)

    def _entry(self, key: str, tags: tuple[str, ...], body: bytes, wall: float) -> Entry:
        return Entry(key, "", self.address, tags, 200, (), body, wall, wall)


def digest(said: object) -> str:
    return hashlib.sha256(msgspec.msgpack.encode(said)).hexdigest()[:40]


class Piece(msgspec.Struct, array_like=True, frozen=True):
    """One answer: of which question, which rows."""

    question: int
    start: int
    size: int
    body: bytes
    """Compressed."""

    @property
    def span(self) -> Span:
        return Span(self.question, self.start, self.size)


class Kept(msgspec.Struct, array_like=True, forbid_unknown_fields=True, frozen=True):
    """A complete result: all of its answers, in the order of questions and rows."""

    format: int
    mark: bytes
    pieces: tuple[Piece, ...]


# Made once, when this is imported: threads that make the first decoder of a struct at once may see
# it half made (msgspec 0.22).
KEPT = msgspec.msgpack.Decoder(Kept)


def opened(entry: Entry) -> Kept | None:
    """Return the result that an entry holds; None: it is none that this twofold knows."""
    try:
        kept = KEPT.decode(entry.body)
    except msgspec.DecodeError:
        return None
    return kept if kept.format == FORMAT and kept.pieces else None


def compressed(body: bytes, span: Span) -> Piece:
    return Piece(span.question, span.start, span.size, zlib.compress(body, EFFORT))


def harmless(body: bytes, hidden: Sequence[str]) -> bytes:
    """Return an answer as it may be kept: a server may repeat in it what it was told."""
    spelt = [text for secret in hidden for text in (secret, json_text(secret)) if text]
    if not any(text.encode() in body for text in spelt):
        return body  # as nearly always; to look for each spelling takes longer than to compress it
    return scrubbed(body.decode("utf-8", "replace"), hidden).encode()


def json_text(text: str) -> str:
    return msgspec.json.encode(text)[1:-1].decode()


def in_order(bodies: Mapping[Span, bytes]) -> list[Span]:
    return sorted(bodies, key=lambda span: (span.question, span.start))


def body_of(piece: Piece) -> bytes:
    """Return an answer as it was sent; ValueError: it is damaged."""
    try:
        return zlib.decompress(piece.body)
    except zlib.error as error:
        raise ValueError(f"a kept answer is damaged: {error}") from error


@attrs.frozen(kw_only=True)
class Noted(Question[R]):
    """A question that notes every answer that could be read."""

    number: int
    bodies: dict[Span, bytes]

    def page(self, start: int, size: int) -> Operation[Rows[R]]:
        asked = super().page(start, size)
        return noted(asked, self.bodies, Span(self.number, start, size))


def noting(question: Question[R], number: int, bodies: dict[Span, bytes]) -> Question[R]:
    """Return the same question; its answers are noted as the server sends them."""
    said = attrs.asdict(question, recurse=False)
    return Noted(**said, number=number, bodies=bodies)


def noted(operation: Operation[T], bodies: dict[Span, bytes], span: Span) -> Operation[T]:
    """Return the same operation; what is answered is noted once it could be read."""
    read = operation.endpoint.read

    def take(reply: Reply) -> T:
        value = read(reply)
        bodies[span] = reply.body
        return value

    return attrs.evolve(operation, endpoint=attrs.evolve(operation.endpoint, read=take))


def cache_file() -> Path:
    """Return where results are kept unless another file is named.

    The format is part of the name: versions of twofold that know different ones do not meet.
    """
    from platformdirs import user_cache_path  # only needed where no file is named

    return user_cache_path("twofold", appauthor=False) / f"rally-{SCHEMA}.db"
