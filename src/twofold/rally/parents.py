"""Which field says what a ticket is under: another one for each pair of kinds.

Source: Rally WSAPI v2.0, object model.  The names and the order of the levels of portfolio items
are the workspace's own, so only that one cannot be under its own level is known here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..errors import ArgumentError
from .ids import Located
from .kinds import DEFECT, DEFECT_SUITE, PORTFOLIO_ITEM, STORY, TASK, TEST_CASE, TEST_SET, Kind

# Of each kind: the fields that say what it is under, and what each of them may lead to.
FIELDS: Mapping[Kind, Mapping[str, Sequence[Kind]]] = {
    STORY: {"Parent": [STORY], "PortfolioItem": [PORTFOLIO_ITEM]},
    DEFECT: {"Requirement": [STORY], "PortfolioItem": [PORTFOLIO_ITEM]},
    TASK: {"WorkProduct": [STORY, DEFECT, DEFECT_SUITE, TEST_SET]},
    TEST_CASE: {"WorkProduct": [STORY, DEFECT]},
    PORTFOLIO_ITEM: {"Parent": [PORTFOLIO_ITEM]},
}


def fields_of_parents(kind: Kind) -> Mapping[str, Sequence[Kind]]:
    """Return the fields that say what a kind of ticket is under, and what each may lead to."""
    found = FIELDS.get(general(kind))
    if found is None:
        raise ArgumentError(f"a {kind.name} has no parent to be set")
    return found


def field_above(kind: Kind, above: Kind) -> str:
    """Return the field that says that a ticket is under one of another kind."""
    fits = not kind.is_portfolio or kind.path != above.path
    for field, kinds in fields_of_parents(kind).items():
        if fits and general(above) in kinds:
            return field
    raise ArgumentError(f"a {kind.name} cannot be under a {above.name}")


def general(kind: Kind) -> Kind:
    return PORTFOLIO_ITEM if kind.is_portfolio else kind


def placed_under(kind: Kind, above: Located) -> Mapping[str, str | None]:
    """Return what to write so that a ticket is under another.

    A story is under a story or under a portfolio item, never both; a defect may be under both.
    """
    field = field_above(kind, above.kind)
    others = set(FIELDS[STORY]) - {field} if kind == STORY else set[str]()
    return {field: above.ref, **dict.fromkeys(others)}


def freed(kind: Kind) -> Mapping[str, None]:
    """Return what to write so that a ticket is under nothing."""
    if kind == TASK:
        raise ArgumentError("a task is always under something: give it another parent instead")
    return dict.fromkeys(fields_of_parents(kind))
