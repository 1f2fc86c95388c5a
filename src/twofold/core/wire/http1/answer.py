"""One answer, read from bytes as they come, however they are cut.

The head is collected whole and looked at before it is parsed, since llhttp has no bound on its
size and forgives a little.  How the body ends is decided here, by RFC 9112, section 6.3: llhttp
does not know that HEAD has none, nor where the connection ends, and parses a second answer as
readily as the first.  It does parse head and chunks.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import Any

import httptools

from .coding import Decoder, decoder
from .refusals import CutShort, Malformed, TooLarge

MOST_HEAD = 64 * 1024
"""Bytes of status line and header."""
MOST_FIELDS = 200
MOST_INTERIM = 8
"""Answers of the 1xx kind before the real one."""

END = b"\r\n\r\n"


class Stage(enum.Enum):
    """What is read next."""

    HEAD = enum.auto()
    LENGTH = enum.auto()
    CHUNKS = enum.auto()
    TO_THE_END = enum.auto()
    DONE = enum.auto()


class Answer:
    """Reads one answer to a request of a method; `done` says when it is complete.

    `deliver` is given the body in pieces, expanded.  After Malformed, TooLarge or CutShort the
    connection must not be used again, and neither must it unless `reusable`.
    """

    __slots__ = (
        "_decoder",
        "_deliver",
        "_fields",
        "_head",
        "_interim",
        "_left",
        "_method",
        "_most",
        "_parser",
        "_size",
        "reusable",
        "stage",
        "status",
    )

    def __init__(self, method: str, most: float, deliver: Callable[[bytes], object]) -> None:
        self.stage = Stage.HEAD
        self.status = 0
        self.reusable = False
        self._method = method
        self._most = most
        self._deliver = deliver
        self._head = b""
        self._fields: list[tuple[str, str]] = []
        self._interim = 0
        self._left = 0
        self._size = 0
        self._decoder: Decoder | None = None
        self._parser: Any = None

    @property
    def done(self) -> bool:
        return self.stage is Stage.DONE

    @property
    def headed(self) -> bool:
        """Whether the header is complete."""
        return self.stage is not Stage.HEAD

    @property
    def begun(self) -> bool:
        """Whether a byte of the answer has arrived."""
        return bool(self._head) or self.stage is not Stage.HEAD or self._interim > 0

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """The fields of the header, in the order they came, names in lower case."""
        return tuple(self._fields)

    def feed(self, data: bytes) -> None:
        """Read on.  Bytes beyond the end of the answer are refused: nothing asked for them."""
        while data:
            if self.stage is Stage.HEAD:
                data = self._read_head(data)
            elif self.stage is Stage.LENGTH:
                data = self._read_length(data)
            elif self.stage is Stage.CHUNKS:
                data = self._read_chunks(data)
            elif self.stage is Stage.TO_THE_END:
                data = self._read_on(data)
            else:
                raise Malformed("it sent more than its answer")

    def end(self) -> None:
        """Take note that the connection ended; that ends an answer of no stated length."""
        if self.stage is Stage.TO_THE_END:
            self._finish()
        elif self.stage is not Stage.DONE:
            raise CutShort(
                "the connection ended before the answer" + (" was complete" if self.begun else "")
            )

    # The head.

    def _read_head(self, data: bytes) -> bytes:
        head = self._head + data if self._head else data
        end = head.find(END)
        if end < 0:
            check_part(head)
            self._head = head
            return b""
        end += len(END)
        rest, head, self._head = head[end:], head[:end], b""
        check_whole(head)
        self._parse(head)
        if self.status >= 200:
            self._choose()
        else:
            self._pass_interim()
        return rest

    def _parse(self, head: bytes) -> None:
        self._fields = []
        self._parser = parser = httptools.HttpResponseParser(self)
        try:
            parser.feed_data(head)
        except httptools.HttpParserUpgrade as error:
            raise Malformed("it switched to another protocol, which nobody asked for") from error
        except httptools.HttpParserError as error:
            raise Malformed(f"its header is wrong: {error}") from error
        self.status = parser.get_status_code()

    def on_header(self, name: bytes, value: bytes) -> None:
        if self.stage is Stage.HEAD:  # else it stands behind the body, and nobody waits for it
            self._fields.append(
                (name.decode("ascii").lower(), value.decode("latin-1").strip(" \t"))
            )

    def on_headers_complete(self) -> None:
        self.reusable = self._parser.should_keep_alive()

    def _pass_interim(self) -> None:
        self._interim += 1
        if self.status == 101 or self._interim > MOST_INTERIM:
            raise Malformed(f"it answered {self.status} once too often")

    def _choose(self) -> None:
        """Decide where the body ends (RFC 9112, 6.3)."""
        length = coding = encoding = ""
        for name, value in self._fields:
            if name == "content-length":
                length = value
            elif name == "transfer-encoding":
                coding += f",{value}"
            elif name == "content-encoding":
                encoding += f",{value}"
        if self._method == "HEAD" or self.status in (204, 304):
            # No body, whatever the fields say; llhttp would have waited for one.
            self.reusable = self.reusable or self._is_kept()
            self.stage = Stage.DONE
            return
        if encoding:
            self._decoder = decoder(encoding)
        if coding:
            if coding.strip(", ").lower() != "chunked":
                raise Malformed(f"its transfer coding is {coding.strip(', ')!r}")
            self.stage = Stage.CHUNKS
        elif length:
            self._choose_length(length)
        else:
            self.reusable = False
            self.stage = Stage.TO_THE_END

    def _is_kept(self) -> bool:
        """Tell whether an answer without a body leaves the connection open (RFC 9112, 9.3)."""
        said = [value.lower() for name, value in self._fields if name == "connection"]
        return self._parser.get_http_version() == "1.1" and "close" not in ",".join(said)

    def _choose_length(self, text: str) -> None:
        # llhttp has refused a second one, and whatever is no number.
        self._left = int(text)
        if self._left > self._most:
            raise TooLarge(self._most)
        self.stage = Stage.LENGTH
        if not self._left:
            self._finish()

    # The body.

    def _read_length(self, data: bytes) -> bytes:
        here, rest = (data, b"") if len(data) <= self._left else split(data, self._left)
        self._left -= len(here)
        self._take(here)
        if not self._left:
            self._finish()
        return rest

    def _read_chunks(self, data: bytes) -> bytes:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserCallbackError as error:
            # What a callback of ours raised comes wrapped.
            raise error.__context__ or error from None
        except httptools.HttpParserError as error:
            raise Malformed(f"its chunks are wrong: {error}") from error
        return b""

    def _read_on(self, data: bytes) -> bytes:
        self._take(data)
        return b""

    def on_body(self, piece: bytes) -> None:
        self._take(piece)

    def on_message_begin(self) -> None:
        if self.stage is Stage.DONE:
            raise Malformed("it sent more than its answer")

    def on_message_complete(self) -> None:
        if self.stage is Stage.CHUNKS:
            self._finish()

    def _take(self, piece: bytes) -> None:
        if self._decoder is not None:
            piece = self._decoder.decode(piece, self._most - self._size)
        self._size += len(piece)
        if self._size > self._most:
            raise TooLarge(self._most)
        if piece:
            self._deliver(piece)

    def _finish(self) -> None:
        if self._decoder is not None:
            self._decoder.end()
        self.stage = Stage.DONE


def split(data: bytes, at: int) -> tuple[bytes, bytes]:
    return data[:at], data[at:]


def check_part(head: bytes) -> None:
    """Refuse what can become no head, rather than wait for its end."""
    if len(head) > MOST_HEAD:
        raise Malformed(f"its header is longer than {MOST_HEAD} bytes")
    if not head.startswith(START[: len(head)]):
        raise Malformed("it does not speak HTTP/1")
    if head.count(b"\n") != head.count(b"\r\n"):
        raise Malformed("a line of its header ends in a bare line feed")


START = b"HTTP/1."


def check_whole(head: bytes) -> None:
    """Refuse what some parsers take for one thing, and some for another (RFC 9112, 2.2, 5.2)."""
    check_part(head)
    ends = head.count(b"\r\n")
    if ends > MOST_FIELDS + 2:
        raise Malformed(f"its header has more than {MOST_FIELDS} fields")
    if head.count(b"\r") != ends:
        raise Malformed("a line of its header holds a bare carriage return")
    if b"\n " in head or b"\n\t" in head:
        raise Malformed("a field of its header is folded")
    if b"\0" in head:
        raise Malformed("its header holds NUL")
