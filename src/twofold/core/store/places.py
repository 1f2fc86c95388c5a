"""Where entries are found other than by key: by tag, and by the beginning of their URL.

A URL is filed under every folder of its path, so that those under a prefix are found by looking
through one folder only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from .entry import Entry
from .removal import Kind, Removal

Slot: TypeAlias = tuple[str, str]
"""Key and variant: of each there is one entry."""
Place: TypeAlias = tuple[str, str, str]
"""Partition, and a tag or a folder: of one of the two the other is empty."""

DEEPEST = 16
"""Folders of one URL; what lies deeper is found by its sixteenth."""


def folders(url: str) -> Sequence[str]:
    """Return the folders that the beginning of a URL names in full, the root of all first."""
    path = url.partition("?")[0]
    end = path.find("://") + 2
    found = [""]
    if end > 1:
        while len(found) <= DEEPEST and (end := path.find("/", end + 1)) >= 0:
            found.append(path[: end + 1])
    return found


def places(entry: Entry) -> list[Place]:
    """Return where an entry is filed."""
    partition = entry.partition
    filed = [(partition, "", folder) for folder in folders(entry.url)]
    filed += [(partition, tag, "") for tag in entry.tags if tag]
    return filed


def place(removal: Removal) -> Place:
    """Return where everything is filed that a removal takes out."""
    if removal.kind is Kind.TAG:
        return removal.partition, removal.subject, ""
    prefix = removal.subject if removal.kind is Kind.PREFIX else ""
    return removal.partition, "", folders(prefix)[-1]


class Index:
    """The slots of each place."""

    def __init__(self) -> None:
        self._slots: dict[Place, set[Slot]] = {}

    def add(self, entry: Entry) -> None:
        slot = entry.key, entry.variant
        for filed in places(entry):
            self._slots.setdefault(filed, set()).add(slot)

    def discard(self, entry: Entry) -> None:
        slot = entry.key, entry.variant
        for filed in places(entry):
            slots = self._slots.get(filed, set[Slot]())
            slots.discard(slot)
            if not slots:
                self._slots.pop(filed, None)

    def at(self, removal: Removal) -> list[Slot]:
        """Return the slots among which a removal finds all that it takes out."""
        return list(self._slots.get(place(removal), ()))

    def clear(self) -> None:
        self._slots.clear()

    def __len__(self) -> int:
        return len(self._slots)
