"""Bodies that are drawn piece by piece: bytes, files, iterators, and forms made of them.

It knows no loop: drawing may block, and whoever draws sees to it that this holds up nobody.  Every
pass over a body gives the same bytes, or an error.
"""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Generator, Iterable, Iterator, Sequence
from functools import partial
from inspect import isgenerator
from pathlib import Path
from threading import Lock
from typing import Any, BinaryIO, Protocol, TypeAlias

import attrs

from ..errors import ArgumentError, Effect, RequestError
from ..progress import Meter, ProgressCallback

PIECE = 256 * 1024
"""At most so many bytes are drawn, and sent, at once."""

Content: TypeAlias = "bytes | str | os.PathLike[str] | BinaryIO | Iterable[bytes]"
"""What may be uploaded: bytes, the path of a file, an open binary file, or pieces."""


# For `isinstance`, which would otherwise narrow to what is generic in who knows what.
BYTES: tuple[type[Any], ...] = (bytes, bytearray, memoryview)
PATH: tuple[type[Any], ...] = (str, os.PathLike)
SEQUENCE: tuple[type[Any], ...] = (Sequence,)
ITERABLE: tuple[type[Any], ...] = (Iterable,)


class Material(Protocol):
    """What a body is drawn from."""

    @property
    def length(self) -> int | None:
        """In bytes; None if nobody knows before its end."""
        ...

    @property
    def is_at_hand(self) -> bool:
        """Whether drawing never blocks."""
        ...

    @property
    def is_spent(self) -> bool:
        """Whether it was drawn from, and cannot be a second time."""
        ...

    def pieces(self) -> Generator[bytes]:
        """Draw it from its beginning."""
        ...


@attrs.define(eq=False)
class Upload:
    """A body that is sent piece by piece, each as soon as the one before has gone.

    Made by `upload` or `multipart`.  It may be sent again unless `is_spent`; by one call at a time.
    """

    material: Material = attrs.field(repr=False)
    length: int | None
    """In bytes; None: it is sent in chunks."""
    content_type: str | None = None
    meter: Meter = attrs.field(factory=lambda: Meter(None, total=None), repr=False)

    @property
    def is_at_hand(self) -> bool:
        """Whether drawing it never blocks."""
        return self.material.is_at_hand

    @property
    def is_spent(self) -> bool:
        """Whether it was drawn from an iterator, which gives its pieces only once."""
        return self.material.is_spent

    def begin(self) -> Drawing:
        """Draw it from its beginning."""
        if self.is_spent:
            raise spent()
        return Drawing(sliced(exact(self.material.pieces(), self.length)))


def spent() -> RequestError:
    return RequestError(
        "the body comes from an iterator that was drawn from before: it cannot be sent again"
    )


class Drawing:
    """One pass over a body."""

    def __init__(self, pieces: Generator[bytes]) -> None:
        self._pieces = pieces
        # Held while a file is read: a task that asyncio itself cancels leaves a thread reading.
        self._lock = Lock()

    def draw(self) -> bytes:
        """Return the next piece; an empty one at the end."""
        with self._lock:
            return next(self._pieces, b"")

    def close(self) -> None:
        """Let go of what it is drawn from; a file that is just being read is closed after that."""
        if self._lock.acquire(blocking=False):
            try:
                self._pieces.close()
            finally:
                self._lock.release()


@attrs.frozen(eq=False)
class Held:
    """Bytes."""

    body: bytes
    is_at_hand = True
    is_spent = False

    @property
    def length(self) -> int:
        return len(self.body)

    def pieces(self) -> Generator[bytes]:
        yield self.body


Stamp: TypeAlias = "tuple[int, int]"


def stamp(found: os.stat_result) -> Stamp:
    return found.st_size, found.st_mtime_ns


@attrs.frozen(eq=False)
class Stored:
    """A file by its path, opened anew for each pass."""

    path: Path
    seen: Stamp
    is_at_hand = False
    is_spent = False

    @property
    def length(self) -> int:
        return self.seen[0]

    def pieces(self) -> Generator[bytes]:
        with self.path.open("rb", buffering=0) as file:
            self._check(file)
            while piece := file.read(PIECE):
                yield piece
            self._check(file)

    def _check(self, file: io.FileIO) -> None:
        if stamp(os.fstat(file.fileno())) != self.seen:
            raise changed(f"{self.path.name} has changed since it was to be sent")


@attrs.define(eq=False)
class Opened:
    """An open file that can be wound back: from where it stood to its end."""

    file: BinaryIO
    start: int
    length: int
    is_at_hand = False
    is_spent = False
    _in_use: Lock = attrs.field(factory=Lock)

    def pieces(self) -> Generator[bytes]:
        if not self._in_use.acquire(blocking=False):
            raise RequestError("one open file cannot be sent by two calls at once")
        try:
            self.file.seek(self.start)
            while piece := self.file.read(PIECE):
                yield piece
        finally:
            self._in_use.release()


