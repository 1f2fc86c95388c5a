"""The free-text filter: every word must occur somewhere in an object's texts."""

from __future__ import annotations

from collections.abc import Sequence

from .model import Record

FIELDS = ("FormattedID", "Name", "Description", "Notes", "DisplayName", "UserName", "Text")


def having(words: str, records: Sequence[Record]) -> list[Record]:
    """Return the records in which all words occur, in any letter case."""
    wanted = words.casefold().split()
    return [each for each in records if _holds(wanted, each)]


def _holds(wanted: Sequence[str], record: Record) -> bool:
    texts = [record.values.get(name) for name in FIELDS]
    whole = "\n".join(text for text in texts if isinstance(text, str)).casefold()
    return all(word in whole for word in wanted)
