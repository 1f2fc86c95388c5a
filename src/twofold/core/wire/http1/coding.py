"""Content codings: gzip and deflate always, br and zstd where there is a package (extra `codings`).

What comes out is bounded at every step, since a kilobyte can stand for a gigabyte.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Protocol

from .refusals import Malformed, TooLarge

STEP = 2**20
"""At most so many bytes are expanded before their number is looked at."""


class Decoder(Protocol):
    """Expands a body piece by piece."""

    def decode(self, data: bytes, most: float) -> bytes:
        """Expand a piece; more than `most` bytes of result are refused."""
        ...

    def end(self) -> None:
        """Refuse a body that stopped in the middle."""
        ...


class Zlib:
    """gzip and deflate; any number of members, one after another."""

    def __init__(self, window: int) -> None:
        self._window = window
        self._inside = zlib.decompressobj(window)
        self._begun = False

    def decode(self, data: bytes, most: float) -> bytes:
        pieces: list[bytes] = []
        size = 0
        while data:
            piece, data = self._step(data)
            size += len(piece)
            if size > most:
                raise TooLarge(most)
            pieces.append(piece)
        return b"".join(pieces)

    def _step(self, data: bytes) -> tuple[bytes, bytes]:
        if self._inside.eof:  # another member begins
            self._inside = zlib.decompressobj(self._window)
        try:
            piece = self._inside.decompress(data, STEP)
        except zlib.error as error:
            raise Malformed(f"its body cannot be expanded: {error}") from error
        self._begun = True
        return piece, self._inside.unconsumed_tail or self._inside.unused_data

    def end(self) -> None:
        if self._begun and not self._inside.eof:
            raise Malformed("its compressed body stops in the middle")


class Deflate:
    """deflate, which should be wrapped, and which some send bare (RFC 9110, 8.4.1.2)."""

    def __init__(self) -> None:
        self._first = b""
        self._inside: Zlib | None = None

    def decode(self, data: bytes, most: float) -> bytes:
        if self._inside is None:
            data = self._first + data
            if len(data) < 2:
                self._first = data
                return b""
            self._inside = Zlib(zlib.MAX_WBITS if is_wrapped(data) else -zlib.MAX_WBITS)
        return self._inside.decode(data, most)

    def end(self) -> None:
        if self._inside is not None:
            self._inside.end()
        elif self._first:
            raise Malformed("its compressed body stops in the middle")


def is_wrapped(data: bytes) -> bool:
    """Tell whether these are the first two bytes of zlib's format (RFC 1950, 2.2)."""
    return data[0] & 0x0F == 8 and int.from_bytes(data[:2], "big") % 31 == 0


class Brotli:
    """br, over the package brotli."""

    def __init__(self) -> None:
        brotli: Any = import_module("brotli")  # of the extra, and without types
        self._inside = brotli.Decompressor()
        self._error: type[Exception] = brotli.error
        self._begun = False

    def decode(self, data: bytes, most: float) -> bytes:
        pieces: list[bytes] = []
        size = 0
        while data or not self._inside.can_accept_more_data():
            try:
                piece: bytes = self._inside.process(data, output_buffer_limit=STEP)
            except self._error as error:
                raise Malformed(f"its body cannot be expanded: {error}") from error
            data, self._begun = b"", True
            size += len(piece)
            if size > most:
                raise TooLarge(most)
            pieces.append(piece)
        return b"".join(pieces)

    def end(self) -> None:
        if self._begun and not self._inside.is_finished():
            raise Malformed("its compressed body stops in the middle")


class Zstd:
    """zstd, over the standard library's, or what brings it to older Pythons; frame after frame."""

    def __init__(self) -> None:
        self._zstd: Any = import_module(ZSTD)  # of the extra, and without types
        self._inside = self._fresh()
        self._begun = False

    def _fresh(self) -> Any:
        most = {self._zstd.DecompressionParameter.window_log_max: MOST_WINDOW}
        return self._zstd.ZstdDecompressor(options=most)

    def decode(self, data: bytes, most: float) -> bytes:
        pieces: list[bytes] = []
        size = 0
        while data or not (self._inside.eof or self._inside.needs_input):
            if self._inside.eof:  # another frame begins
                self._inside = self._fresh()
            try:
                piece: bytes = self._inside.decompress(data, STEP)
            except self._zstd.ZstdError as error:
                raise Malformed(f"its body cannot be expanded: {error}") from error
            self._begun = True
            data = self._inside.unused_data if self._inside.eof else b""
            size += len(piece)
            if size > most:
                raise TooLarge(most)
            pieces.append(piece)
        return b"".join(pieces)

    def end(self) -> None:
        if self._begun and not self._inside.eof:
            raise Malformed("its compressed body stops in the middle")


MOST_WINDOW = 23
"""Of zstd, as a power of two: 8 MiB (RFC 9659, 3)."""

ZSTD = "compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd"


def gzip() -> Decoder:
    return Zlib(zlib.MAX_WBITS | 16)


def is_installed(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:  # nor is the package that it would be in
        return False


DECODERS: dict[str, Callable[[], Decoder]] = {"gzip": gzip, "x-gzip": gzip, "deflate": Deflate}

if is_installed("brotli"):
    DECODERS["br"] = Brotli
if sys.version_info >= (3, 14) or is_installed(ZSTD):
    DECODERS["zstd"] = Zstd

CODINGS = tuple(name for name in DECODERS if name != "x-gzip")
"""The codings that are understood, by the names a request gives them."""

ACCEPTING = ("Accept-Encoding", ", ".join(CODINGS))
"""What a request says of the codings that are understood."""


def decoder(encoding: str) -> Decoder:
    """Return what undoes a Content-Encoding; several are undone from the last to the first."""
    names = [name.strip().lower() for name in encoding.split(",")]
    wanted = [name for name in names if name not in ("", "identity")]
    if unknown := [name for name in wanted if name not in DECODERS]:
        raise Malformed(f"its body is coded with {unknown[0]!r}, which was not asked for")
    if len(wanted) > MOST_CODINGS:
        raise Malformed(f"its body is coded {len(wanted)} times over")
    return Chain([DECODERS[name]() for name in reversed(wanted)])


MOST_CODINGS = 3


class Chain:
    """Several decoders, one after another."""

    def __init__(self, decoders: list[Decoder]) -> None:
        self._decoders = decoders

    def decode(self, data: bytes, most: float) -> bytes:
        for inside in self._decoders:
            data = inside.decode(data, most)
        return data

    def end(self) -> None:
        for inside in self._decoders:
            inside.end()
