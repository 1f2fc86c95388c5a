"""What becomes of everything that refers to a record which is removed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from .model import Collection, ElementType, Kind, Record
from .store import Store


@attrs.frozen
class Gone:
    """A record that was removed, and what it held until then."""

    record: Record
    values: dict[str, Any]
    """References, and all else that is no collection."""
    elements: dict[str, list[Record]]
    """Of its collections."""


def gone(record: Record) -> Gone:
    values = {name: each for name, each in record.values.items() if not _is_many(each)}
    names = (each.name for each in record.type.collections)
    return Gone(record, values, {name: list(record.values[name].elements) for name in names})


def remove(store: Store, record: Record) -> list[Gone]:
    """Delete a record with its tasks and comments; other references to it become empty.

    Returns all that is deleted, the record itself first.
    """
    all_gone = [gone(record)]
    for collection in record.type.collections:
        for element in list(record.values[collection.name].elements):
            all_gone += _let_go(store, element, record)
    for each in record.type.mirrored:
        store.mirror(record, each.inverse, record.values[each.name], None)
    for owners, records in store.of_type.items():
        _drop(record, list(_collections(owners, record.type, store)), records)
        _empty(record, list(_references(owners, record.type, store)), records)
    store.forget(record)
    return all_gone


def _is_many(value: object) -> bool:
    return isinstance(value, Collection)


def _let_go(store: Store, element: Record, owner: Record) -> list[Gone]:
    """Free an element of its owner; one that cannot be without an owner goes too."""
    for each in element.type.mirrored:
        if element.values[each.name] is owner and each.required:
            return remove(store, element)
        if element.values[each.name] is owner:
            store.change(element, {each.name: None})
    return []


def _collections(owners: ElementType, kind: ElementType, store: Store) -> Iterator[str]:
    """Name the collections that may hold such a record, and mirror nothing."""
    for each in owners.collections:
        if not each.read_only and kind in store.concrete(each.target):
            yield each.name


def _references(owners: ElementType, kind: ElementType, store: Store) -> Iterator[str]:
    """Name the references that may lead to such a record, and that no collection mirrors."""
    for each in owners.attributes.values():
        is_stored = each.kind is Kind.OBJECT and each.derived is None
        if is_stored and not each.inverse and kind in store.concrete(each.target):
            yield each.name


def _drop(record: Record, names: list[str], owners: dict[int, Record]) -> None:
    for owner in owners.values() if names else ():
        for name in names:
            owner.values[name].elements.pop(record, None)


def _empty(record: Record, names: list[str], owners: dict[int, Record]) -> None:
    for owner in owners.values() if names else ():
        for name in names:
            if owner.values[name] is record:
                owner.values[name] = None
