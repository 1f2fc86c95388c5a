"""Lines out of pieces of bytes, however they are cut."""

from __future__ import annotations

import codecs
import io

from ...errors import ArgumentError, ServerError


class Splitter:
    """Decodes pieces and splits them at any newline: a line feed, a carriage return, or both.

    No other character ends a line, as U+2028 does for `str.splitlines`: JSON may hold it.  A line
    of more than `most` characters, and bytes that are not of the encoding, are the server's
    failure.
    """

    def __init__(self, encoding: str, errors: str, most: int) -> None:
        self._decoder = io.IncrementalNewlineDecoder(decoder(encoding, errors), translate=True)
        self._encoding = encoding
        self._most = most
        self._begun: list[str] = []
        self._size = 0

    def feed(self, piece: bytes) -> list[str]:
        """Return the lines that are complete now, without their ends."""
        return self._split(self._decoded(piece, final=False))

    def end(self) -> list[str]:
        """Return what is left: a last line that nothing ended."""
        lines = self._split(self._decoded(b"", final=True))
        rest = "".join(self._begun)
        return [*lines, rest] if rest else lines

    def _decoded(self, piece: bytes, *, final: bool) -> str:
        try:
            return self._decoder.decode(piece, final)
        except UnicodeDecodeError as error:
            raise ServerError(f"a line is not of the encoding {self._encoding}: {error}") from error

    def _split(self, text: str) -> list[str]:
        first, *others = text.split("\n")
        self._take(first)
        lines: list[str] = []
        for other in others:
            lines.append("".join(self._begun))
            self._begun, self._size = [], 0
            self._take(other)
        return lines

    def _take(self, text: str) -> None:
        self._size += len(text)
        if self._size > self._most:
            raise ServerError(f"a line is longer than {self._most} characters")
        if text:
            self._begun.append(text)


def decoder(encoding: str, errors: str) -> codecs.IncrementalDecoder:
    try:
        codecs.lookup_error(errors)
        return codecs.getincrementaldecoder(encoding)(errors)
    except LookupError as error:
        raise ArgumentError(f"{error}") from error
