"""What can be sent in the body of a write, and how it stands there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twofold.core.request import ENCODER
from twofold.errors import ArgumentError
from twofold.rally.models import Reference
from twofold.rally.sendable import exactly, sendable

TAG = Reference(ref="/tag/9", name="urgent")


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        (None, None),
        (True, True),
        ("", ""),
        ("<b>Größe</b> & 🎉", "<b>Größe</b> & 🎉"),
        (7, 7),
        (0.1, Decimal("0.1")),
        (Decimal("2.50"), Decimal("2.50")),
        (date(2026, 5, 1), "2026-05-01"),
        (datetime(2026, 5, 1, 12, 30, tzinfo=UTC), "2026-05-01T12:30:00.000Z"),
        (
            datetime(2026, 5, 1, 1, 0, 0, 123456, tzinfo=timezone(timedelta(hours=2))),
            "2026-04-30T23:00:00.123Z",
        ),
        (TAG, "/tag/9"),
        ({"LinkID": 7, "DisplayString": "build"}, {"LinkID": 7, "DisplayString": "build"}),
        ({"_ref": "/tag/9"}, {"_ref": "/tag/9"}),
        ([], []),
        ([TAG, "/tag/8", {"_ref": "https://rally.example/slm/webservice/v2.0/tag/7"}],
         [{"_ref": "/tag/9"}, {"_ref": "/tag/8"}, {"_ref": "/tag/7"}]),
        ((TAG,), [{"_ref": "/tag/9"}]),
    ],
)  # fmt: skip
def test_a_value_is_sent_as_json_has_it(value: object, sent: object) -> None:
    assert sendable("field", value) == sent
    assert type(sendable("field", value)) is type(sent)


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("inf"),
        Decimal("NaN"),
        Decimal("1e40"),
        2**63,
        datetime(2026, 5, 1, 12, 30),  # noqa: DTZ001 - it is refused for that
        datetime.min.replace(tzinfo=timezone(timedelta(hours=14))),
        "half \ud83c a character",
        object(),
        b"bytes",
        {1, 2},
        ["urgent"],
        [None],
        [7],
        {"LinkID": object()},
    ],
)
def test_what_cannot_be_sent_is_refused_by_its_field(value: object) -> None:
    with pytest.raises(ArgumentError, match="c_Field"):
        sendable("c_Field", value)


PLAIN = st.one_of(
    st.none(),
    st.booleans(),
    st.text(st.characters(exclude_categories=["Cs"])),
    st.integers(-(2**63) + 1, 2**63 - 1),
    st.decimals(-(10**12), 10**12, places=4),
    st.floats(allow_nan=False, allow_infinity=False, width=32).filter(lambda n: abs(n) < 2**62),
)


@given(st.dictionaries(st.text("abc", min_size=1), PLAIN))
def test_whatever_is_sendable_is_one_exact_json_value(fields: Mapping[str, Any]) -> None:
    body = ENCODER.encode({name: sendable(name, value) for name, value in fields.items()})
    read = json.loads(body, parse_int=Decimal, parse_float=Decimal)
    for name, value in fields.items():
        is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
        assert read[name] == (Decimal(str(value)) if is_number else value)


@pytest.mark.parametrize("points", [-1, "many", True, float("nan"), "1e30", [], "Infinity"])
def test_a_size_is_a_number_of_at_least_nothing(points: Any) -> None:
    with pytest.raises(ArgumentError, match="points must be a number"):
        exactly(points)


def test_a_size_is_exact() -> None:
    assert exactly(0.1) == exactly("0.1") == Decimal("0.1")
    assert exactly(0) == Decimal(0)
