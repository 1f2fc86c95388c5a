"""A store that is filled once, and stores that are cast in it: filling takes many times as long.

What is cast shares nothing with the mould or with another cast but what never changes.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping

from ..model import Collection, Record
from ..store import Store


class Mould:
    """Keeps a store as it was filled, under a clock that stands still; nobody else may have it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._records = store.records(store.types())
        self._referring = [(each, names) for each in self._records if (names := _references(each))]
        self._owning = [each for each in self._records if each.type.collections]

    def cast(self) -> Store:
        """Return a store that goes on as the mould would: its numbers, its times, its chance."""
        store = Store(copy.copy(self._store.calendar), copy.copy(self._store.chance))
        own = store.own_types
        twins = {each: each.twin(own[each.type.path]) for each in self._records}
        for record, names in self._referring:
            values = twins[record].values
            for name in names:
                values[name] = twins[values[name]]
        for record in self._owning:
            _fill(twins[record], record, twins)
        store.become(self._store, twins)
        return store


def _references(record: Record) -> tuple[str, ...]:
    return tuple(name for name, value in record.values.items() if isinstance(value, Record))


def _fill(twin: Record, record: Record, twins: Mapping[Record, Record]) -> None:
    for attribute in record.type.collections:
        collection = twin.values[attribute.name] = Collection(twin, attribute)
        if elements := record.values[attribute.name].elements:
            collection.elements = {twins[each]: None for each in elements}
