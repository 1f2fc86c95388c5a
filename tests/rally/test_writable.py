"""Every field of every model, by both its names, held against what the emulator lets be written."""

from __future__ import annotations

import pytest

from twofold.emulators.rally.element_types import CONCRETE
from twofold.emulators.rally.model import Attribute
from twofold.errors import ArgumentError
from twofold.rally.drafts import draft
from twofold.rally.kinds import DEFECT_SUITE, KINDS, Kind
from twofold.rally.names import NAMES, model_of
from twofold.rally.writable import READ_ONLY

EVERY_FIELD = [
    pytest.param(kind, ours, wire, id=f"{kind.body}.{ours}")
    for kind in KINDS
    for ours, wire in NAMES[model_of(kind)].items()
    if ours != "parent"  # it has a meaning of its own, which tests of parents are for
]


def attribute(kind: Kind, wire: str) -> Attribute | None:
    """Return what the emulator knows of a field; None: this type does not have it."""
    return CONCRETE[kind.path].attributes.get(wire)


def is_written(known: Attribute | None) -> bool:
    return known is not None and not known.read_only and known.derived is None


@pytest.mark.parametrize(("kind", "ours", "wire"), EVERY_FIELD)
def test_a_field_of_a_model_is_written_if_the_server_writes_it(
    kind: Kind, ours: str, wire: str
) -> None:
    value: object = [] if ours == "tags" else None
    if is_written(attribute(kind, wire)):
        assert draft({ours: value}).wanted(kind) == draft({wire: value}).wanted(kind)
        assert list(draft({ours: value}).wanted(kind).fields) == [wire]
    elif not is_open(kind, ours):
        with pytest.raises(ArgumentError):
            draft({ours: value}).check(kind)


def is_open(kind: Kind, ours: str) -> bool:
    """Tell whether it is for the server to say: it differs by level, or no source tells."""
    return (kind.is_portfolio and ours == "release") or (
        kind == DEFECT_SUITE and ours == "severity"
    )


def test_nothing_that_the_server_writes_is_refused() -> None:
    written = {
        name
        for kind in KINDS
        for name, known in CONCRETE[kind.path].attributes.items()
        if is_written(known)
    }
    assert written.isdisjoint(READ_ONLY)
    assert len(written) > 50
