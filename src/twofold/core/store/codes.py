"""What the errors of SQLite mean."""

from __future__ import annotations

import sqlite3


def is_busy(error: sqlite3.Error) -> bool:
    """Tell whether another connection holds the file: it passes by itself."""
    return primary(error) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def is_corrupt(error: sqlite3.Error) -> bool:
    return primary(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def primary(error: sqlite3.Error) -> int:
    """Return SQLite's code without its extension; -1: the error is not SQLite's own."""
    code: int = getattr(error, "sqlite_errorcode", -1)
    return code & 0xFF if code >= 0 else -1