@attrs.define(eq=False)
class Passing:
    """Pieces that come once, such as those of a generator or a pipe."""

    items: Iterator[bytes]
    is_at_hand = False
    is_spent: bool = attrs.field(default=False, init=False)
    length: int | None = attrs.field(default=None, init=False)

    def pieces(self) -> Generator[bytes]:
        self.is_spent = True
        try:
            for item in self.items:
                yield checked_piece(item)
        finally:
            if isgenerator(self.items):
                self.items.close()


@attrs.frozen(eq=False)
class Joined:
    """Several, one after another."""

    parts: Sequence[tuple[Material, int | None]]
    """Each with its length."""

    @property
    def length(self) -> int | None:
        lengths = [length for _, length in self.parts]
        known = [length for length in lengths if length is not None]
        return sum(known) if len(known) == len(lengths) else None

    @property
    def is_at_hand(self) -> bool:
        return all(part.is_at_hand for part, _ in self.parts)

    @property
    def is_spent(self) -> bool:
        return any(part.is_spent for part, _ in self.parts)

    def pieces(self) -> Generator[bytes]:
        for part, length in self.parts:
            yield from exact(part.pieces(), length)


def upload(
    content: Content,
    *,
    length: int | None = None,
    content_type: str | None = None,
    progress: ProgressCallback | None = None,
) -> Upload:
    """Return a body that is sent piece by piece, for `Endpoint.operation(body=...)`.

    A text is the path of a file.  An open file is sent from where it stands, and wound back if it
    is sent again.  Pieces from an iterator, and from a file that cannot be wound back, come once:
    a request is not repeated after the first of them was drawn.  `length` is how many bytes come
    where that cannot be known; without it they are sent in chunks.  More or fewer bytes, and a file
    that changed meanwhile, are a RequestError before the body is complete; what reading raises
    leaves the call as it is.

    `progress` is told of bytes that were sent, as batches tell of items.
    """
    if length is not None and not is_length(length):
        raise ArgumentError(f"length must be a whole number of at least 0, not {length!r}")
    material = material_of(content)
    total = material.length if length is None else length
    return Upload(material, total, content_type, Meter(progress, total=total))


def is_length(given: object) -> bool:
    return isinstance(given, int) and not isinstance(given, bool) and given >= 0


def material_of(content: Any) -> Material:
    """Return what to draw from; what it is, is looked at now."""
    if isinstance(content, BYTES):
        return Held(bytes(content))
    if isinstance(content, PATH):
        return stored(Path(content))
    if hasattr(content, "read"):
        return opened(content)
    if isinstance(content, SEQUENCE):
        return Held(b"".join([checked_piece(piece) for piece in content]))
    if isinstance(content, ITERABLE):
        return Passing(iter(content))
    raise ArgumentError(
        f"a body is bytes, a path, an open binary file or an iterable of bytes, not {content!r}"
    )


def stored(path: Path) -> Stored:
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise ArgumentError(f"{path} is not a file; what is a pipe can be opened and given so")
    return Stored(path, stamp(found))


def opened(file: Any) -> Material:
    if isinstance(file, io.TextIOBase):
        raise ArgumentError("the file is open for text: open it with mode 'rb'")
    if file.seekable():
        start: int = file.tell()
        length: int = file.seek(0, os.SEEK_END) - start
        file.seek(start)
        return Opened(file, start, max(0, length))
    # One that waits until it has so many bytes would hold back what a pipe has already.
    read = getattr(file, "read1", file.read)
    return Passing(iter(partial(read, PIECE), b""))


def checked_piece(piece: Any) -> bytes:
    if isinstance(piece, BYTES):
        return bytes(piece)
    raise ArgumentError(f"the pieces of a body are bytes, not {type(piece).__name__}")


def changed(what: str) -> RequestError:
    # The server has a part of it, and cannot take that for the whole.
    return RequestError(what, effect=Effect.UNKNOWN)


def exact(pieces: Generator[bytes], length: int | None) -> Generator[bytes]:
    """Refuse more or less than was announced, before the last of it is given away."""
    size, last = 0, b""
    try:
        for piece in pieces:
            size += len(piece)
            if length is not None and size > length:
                raise changed(f"the body is longer than the {length} bytes it was to have")
            if size == length:
                last = last or piece
            else:
                yield piece
        if length is not None and size < length:
            raise changed(f"the body ended after {size} of {length} bytes")
    finally:
        pieces.close()
    if last:
        yield last


def sliced(pieces: Generator[bytes]) -> Generator[bytes]:
    """Cut what is large, so that a send never takes long; leave out what is empty."""
    try:
        for piece in pieces:
            for at in range(0, len(piece), PIECE):
                yield piece if len(piece) <= PIECE else piece[at : at + PIECE]
    finally:
        pieces.close()
