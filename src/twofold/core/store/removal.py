"""What is taken out of a store, and what must therefore not come back: the generations.

An answer that was asked for before something was taken out may be older than that.  So each
removal is one generation; whoever brings an answer says in which generation it was asked for.
"""

from __future__ import annotations

import enum
from collections import deque

import attrs

from .entry import Entry

REMEMBERED = 1024
"""Removals that are remembered; an answer that is older than all of them is refused."""


class Kind(enum.Enum):
    """By what entries are taken out."""

    KEY = "key"
    TAG = "tag"
    PREFIX = "prefix"
    PARTITION = "partition"
    ALL = "all"


@attrs.frozen
class Removal:
    """Something that was, or is to be, taken out."""

    kind: Kind
    partition: str = ""
    """Whose entries; for a key and for all of them it says nothing."""
    subject: str = ""
    """The key, the tag or the beginning of the URL."""

    def concerns(self, entry: Entry) -> bool:
        """Tell whether it takes out this entry."""
        if self.kind is Kind.ALL:
            return True
        if self.kind is Kind.KEY:
            return entry.key == self.subject
        return entry.partition == self.partition and self._bears(entry)

    def _bears(self, entry: Entry) -> bool:
        if self.kind is Kind.TAG:
            return self.subject in entry.tags
        return self.kind is Kind.PARTITION or entry.url.startswith(self.subject)


def of_key(key: str) -> Removal:
    return Removal(Kind.KEY, subject=key)


def of_tag(partition: str, tag: str) -> Removal:
    return Removal(Kind.TAG, partition, tag)


def of_prefix(partition: str, prefix: str) -> Removal:
    return Removal(Kind.PREFIX, partition, prefix)


def of_all(partition: str | None) -> Removal:
    return Removal(Kind.ALL) if partition is None else Removal(Kind.PARTITION, partition)


class Generations:
    """The removals of a store, counted; guarded by whoever owns it."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self.number = 0
        self._latest: deque[Removal] = deque(maxlen=remembered)

    def count(self, removal: Removal) -> None:
        self.number += 1
        self._latest.append(removal)

    def admit(self, entry: Entry, stamp: int) -> bool:
        """Tell whether nothing since the stamp has taken out this entry, as far as is known."""
        since = self.number - stamp
        if since == 0:
            return True
        if not 0 < since <= len(self._latest):
            return False
        return not any(self._latest[-age].concerns(entry) for age in range(1, since + 1))
