"""One answer, read from bytes as they come, however they are cut.

How the body ends is decided here (RFC 9112, section 6.3).  There is no llhttp in it: that forgives
a little, knows neither that HEAD has no body nor where it stopped, and calls back for each field,
which takes longer than to split the header here.
"""

from __future__ import annotations

import enum
from collections.abc import Callable

from .chunks import Chunks
from .coding import Decoder, decoder
from .head import CHUNKED, Head, check_part, parsed
from .refusals import CutShort, Malformed, TooLarge

MOST_INTERIM = 8
"""Answers of the 1xx kind before the real one."""

END = b"\r\n\r\n"

NOTHING = Head("HTTP/1.0 999\r\n\r\n")
"""Stands for the head that is not there yet."""


class Stage(enum.Enum):
    """What is read next."""

    HEAD = enum.auto()
    LENGTH = enum.auto()
    CHUNKS = enum.auto()
    TO_THE_END = enum.auto()
    DONE = enum.auto()


HEAD, LENGTH = Stage.HEAD, Stage.LENGTH
"""The usual ones: an attribute of an enumeration is slow to find."""


class Answer:
    """Reads one answer to a request of a method; `done` says when it is complete.

    `deliver` is given the body in pieces, expanded.  After Malformed, TooLarge or CutShort the
    connection must not be used again, and neither must it unless `reusable`.
    """

    __slots__ = (
        *("_begun", "_chunks", "_decoder", "_deliver", "_head", "_interim", "_left"),
        *("_method", "_most", "_part", "_size", "done", "reusable", "stage"),
    )

    def __init__(self, method: str, most: float, deliver: Callable[[bytes], object]) -> None:
        self.stage = HEAD
        self.done = False
        self.reusable = False
        self._method = method
        self._most = most
        self._deliver = deliver
        self._part = b""
        self._head = NOTHING
        self._begun = False
        self._interim = 0
        self._left = 0
        self._size = 0
        self._decoder: Decoder | None = None
        self._chunks: Chunks | None = None

    @property
    def headed(self) -> bool:
        """Whether the header is complete."""
        return self.stage is not HEAD

    @property
    def begun(self) -> bool:
        """Whether a byte of the answer has arrived."""
        return self._begun

    @property
    def status(self) -> int:
        """The status; 0 until it is known."""
        return 0 if self._head is NOTHING else self._head.status

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """The fields of the header, in the order they came, names in lower case."""
        return self._head.fields

    @property
    def rests(self) -> float | None:
        """For how many seconds the other end keeps the connection; None: it does not say."""
        return self._head.rests

    def feed(self, data: bytes) -> None:
        """Read on.  Bytes beyond the end of the answer are refused: nothing asked for them."""
        self._begun = self._begun or bool(data)
        while data:
            if self.stage is HEAD:
                data = self._read_head(data)
            elif self.stage is LENGTH:
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
        elif not self.done:
            raise CutShort(
                "the connection ended before the answer" + (" was complete" if self.begun else "")
            )

    # The head.

    def _read_head(self, data: bytes) -> bytes:
        part = self._part + data if self._part else data
        end = part.find(END)
        if end < 0:
            check_part(part)
            self._part = part
            return b""
        end += len(END)
        self._part = b""
        self._head = head = parsed(part[:end])
        if head.status < 200:
            self._pass_interim(head.status)
        else:
            self._choose(head)
        return part[end:]

    def _pass_interim(self, status: int) -> None:
        self._interim += 1
        if status == 101:
            raise Malformed("it switched to another protocol, which nobody asked for")
        if self._interim > MOST_INTERIM:
            raise Malformed(f"it answered {status} once too often")

    def _choose(self, head: Head) -> None:
        """Decide where the body ends (RFC 9112, 6.3)."""
        self.reusable = head.is_kept
        if self._method == "HEAD" or head.status in (204, 304):
            self._left = 0  # whatever the fields say
            self.stage = LENGTH
            self._finish()
            return
        if head.encoding:
            self._decoder = decoder(head.encoding)
        if head.length is None:
            self.reusable = False
            self.stage = Stage.TO_THE_END
        elif head.length == CHUNKED:
            self._chunks = Chunks(self._take)
            self.stage = Stage.CHUNKS
        else:
            self._choose_length(head.length)

    def _choose_length(self, length: int) -> None:
        if length > self._most:
            raise TooLarge(self._most)
        self._left = length
        self.stage = LENGTH
        if not length:
            self._finish()

    # The body.

    def _read_length(self, data: bytes) -> bytes:
        left = self._left
        here, rest = (data, b"") if len(data) <= left else (data[:left], data[left:])
        self._left = left - len(here)
        self._take(here)
        if not self._left:
            self._finish()
        return rest

    def _read_chunks(self, data: bytes) -> bytes:
        chunks = self._chunks
        if chunks is None:
            raise AssertionError("there are chunks where none were announced")
        rest = chunks.feed(data)
        if chunks.done:
            self._finish()
        return rest

    def _read_on(self, data: bytes) -> bytes:
        self._take(data)
        return b""

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
        self.done = True
