"""A file is opened with care: it may be new, another's, of another version, or damaged."""

from __future__ import annotations

import os
import secrets
import sqlite3
import stat
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import TypeAlias

from . import schema
from .codes import is_busy, is_corrupt

Identity: TypeAlias = tuple[tuple[int, int] | None, ...]
"""Device and number of a file, and of the memory that its processes share: paths may lead to
others later."""

PRIVATE = 0o600
LEFTOVERS = ("-wal", "-shm")
WAL_BYTES = 4 * 2**20
MAGIC = b"SQLite format 3\0"
SMALLEST = 512  # bytes of a database
PAUSE = 0.005  # seconds


class NotOursError(ValueError):
    """The file is somebody else's database, or a newer twofold's; it is left as it is."""


def opened(path: Path, patience: float) -> sqlite3.Connection:
    """Open a cache's file, for its owner only; make it, and its folder, if need be.

    `patience`: seconds to wait for other processes.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not make_private(path):
        check(path)
    connection = sqlite3.connect(
        path, timeout=patience, isolation_level=None, check_same_thread=False
    )
    try:
        begin(connection, path)
        prepare(connection, patience)
    except BaseException:
        connection.close()
        raise
    return connection


def check(path: Path) -> None:
    """Refuse what is plainly no database; take away the rights of others from what is ours."""
    size = path.stat().st_size
    if 0 < size < SMALLEST:  # SQLite would take it for an empty one
        raise NotOursError("it is no cache of twofold's")
    if os.name == "posix" and (size == 0 or is_signed(path)):
        keep_private(path)


def make_private(path: Path) -> bool:
    """Make the file for its owner only; False: it is there already, and may be anybody's."""
    if number(path) is None:
        forget_leftovers(path)
    try:
        # Only if it is new: to close one that SQLite has open would let go of SQLite's locks.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, PRIVATE))
    except FileExistsError:
        return False
    return True


def keep_private(path: Path) -> None:
    """Take away the rights of others; what its owner made read-only stays so.

    SQLite gives what belongs to a file the same rights, but only when it makes them.
    """
    mode = stat.S_IMODE(path.stat().st_mode) & 0o700
    for file in (path, *(beside(path, ending) for ending in LEFTOVERS)):
        with suppress(FileNotFoundError):
            if stat.S_IMODE(file.stat().st_mode) != mode:
                file.chmod(mode)


def begin(connection: sqlite3.Connection, path: Path) -> None:
    """Make the tables if the file is empty.

    One that is damaged is ours if it bears our sign; any other is left as it is.
    """
    try:
        if not was_made(connection):
            create(connection)
    except sqlite3.DatabaseError as error:
        if is_corrupt(error) and not bears_our_sign(path):
            raise NotOursError("it is no cache of twofold's") from error
        raise


def is_signed(path: Path) -> bool:
    """Tell whether a file bears our sign, without a lock and leaving all as it is."""
    address = f"{path.as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(address, uri=True)) as look:
        try:
            return pragma(look, "application_id") == schema.APPLICATION
        except sqlite3.DatabaseError:
            return False


def was_made(connection: sqlite3.Connection) -> bool:
    """Tell the same as `is_ours`, of one moment: another process may make the tables just now."""
    connection.execute("BEGIN")
    try:
        return is_ours(connection)
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def bears_our_sign(path: Path) -> bool:
    """Tell the same of a damaged file, by its header (sqlite.org/fileformat2.html, 1.3).

    Of one that is well it must not be asked: to read a file that SQLite has open lets go of its
    locks.
    """
    with path.open("rb") as file:
        header = file.read(SMALLEST)
    return header[:16] == MAGIC and header[68:72] == schema.APPLICATION.to_bytes(4, "big")


def write_ahead(connection: sqlite3.Connection, patience: float) -> None:
    """Have SQLite keep a log of its own; for that, unlike else, it waits for no other process."""
    until = time.monotonic() + patience
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if not is_busy(error) or time.monotonic() >= until:
                raise
            time.sleep(PAUSE)
        else:
            return


def prepare(connection: sqlite3.Connection, patience: float = 0.0) -> None:
    write_ahead(connection, patience)
    # Safe against crashes of ours; what the last moments before a power cut wrote may be missing.
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute(f"PRAGMA journal_size_limit = {WAL_BYTES}")
    connection.execute(schema.STATE).fetchone()  # from now on it takes part in the shared memory


def is_ours(connection: sqlite3.Connection) -> bool:
    """Tell whether the tables are there; False: the file is empty.  NotOursError: neither."""
    application, version = pragma(connection, "application_id"), pragma(connection, "user_version")
    if (application, version) == (schema.APPLICATION, schema.SCHEMA):
        return True
    if application == schema.APPLICATION:
        raise NotOursError(f"its format is {version}, and this twofold knows {schema.SCHEMA}")
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if application or version or tables:
        raise NotOursError("it is a database of something else")
    return False


def create(connection: sqlite3.Connection) -> None:
    """Make the tables, unless another process makes them at this very moment."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        if not is_ours(connection):
            for statement in statements(schema.CREATE):
                connection.execute(statement)
            connection.execute(schema.BEGIN, (secrets.randbits(31),))
            connection.execute(f"PRAGMA application_id = {schema.APPLICATION}")
            connection.execute(f"PRAGMA user_version = {schema.SCHEMA}")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def statements(script: str) -> list[str]:
    """Split a script: a trigger holds statements of its own, so SQLite says where one ends."""
    found, current = list[str](), ""
    for line in script.splitlines(keepends=True):
        current += line
        if current.strip() and sqlite3.complete_statement(current):
            found.append(current)
            current = ""
    return found


def pragma(connection: sqlite3.Connection, name: str) -> int:
    (value,) = connection.execute(f"PRAGMA {name}").fetchone()
    return int(value)


def identity(path: Path) -> Identity:
    """Return what a path leads to now."""
    return number(path), number(beside(path, "-shm"))


def number(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def set_aside(path: Path, seen: Identity) -> bool:
    """Rename a corrupt file; False: it is gone, or another is there already.

    One that was set aside before is replaced: their number does not grow.
    """
    if number(path) != seen[0]:
        return False
    forget_leftovers(path)
    try:
        path.replace(beside(path, ".corrupt"))
    except OSError:
        return False
    return True


def forget_leftovers(path: Path) -> None:
    """Delete what belonged to a file that is gone, lest SQLite takes it for the next one's.

    A process that still has it open notices, and opens the next one.
    """
    for ending in LEFTOVERS:
        beside(path, ending).unlink(missing_ok=True)


def beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)
