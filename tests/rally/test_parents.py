"""Which field says what a ticket is under."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

import pytest

from twofold.errors import ArgumentError
from twofold.rally.ids import Located
from twofold.rally.kinds import KINDS, Kind, kind_named
from twofold.rally.parents import freed, placed_under

FITTING: Mapping[tuple[str, str], Mapping[str, str | None]] = {
    ("story", "story"): {"Parent": "it", "PortfolioItem": None},
    ("story", "feature"): {"PortfolioItem": "it", "Parent": None},
    ("defect", "story"): {"Requirement": "it"},
    ("defect", "feature"): {"PortfolioItem": "it"},
    ("task", "story"): {"WorkProduct": "it"},
    ("task", "defect"): {"WorkProduct": "it"},
    ("task", "defect suite"): {"WorkProduct": "it"},
    ("task", "test set"): {"WorkProduct": "it"},
    ("test case", "story"): {"WorkProduct": "it"},
    ("test case", "defect"): {"WorkProduct": "it"},
    ("feature", "epic"): {"Parent": "it"},
    ("epic", "initiative"): {"Parent": "it"},
    ("portfolioitem/saga", "portfolioitem/Legend"): {"Parent": "it"},
}


@pytest.mark.parametrize("pair", FITTING, ids=" under ".join)
def test_a_pair_that_fits_is_written_where_its_types_say_it(pair: tuple[str, str]) -> None:
    kind, above = map(kind_named, pair)
    written = placed_under(kind, Located(above, 7))
    wanted = {field: it and f"/{above.path}/7" for field, it in FITTING[pair].items()}
    assert written == wanted


# The levels of portfolio items are the workspace's own: which one is the next, the server knows.
UNFITTING = [
    (kind, above)
    for kind, above in product(KINDS, KINDS)
    if (kind.name, above.name) not in FITTING
    and not (above.is_portfolio and (kind.name in ("story", "defect")))
    and not (kind.is_portfolio and above.is_portfolio and kind != above)
]


@pytest.mark.parametrize(("kind", "above"), UNFITTING, ids=lambda kind: kind.name.replace(" ", "_"))
def test_any_other_pair_is_refused_and_both_are_named(kind: Kind, above: Kind) -> None:
    with pytest.raises(ArgumentError) as caught:
        placed_under(kind, Located(above, 7))
    assert kind.name in str(caught.value)
    assert above.name in str(caught.value) or kind.name in ("test set", "defect suite")


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("story", ["Parent", "PortfolioItem"]),
        ("defect", ["Requirement", "PortfolioItem"]),
        ("test case", ["WorkProduct"]),
        ("feature", ["Parent"]),
    ],
)
def test_what_is_under_nothing_has_every_such_field_emptied(kind: str, fields: list[str]) -> None:
    assert freed(kind_named(kind)) == dict.fromkeys(fields)


@pytest.mark.parametrize("kind", ["task", "test set", "defect suite"])
def test_what_is_always_or_never_under_something_is_not_freed(kind: str) -> None:
    with pytest.raises(ArgumentError, match=kind):
        freed(kind_named(kind))
