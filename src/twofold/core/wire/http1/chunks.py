"""A body in chunks, read to the letter (RFC 9112, section 7.1).

llhttp would do, but it skips line ends after the last chunk, and does not say where it stopped.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from .head import MOST_FIELDS, VISIBLE, named
from .refusals import Malformed

MOST_LINE = 8 * 1024
"""Bytes of a chunk's size with its extensions, or of a line of the trailer."""

SIZE = re.compile(rb"[0-9A-Fa-f]{1,16}")


class Chunks:
    """Reads chunks; `take` is given what is in them, `done` says that the last one was read."""

    __slots__ = ("_closing", "_left", "_part", "_take", "_trailer", "done")

    def __init__(self, take: Callable[[bytes], object]) -> None:
        self.done = False
        self._take = take
        self._part = b""
        self._left = 0
        self._closing = False
        """Whether a chunk was read, and the line end after it was not."""
        self._trailer = -1
        """How many lines of the trailer were read; -1: it has not begun."""

    def feed(self, data: bytes) -> bytes:
        """Read on; return what comes after the end."""
        data, self._part = self._part + data if self._part else data, b""
        at = 0
        while at < len(data) and not self.done:
            at = self._read_piece(data, at) if self._left else self._read_line(data, at)
        return data[at:]

    def _read_piece(self, data: bytes, at: int) -> int:
        piece = data[at : at + self._left]
        self._left -= len(piece)
        self._closing = not self._left
        self._take(piece)
        return at + len(piece)

    def _read_line(self, data: bytes, at: int) -> int:
        end = data.find(b"\r\n", at)
        if end < 0:
            self._part = data[at:]
            self._check(self._part.removesuffix(b"\r"))
            return len(data)
        line = data[at:end]
        self._check(line)
        if self._closing:
            self._closing = False
        elif self._trailer < 0:
            self._open(line)
        elif line:
            self._trailer += 1
            named(line.decode("latin-1"))
        else:
            self.done = True
        return end + 2

    def _check(self, line: bytes) -> None:
        """Refuse a line, or what can become none, rather than wait for its end."""
        if self._closing and line:
            raise Malformed("a chunk is longer than it says")
        if len(line) > MOST_LINE or self._trailer > MOST_FIELDS:
            raise Malformed("there is too much between its chunks, or after them")
        if line.translate(None, VISIBLE):
            raise Malformed("there is a control character between its chunks")

    def _open(self, line: bytes) -> None:
        size = line.partition(b";")[0]
        if not SIZE.fullmatch(size):
            raise Malformed("the size of a chunk is no number")
        self._left = int(size, 16)
        if not self._left:
            self._trailer = 0
