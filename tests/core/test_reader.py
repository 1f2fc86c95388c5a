from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from types import GenericAlias
from typing import Any

import attrs
import pytest

from twofold.core.reader import MOST_BESIDE, Reader
from twofold.core.table import Column


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
    return found[1]


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
    [part] = found[1]
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
