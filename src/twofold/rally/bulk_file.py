"""The file of a bulk's record: what bulk it is, then a line of JSON for each thing that was told.

A line is whole or it is not there: what a process that died had begun is taken off.  The system has
a line when `append` returns, so it is there even if the process dies in that moment; a machine that
loses its power may lose the last ones.  While a file is open nobody else can open it, where the
system has such locks (not on Windows).
"""

from __future__ import annotations

import enum
import os
import sys
from contextlib import suppress
from typing import TypeAlias, TypeVar

import msgspec

from ..errors import ArgumentError

FLAGS = os.O_CREAT | os.O_RDWR | os.O_APPEND | getattr(os, "O_BINARY", 0)


class ItemState(enum.Enum):
    """How far an item of a bulk has come."""

    NOT_STARTED = "not started"
    SENT = "sent"
    """It is under way, or was when all ended: it may have been done or not."""
    DONE = "done"
    FAILED = "failed"
    """It was not done."""
    UNKNOWN = "unknown"
    """It was sent and its answer was lost: it may have been done or not."""


class Job(msgspec.Struct, frozen=True):
    """What a bulk does to what; another one has another digest."""

    bulk: str
    """The name of the method."""
    digest: str
    items: tuple[str, ...]
    """What people call the items."""


class Told(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one item."""

    item: int
    state: ItemState
    ref: str | None = None
    error: str | None = None


L = TypeVar("L", Job, Told)
Line: TypeAlias = Job | Told

BEGINNINGS = (b'{"bulk":', b'{"item":')


class BulkFile:
    """It is small and each line of it counts: whoever writes one waits until the system has it."""

    def __init__(self, path: str | bytes) -> None:
        self._path = path
        self._handle = -1
        self._length = 0

    def read(self) -> list[Line]:
        """Return its lines, nothing if there is no such file; what is no record is refused."""
        with suppress(FileNotFoundError):
            return self._lines(self._content())
        return []

    def _lines(self, content: bytes) -> list[Line]:
        *lines, rest = content.split(b"\n")
        if rest and not any(same(rest, beginning) for beginning in BEGINNINGS):
            raise self._unfit(len(lines) + 1)
        if not lines:
            return []
        job = self._line(1, lines[0], Job)
        told = [self._line(number, line, Told) for number, line in enumerate(lines[1:], 2)]
        for number, each in enumerate(told, 2):
            if not 0 <= each.item < len(job.items):
                raise self._unfit(number)
        return [job, *told]

    def open(self) -> list[Line]:
        """Make the file, or go on behind its last whole line; return what others wrote meanwhile.

        Raises ArgumentError if another record has it open, in whatever process.
        """
        self._handle = os.open(self._path, FLAGS, 0o666)
        if not claimed(self._handle):
            raise ArgumentError(f"{self._path!r} is in use by a bulk that is under way")
        content = self._content()
        lines = self._lines(content)
        self._length = content.rfind(b"\n") + 1
        os.ftruncate(self._handle, self._length)
        return lines

    def append(self, line: Line) -> None:
        """Add a line; if that fails, no part of it."""
        text = msgspec.json.encode(line) + b"\n"
        try:
            rest = memoryview(text)
            while rest:
                rest = rest[os.write(self._handle, rest) :]
        except BaseException:
            with suppress(OSError):
                os.ftruncate(self._handle, self._length)
            raise
        self._length += len(text)

    def close(self) -> None:
        handle, self._handle = self._handle, -1
        if handle >= 0:
            os.close(handle)

    def _content(self) -> bytes:
        with open(self._path, "rb") as file:  # noqa: PTH123 - a path may be bytes
            return file.read()

    def _line(self, number: int, text: bytes, kind: type[L]) -> L:
        try:
            return msgspec.json.decode(text, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise self._unfit(number) from None

    def _unfit(self, number: int) -> ArgumentError:
        return ArgumentError(f"{self._path!r} is no record of a bulk: line {number} is none of one")


def claimed(handle: int) -> bool:
    """Lock a file until it is closed; tell whether nobody else has."""
    if sys.platform != "win32":
        import fcntl

        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def same(some: bytes, other: bytes) -> bool:
    """Tell whether one begins with the other, as far as both go."""
    length = min(len(some), len(other))
    return some[:length] == other[:length]
