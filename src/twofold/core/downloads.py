"""What of a download is there, what to ask for next, and whether an answer fits.

It knows no file and no wire: it counts, and it judges headers.
"""

from __future__ import annotations

import hashlib
import math
import re
import string

import attrs

from ..errors import ArgumentError, Effect, ServerError
from .request import Reply, Request
from .text.headers import Headers, Pairs

RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)", re.ASCII | re.IGNORECASE)

# A file is written as it stands at the server, so that it can be asked for from the middle on.
ASKED_HERE = frozenset({"accept-encoding", "range", "if-range"})
AS_IT_STANDS = ("Accept-Encoding", "identity")

WRONG_PART = 416


@attrs.frozen
class Digest:
    """What the bytes of a file must amount to."""

    algorithm: str
    value: str
    """In hexadecimal digits, lower case."""


def digest_of(text: str) -> Digest:
    """Read `sha256:` and 64 hexadecimal digits; other algorithms likewise."""
    algorithm, _, value = text.partition(":")
    try:
        size = hashlib.new(algorithm, usedforsecurity=False).digest_size
    except ValueError:
        size = 0
    if not size or len(value) != 2 * size or not set(value) <= set(string.hexdigits):
        raise ArgumentError(f"digest must be like sha256: and its hexadecimal digits, not {text!r}")
    return Digest(algorithm, value.lower())


@attrs.define(eq=False, kw_only=True)
class Download:
    """One download, over as many attempts as it takes."""

    size: int | None = None
    """Bytes that it must have; None: any number."""
    digest: Digest | None = None
    most: float = math.inf
    """Bytes that it may have."""
    written: int = attrs.field(default=0, init=False)
    """Bytes that are there."""
    total: int | None = attrs.field(default=None, init=False)
    """Bytes that the server announced."""
    was_resumed: bool = attrs.field(default=False, init=False)
    _validator: str | None = attrs.field(default=None, init=False)
    """Which version those that are there belong to; None: they cannot be gone on with."""

    @property
    def goes_on(self) -> bool:
        """Whether the next answer is to begin where the one before broke off."""
        return self.written > 0 and self._validator is not None

    def asking(self, request: Request) -> Request:
        """Return the request for what is still missing (RFC 9110, 13.1.5 and 14.2)."""
        headers: Pairs = tuple(
            pair for pair in request.headers if pair[0].lower() not in ASKED_HERE
        )
        headers = (*headers, AS_IT_STANDS)
        if self.goes_on and self._validator is not None:
            part = (("Range", f"bytes={self.written}-"), ("If-Range", self._validator))
            headers = (*headers, *part)
        return request.with_headers(headers)

    def fits(self, reply: Reply) -> bool:
        """Take an answer in; False: it goes on with something else, so ask for the whole.

        From here on `written` is where its body begins.
        """
        if reply.status == WRONG_PART or (reply.status == 206 and not self._continues(reply)):
            if not self.goes_on:
                raise refused(f"{reply.request.origin} answered with a part that nobody asked for")
            return False
        if reply.status == 206:
            self.was_resumed = True
            return True
        self.restart()
        self.total = announced(reply.headers)
        if reply.request.method == "GET" and not is_coded(reply.headers):
            self._validator = strong(reply.headers.get("etag"))
        self._check(self.total)
        return True

    def restart(self) -> None:
        """Forget what is there."""
        self.written, self.total, self._validator, self.was_resumed = 0, None, None, False

    def add(self, size: int) -> None:
        """Take note that so many bytes came, which are not written yet."""
        if self.written + size > self.most:
            raise refused(f"it has more than {self.most:.0f} bytes")

    def end(self, digest: str | None) -> None:
        """Refuse what is not what was wanted, or was announced."""
        wanted = self.total if self.size is None else self.size
        if wanted is not None and self.written != wanted:
            raise refused(
                f"it ended after {self.written} of {wanted} bytes", again=self.written < wanted
            )
        if self.digest is not None and digest != self.digest.value:
            again = self.was_resumed  # perhaps parts of two versions under one name
            self.restart()
            raise refused(f"its {self.digest.algorithm} is {digest}", again=again)

    def _continues(self, reply: Reply) -> bool:
        part = RANGE.fullmatch((reply.headers.get("content-range") or "").strip())
        if part is None or not self.goes_on or is_coded(reply.headers):
            return False
        whole = None if part[3] == "*" else int(part[3])
        if self.total is not None and whole is not None and whole != self.total:
            return False
        tag = reply.headers.get("etag")
        begins_here = int(part[1]) == self.written <= int(part[2])
        return begins_here and (tag is None or tag == self._validator)

    def _check(self, total: int | None) -> None:
        if total is None:
            return
        if self.size is not None and total != self.size:
            raise refused(f"it has {total} bytes, not {self.size}")
        self.add(total)


def refused(why: str, *, again: bool = False) -> ServerError:
    # The server did what it was asked to; that is not what was wanted.
    return ServerError(f"the download is refused: {why}", effect=Effect.DONE, transient=again)


def strong(tag: str | None) -> str | None:
    """Return an entity tag that says that every byte is the same (RFC 9110, 8.8.3)."""
    return tag if tag is not None and len(tag) > 2 and tag[0] == tag[-1] == '"' else None


def is_coded(headers: Headers) -> bool:
    return (headers.get("content-encoding") or "identity").strip().lower() != "identity"


def announced(headers: Headers) -> int | None:
    """Return how many bytes will come, if the server says so."""
    text = headers.get("content-length") or ""
    if is_coded(headers) or not (text.isascii() and text.isdigit() and len(text) <= 18):
        return None
    return int(text)
