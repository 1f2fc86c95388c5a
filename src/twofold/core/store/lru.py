"""Entries in memory, bounded by bytes: the least recently used go first."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from ..forks import renewed_in_child
from ..policy.checks import whole
from .entry import MOST_VARIANTS, Entry, Usage
from .places import Index
from .removal import Generations, Kind, Removal

LARGEST = 8
"""No entry takes more than an eighth of the room: one large answer would push out all others."""


class LRU:
    """What a store in memory is.  Safe to share between event loops and threads.

    What is used is a key, with all its variants.  Each step takes the same time, however much is
    held; a removal takes as long as there are entries in its place.
    """

    def __init__(self, most: int) -> None:
        self._most = whole("most", most, 1)
        self._lock = Lock()
        self._empty()
        self._generations = Generations()
        self._evicted = 0
        renewed_in_child(self)

    def renew(self) -> None:
        """Begin anew: a fork may have come in the midst of a change."""
        self._lock = Lock()
        self._empty()
        self._generations.count(Removal(Kind.ALL))

    def find(self, key: str) -> tuple[Entry, ...]:
        with self._lock:
            variants = self._kept.get(key)
            if variants is None:
                return ()
            self._kept.move_to_end(key)
            return variants

    def stamp(self) -> int:
        return self._generations.number

    def put(self, entry: Entry, stamp: int) -> None:
        size = entry.size
        with self._lock:
            if not self._generations.admit(entry, stamp):
                return
            self._drop(entry.key, entry.variant)
            if size <= self._most // LARGEST:
                self._keep(entry, size)
                self._make_room()

    def remove(self, removal: Removal) -> None:
        with self._lock:
            self._generations.count(removal)
            if removal.kind is Kind.ALL:
                self._empty()
            elif removal.kind is Kind.KEY:
                for entry in self._kept.get(removal.subject, ()):
                    self._drop(entry.key, entry.variant)
            else:
                self._sweep(removal)

    def usage(self) -> Usage:
        with self._lock:
            return Usage(self._entries, self._bytes, self._evicted)

    def _empty(self) -> None:
        self._kept: OrderedDict[str, tuple[Entry, ...]] = OrderedDict()
        self._index = Index()
        self._entries = 0
        self._bytes = 0

    def _keep(self, entry: Entry, size: int) -> None:
        variants = self._kept.get(entry.key, ())
        if len(variants) >= MOST_VARIANTS:
            self._drop(entry.key, variants[0].variant)
            variants = variants[1:]
            self._evicted += 1
        self._kept[entry.key] = (*variants, entry)
        self._kept.move_to_end(entry.key)
        self._index.add(entry)
        self._entries += 1
        self._bytes += size

    def _make_room(self) -> None:
        while self._bytes > self._most:
            variants = next(iter(self._kept.values()))
            self._drop(variants[0].key, variants[0].variant)
            self._evicted += 1

    def _sweep(self, removal: Removal) -> None:
        for key, variant in self._index.at(removal):
            if any(
                entry.variant == variant and removal.concerns(entry) for entry in self._kept[key]
            ):
                self._drop(key, variant)

    def _drop(self, key: str, variant: str) -> None:
        """Take out one entry, if it is there."""
        variants = self._kept.get(key, ())
        for entry in variants:
            if entry.variant == variant:
                left = tuple(one for one in variants if one is not entry)
                if left:
                    self._kept[key] = left
                else:
                    del self._kept[key]
                self._index.discard(entry)
                self._entries -= 1
                self._bytes -= entry.size
