"""What becomes of everything that refers to a record which is removed."""

from __future__ import annotations

from collections.abc import Iterator

from .element_types import concrete
from .model import ElementType, Kind, Record
from .store import Store


def remove(store: Store, record: Record) -> None:
    """Delete a record with its tasks and comments; other references to it become empty."""
    for collection in record.type.collections:
        for element in list(record.values[collection.name].elements):
            _let_go(store, element, record)
    for each in record.type.mirrored:
        store.mirror(record, each.inverse, record.values[each.name], None)
    for owners, records in store.of_type.items():
        _drop(record, list(_collections(owners, record.type)), records)
        _empty(record, list(_references(owners, record.type)), records)
    store.forget(record)


def _let_go(store: Store, element: Record, owner: Record) -> None:
    """Free an element of its owner; one that cannot be without an owner goes too."""
    for each in element.type.mirrored:
        if element.values[each.name] is owner and each.required:
            remove(store, element)
            return
        if element.values[each.name] is owner:
            store.change(element, {each.name: None})


def _collections(owners: ElementType, kind: ElementType) -> Iterator[str]:
    """Name the collections that may hold such a record, and mirror nothing."""
    for each in owners.collections:
        if not each.read_only and kind in concrete(each.target):
            yield each.name


def _references(owners: ElementType, kind: ElementType) -> Iterator[str]:
    """Name the references that may lead to such a record, and that no collection mirrors."""
    for each in owners.attributes.values():
        is_stored = each.kind is Kind.OBJECT and each.derived is None
        if is_stored and not each.inverse and kind in concrete(each.target):
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
