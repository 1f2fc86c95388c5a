"""A file that is written under another name beside its place, and moved there once it is whole.

Whatever may block is here; whoever calls sees to it that this holds up nobody.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path, PurePath
from threading import Lock
from typing import Protocol

from ..errors import ArgumentError
from .downloads import Digest

FLAGS = (
    os.O_CREAT | os.O_EXCL | os.O_RDWR | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
)


class Landing:
    """A file on its way to `target`, or into it if that is a folder.

    Nobody sees half of it there, and what it replaces leaves it its rights; a link is followed.
    What is no file, such as a pipe, takes what is written as it comes.  `discard` is safe at any
    time, also while another thread writes: a task that asyncio itself cancels leaves one behind.
    """

    def __init__(self, target: Path, digest: Digest | None) -> None:
        self._target = target
        self._digest = digest
        self._lock = Lock()
        self._file = -1
        self._place: Path | None = None
        self._into_folder = False
        self._mode: int | None = None
        """The rights of the file that is replaced; None: there is none."""
        self._is_given_up = False
        self._hash = new_hash(digest)

    def begin(self) -> None:
        """Make the file; what the system forbids is known before anything is sent."""
        with self._lock:
            if self._is_given_up:
                return
            mode = mode_of(self._target)
            self._into_folder = mode is not None and stat.S_ISDIR(mode)
            if mode is None or stat.S_ISREG(mode):
                self._target = self._target.resolve()
                self._mode = mode
            elif not self._into_folder:
                self._file = os.open(self._target, os.O_WRONLY | getattr(os, "O_BINARY", 0))
                return
            folder = self._target if self._into_folder else self._target.parent
            place = folder / f".{secrets.token_hex(8)}.part"
            self._file = os.open(place, FLAGS, 0o666)
            self._place = place

    def write(self, pieces: Sequence[bytes]) -> None:
        """Add to the file."""
        with self._lock:
            for piece in pieces:
                rest = memoryview(piece)
                while rest:
                    rest = rest[os.write(self._open(), rest) :]
                if self._hash is not None:
                    self._hash.update(piece)

    def restart(self) -> None:
        """Empty the file."""
        with self._lock:
            os.ftruncate(self._open(), 0)
            os.lseek(self._open(), 0, os.SEEK_SET)
            self._hash = new_hash(self._digest)

    def digest(self) -> str | None:
        """Return what the bytes amount to, if that is wanted."""
        return None if self._hash is None else self._hash.hexdigest()

    def finish(self, name: str, durable: bool) -> Path:
        """Move the file to its place, in a folder under this name; return where it is.

        Into a folder nothing is replaced: a name that is taken gets a number.  `durable` waits
        until the disk has it.
        """
        with self._lock:
            file = self._open()
            if self._place is None:
                self._close()
                return self._target
            if self._mode is not None and os.name == "posix":
                os.fchmod(file, stat.S_IMODE(self._mode))
            if durable:
                os.fsync(file)
            self._close()
            target = self._moved(self._place, name)
            self._place = None
        if durable:
            sync_folder(target.parent)
        return target

    def _moved(self, place: Path, name: str) -> Path:
        if not self._into_folder:
            return place.replace(self._target)
        target = free_name(self._target, name)
        try:
            return place.replace(target)
        except BaseException:
            with suppress(OSError):
                target.unlink()  # it only held the name
            raise

    def discard(self) -> None:
        """Leave nothing behind, if it is not in its place."""
        with self._lock:
            self._is_given_up = True
            self._close()
            if self._place is not None:
                with suppress(OSError):
                    self._place.unlink()
                self._place = None

    def _open(self) -> int:
        if self._file < 0:
            raise given_up()
        return self._file

    def _close(self) -> None:
        file, self._file = self._file, -1
        if file >= 0:
            os.close(file)


def mode_of(path: Path) -> int | None:
    """Return kind and rights of what a path leads to; None: it leads to nothing yet."""
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        return None


def given_up() -> ValueError:
    return ValueError("the download was given up")


class Hash(Protocol):
    """What hashlib makes."""

    def update(self, data: bytes, /) -> None: ...
    def hexdigest(self) -> str: ...


def new_hash(digest: Digest | None) -> Hash | None:
    return None if digest is None else hashlib.new(digest.algorithm, usedforsecurity=False)


def free_name(folder: Path, name: str) -> Path:
    """Take a name that no file in a folder has: this one, or one with a number; it is held."""
    stem, suffix = PurePath(name).stem, PurePath(name).suffix
    for number in range(MOST_NAMES):
        path = folder / (name if not number else f"{stem} ({number}){suffix}")
        with suppress(FileExistsError):
            os.close(os.open(path, FLAGS, 0o666))
            return path
    raise ArgumentError(f"{folder} holds {MOST_NAMES} files of the name {name!r}")


MOST_NAMES = 1000


def sync_folder(folder: Path) -> None:
    """Have the disk take a move in; Windows does so by itself, and cannot open a folder."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
