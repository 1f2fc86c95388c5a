"""Emulators with equal arguments are cast in one mould, and share nothing that can change."""

from __future__ import annotations

import gc
from datetime import datetime, timedelta
from types import BuiltinFunctionType, FunctionType, MappingProxyType, ModuleType
from typing import Any

import attrs
import pytest
from emulators.rally import every_kind
from emulators.rally.desk import Desk

from twofold.emulators.rally.dates import START
from twofold.emulators.rally.element_types import ABSTRACT, CONCRETE
from twofold.emulators.rally.model import Collection, Record
from twofold.emulators.rally.seeding.everything import filled, seeded
from twofold.emulators.rally.store import Store
from twofold.emulators.rally.table.around import TAG

CODE = (type, ModuleType, FunctionType, BuiltinFunctionType)
UNCHANGING = (str, bytes, int, float, tuple, frozenset, type(None), datetime, MappingProxyType)


def reached(*roots: object) -> dict[int, object]:
    """Return all that can be reached, up to code and to what shows a dictionary for reading."""
    found: dict[int, object] = {}
    ahead: list[object] = list(roots)
    while ahead:
        each = ahead.pop()
        if id(each) not in found and not isinstance(each, CODE):
            found[id(each)] = each
            ahead += [] if isinstance(each, MappingProxyType) else gc.get_referents(each)
    return found


def can_change(thing: object) -> bool:
    is_frozen = attrs.has(type(thing)) and "__setattr__" in vars(type(thing))
    return not isinstance(thing, UNCHANGING) and not is_frozen


def shared(one: object, other: object) -> list[object]:
    """Return what can change and belongs to both; the table of types belongs to everybody."""
    first, second, tables = reached(one), reached(other), reached(CONCRETE, ABSTRACT)
    both = first.keys() & second.keys() - tables.keys()
    return [first[key] for key in both if can_change(first[key])]


def test_two_emulators_share_nothing_that_can_change() -> None:
    one, other = Desk().emulator, Desk().emulator
    assert sum(isinstance(each, Record) for each in reached(one).values()) > 1000
    assert shared(one, other) == []


def test_what_two_emulators_would_share_is_seen() -> None:
    """So that the test above can fail."""
    accounts = {"key": "amara.okafor@meridian.example"}
    one, other = ([Desk().emulator, accounts] for _ in range(2))
    assert shared(one, other) == [accounts]


def test_what_is_done_to_one_shows_in_no_other() -> None:
    early, busy = Desk(), Desk()
    list(every_kind.writes(busy))
    list(every_kind.sessions(busy))
    late = Desk()
    assert list(every_kind.reads(early)) == list(every_kind.reads(late))
    assert list(every_kind.reads(busy)) != list(every_kind.reads(late))
    assert list(every_kind.writes(early)) == list(every_kind.writes(late))


def shown(value: object) -> object:
    match value:
        case Record():
            return value.ref
        case Collection():
            return value.owner.ref, value.attribute.name, [each.ref for each in value.elements]
        case _:
            return value


def row(record: Record) -> tuple[Any, ...]:
    values = [(name, shown(value)) for name, value in record.values.items()]
    return record.ref, record.uuid, record.version, values


def rows(store: Store) -> list[tuple[Any, ...]]:
    """Describe all there is, in its order, and what comes next; finds each by all its names."""
    store.add(TAG, {"Name": "next"})
    store.complete()
    records = store.records(store.types())
    for each in records:
        assert store.own_types[each.type.path] is each.type
        assert store.by_oid(each.oid) is store.by_uuid(each.uuid) is each
        assert not each.type.prefix or numbered(store, each) is each
    return [(store.changes, store.now()), *map(row, records)]


def numbered(store: Store, record: Record) -> Record | None:
    digits = record.values["FormattedID"].removeprefix(record.type.prefix)
    return store.by_number(record.type, int(digits))


@pytest.mark.parametrize("tickets", [0, 1, 130])
def test_what_is_cast_is_what_was_filled(tickets: int) -> None:
    cast = seeded(START, tickets=tickets, seed=4, username="kim@example.com")
    made = filled(START, tickets, 4, "kim@example.com")
    assert rows(cast) == rows(made)


def test_a_clock_that_moves_is_asked_for_each_emulator() -> None:
    now = [START]
    first = Desk(tickets=7, clock=lambda: now[0]).result("GET", "/user")
    now[0] += timedelta(days=1)
    second = Desk(tickets=7, clock=lambda: now[0]).result("GET", "/user")
    began = [datetime.fromisoformat(each["CreationDate"]) for each in (first, second)]
    assert began[1] - began[0] == timedelta(days=1)
