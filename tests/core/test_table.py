from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

import attrs
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twofold.core.columns import Column
from twofold.core.table import Table


@attrs.frozen(kw_only=True)
class Named:
    name: str


@attrs.frozen(kw_only=True)
class Part(Named):
    size: int | None = None
    tags: tuple[str, ...] = ()
    extra: Mapping[str, Any] = attrs.field(factory=dict[str, Any])
    notes: list[str] = attrs.field(factory=list[str])


COLUMNS = [
    Column("Name", str, field="name"),
    Column("_head", default=msgspec.Raw(b"null")),
    Column("Size", str | None, None, field="size", make=lambda sent: map(number, sent)),
]


def number(text: str | None) -> int | None:
    return None if text is None else int(text)


def read(table: Table[Any], objects: Iterable[Mapping[str, Any]]) -> list[Any]:
    rows = [msgspec.json.decode(msgspec.json.encode(sent), type=table.row) for sent in objects]
    return table.models(rows)


texts = st.text(max_size=4)
sent = st.fixed_dictionaries(
    {"Name": texts},
    optional={"Size": st.none() | st.integers().map(str), "_head": texts | st.none()},
)
beside = st.dictionaries(st.sampled_from(["c_Own", "a b", "class", "extra"]), texts | st.none())


@given(found=st.lists(st.tuples(sent, beside), max_size=4))
def test_a_model_is_what_its_initialiser_would_have_made(
    found: list[tuple[dict[str, Any], dict[str, Any]]],
) -> None:
    names = sorted({name for _, more in found for name in more})
    expected = [
        Part(name=known["Name"], size=number(known.get("Size")), extra=more)
        for known, more in found
    ]
    assert read(Table(Part, COLUMNS, names), [known | more for known, more in found]) == expected


def test_a_model_shares_nothing_that_can_be_changed_with_another() -> None:
    one, other = read(Table(Part, COLUMNS), [{"Name": "a"}, {"Name": "b"}])
    assert one.extra is not other.extra
    assert one.notes is not other.notes


def test_a_frozen_model_stays_frozen() -> None:
    [part] = read(Table(Part, COLUMNS), [{"Name": "a"}])
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        part.name = "b"


@pytest.mark.parametrize("odd", [{"Name": "a", "Other": 1}, {"Name": 5}, {"Size": "1"}])
def test_what_is_not_of_the_shape_is_refused(odd: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        read(Table(Part, COLUMNS), [odd])


def test_what_a_make_raises_is_raised_as_it_is() -> None:
    with pytest.raises(ValueError, match="many"):
        read(Table(Part, COLUMNS), [{"Name": "a", "Size": "many"}])


def test_a_field_that_nothing_fills_needs_a_default() -> None:
    with pytest.raises(TypeError, match="name"):
        Table(Part, [])
    assert read(Table(Part, COLUMNS[:1]), [{"Name": "a"}]) == [Part(name="a")]


def test_a_column_of_no_field_is_refused_when_the_table_is_made() -> None:
    with pytest.raises(TypeError, match="Part has no field weight"):
        Table(Part, [*COLUMNS, Column("Weight", field="weight")])
    with pytest.raises(TypeError, match="Named has no field extra"):
        Table(Named, COLUMNS[:1], ["c_Own"])


@attrs.frozen
class Checked:
    name: str = attrs.field(validator=attrs.validators.min_len(1))


@attrs.frozen
class Converted:
    name: str = attrs.field(converter=str)


@attrs.frozen
class Prepared:
    name: str

    def __attrs_post_init__(self) -> None:
        assert self.name


@pytest.mark.parametrize("model", [Checked, Converted, Prepared])
def test_a_model_that_must_be_initialised_is_refused(model: type[Any]) -> None:
    with pytest.raises(TypeError, match="must be initialised"):
        Table(model, COLUMNS[:1])


def test_a_model_without_slots_is_refused() -> None:
    loose = attrs.make_class("Loose", ["name"])
    with pytest.raises(TypeError, match="Loose has no slot for its field name"):
        Table(loose, COLUMNS[:1])


def test_columns_are_made_at_once_and_in_order() -> None:
    columns = [Column("Name", int, field="name", make=partial(map, "{:02}".format))]
    found = read(Table(Named, columns), [{"Name": number} for number in range(12)])
    assert [each.name for each in found] == [f"{number:02}" for number in range(12)]
