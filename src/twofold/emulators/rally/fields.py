"""A fetch compiled for a type: from a record to the fields asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from operator import itemgetter
from typing import Any

import msgspec

from .fetch import Fetch
from .model import Attribute, Collection, ElementType, Record

Fields = Callable[[Record], dict[str, Any]]
Fill = Callable[[Record | Collection], msgspec.Raw]


def fields_of(
    type: ElementType, fetch: Fetch, filled: Callable[[str], Fill | None]
) -> Fields | None:
    """Compile a fetch for a type, so that a record costs few calls and no decisions.

    None if the type has none of the fields.
    """
    chosen = [a for a in type.attributes.values() if fetch.names is None or a.name in fetch.names]
    computed = [(a.name, each) for a in chosen if (each := _computed(a, filled)) is not None]
    stored = [a.name for a in chosen if a.name not in dict(computed)]
    if not chosen:
        return None
    if not computed:
        return partial(_plain, tuple(stored), _picker(stored))
    return partial(_mixed, tuple(stored), _picker(stored), computed)


def _computed(
    attribute: Attribute, filled: Callable[[str], Fill | None]
) -> Callable[[Record], object] | None:
    fill = filled(attribute.name)
    if fill is None:
        return attribute.derived

    def compute(record: Record) -> object:
        value = record.get(attribute)
        return fill(value) if isinstance(value, Record | Collection) else value

    return compute


def _picker(names: list[str]) -> Callable[[dict[str, Any]], tuple[Any, ...]]:
    # itemgetter gives a bare value for one name, and refuses none at all.
    if len(names) > 1:
        return itemgetter(*names)
    return lambda values: tuple(values[name] for name in names)


def _plain(
    names: tuple[str, ...], pick: Callable[[dict[str, Any]], tuple[Any, ...]], record: Record
) -> dict[str, Any]:
    return dict(zip(names, pick(record.values), strict=True))


def _mixed(
    names: tuple[str, ...],
    pick: Callable[[dict[str, Any]], tuple[Any, ...]],
    computed: list[tuple[str, Callable[[Record], object]]],
    record: Record,
) -> dict[str, Any]:
    fields = _plain(names, pick, record)
    for name, compute in computed:
        fields[name] = compute(record)
    return fields
