from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from types import GenericAlias
from typing import Any

import attrs
import pytest

from twofold.core.columns import Column
from twofold.core.reader import MOST_BESIDE, Reader
from twofold.errors import DriftKind


@attrs.frozen
class Part:
    name: str
    extra: Mapping[str, Any] = attrs.field(factory=dict[str, Any])


def reader() -> Reader[Part]:
    return Reader(
        Part,
        [Column("Name", str, field="name")],
        around=lambda row: GenericAlias(list, (row,)),
        rows=lambda page: page,
    )


def read(parts: Reader[Part], *objects: Mapping[str, Any]) -> list[Part]:
    found = parts.read(json.dumps(objects).encode())
    assert found is not None
    return found.models


def test_what_there_is_beside_is_kept_wherever_it_first_comes() -> None:
    found = read(
        reader(), {"Name": "a"}, {"Name": "b", "Own": [{"x": 1}]}, {"Name": "c", "X": None}
    )
    assert found == [Part("a"), Part("b", {"Own": [{"x": 1}]}), Part("c", {"X": None})]


def test_what_was_learnt_changes_nothing_of_other_pages() -> None:
    parts = reader()
    for beside in ({}, {"A": 1}, {"B": 2}, {"A": 3, "B": 4}, {}):
        assert read(parts, {"Name": "a", **beside}) == [Part("a", beside)]


def test_fractions_are_exact() -> None:
    found = reader().read(b'[{"Name": "a", "Own": 0.10}]')
    assert found is not None
    [part] = found.models
    assert str(part.extra["Own"]) == "0.10"
    assert isinstance(part.extra["Own"], Decimal)


def test_a_page_with_a_great_many_names_is_refused() -> None:
    parts = reader()
    for place in (0, 1):  # the second has other names: the first ones are forgotten for them
        beside = {f"Own{place}{number}": number for number in range(MOST_BESIDE)}
        assert read(parts, {"Name": "a", **beside}) == [Part("a", beside)]
    assert parts.read(json.dumps([{"Name": "a", **beside, "OneMore": 1}]).encode()) is None
    assert read(parts, {"Name": "a"}) == [Part("a")]


@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b"[5]", b'[{"Name": 5}]', b'[{"Own": 1}]', b"[{]", b'[{"Name": "\xff"}]'],
)
def test_another_page_is_refused_and_nothing_learnt_of_it(body: bytes) -> None:
    parts = reader()
    assert parts.read(body) is None
    assert read(parts, {"Name": "a"}) == [Part("a")]


WORDS = frozenset({"open", "shut", None})


@attrs.frozen
class Door:
    name: str
    state: str | None = None
    width: int | None = None
    extra: Mapping[str, Any] = attrs.field(factory=dict[str, Any])


def doors() -> Reader[Door]:
    columns = [
        Column("Name", str, field="name", is_due=True),
        Column("State", str | None, default=None, field="state", is_due=True, words=WORDS),
        Column("Width", int | None, default=None, field="width"),
    ]
    return Reader(
        Door, columns, around=lambda row: GenericAlias(list, (row,)), rows=lambda page: page
    )


def odd(
    found: Reader[Door], *objects: Mapping[str, Any], silent: str = ""
) -> list[tuple[str, DriftKind, list[int]]]:
    page = found.read(json.dumps(objects).encode())
    assert page is not None
    return [
        (each.key, each.kind, list(each.rows)) for each in page.odd(lambda key, _: key != silent)
    ]


def test_what_is_as_the_columns_say_is_not_odd() -> None:
    assert odd(doors(), {"Name": "a", "State": "open"}, {"Name": "b", "State": None}) == []
    assert odd(doors()) == []


def test_odd_rows_are_found_by_what_is_odd_in_them() -> None:
    reader, plain = doors(), {"Name": "a", "State": "open"}
    for _ in range(2):  # the second page is read as the first one taught
        assert odd(reader, plain, {**plain, "New": 1}, {**plain, "New": None}) == [
            ("New", DriftKind.UNKNOWN_KEY, [1, 2])
        ]
        assert odd(reader, plain, {"Name": "b"}) == [("State", DriftKind.MISSING_KEY, [1])]
        assert odd(reader, plain, {**plain, "State": "ajar"}) == [
            ("State", DriftKind.UNKNOWN_WORD, [1])
        ]
        assert odd(reader, plain) == []


def test_what_is_missing_is_the_default_and_what_is_no_news_is_not_looked_for() -> None:
    reader = doors()
    found = reader.read(b'[{"Name": "a"}, {"Name": "b", "State": "open"}]')
    assert found is not None
    assert found.models == [Door("a"), Door("b", "open")]
    assert odd(reader, {"Name": "a", "New": 1}, silent="New") == [
        ("State", DriftKind.MISSING_KEY, [0])
    ]


def test_what_has_no_default_cannot_be_missing() -> None:
    reader = doors()
    assert reader.read(b'[{"State": "open"}]') is None
    assert odd(reader, {"Name": "a", "State": "open"}) == []
