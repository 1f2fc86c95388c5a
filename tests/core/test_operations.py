"""What an operation refuses to be made of, before anything is sent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from twofold.core.request import Endpoint, Origin, Reply, Safety
from twofold.core.uploads import upload
from twofold.errors import ArgumentError

LOOK = Endpoint("test.look", "GET", "/shelves/{shelf}/things", Reply.json)
ADD = Endpoint("test.add", "POST", "/things", Reply.json)
HOME = Origin("https", "api.example", 443)


@pytest.mark.parametrize(
    ("places", "said"),
    [
        ({}, "wants shelf, and was given nothing"),
        ({"shelf": "1", "q": "2"}, "wants shelf, and was given shelf, q"),
        ({"shelf": 5}, "5 stands where a text is wanted"),
        ({"shelf": ".."}, "must not be"),
    ],
)
def test_places_are_those_of_the_template(places: dict[str, Any], said: str) -> None:
    with pytest.raises(ArgumentError, match=said):
        LOOK.operation(**places)


def test_a_template_without_places_takes_none() -> None:
    with pytest.raises(ArgumentError, match="wants nothing, and was given shelf"):
        ADD.operation(shelf="1")


def test_a_query_holds_texts() -> None:
    query: Any = {"n": 5}
    with pytest.raises(ArgumentError, match="5 stands"):
        ADD.operation(query=query).request(HOME, "", ())


@pytest.mark.parametrize("value", [object(), "\ud800", Decimal("NaN"), [Decimal("Infinity")]])
def test_what_is_no_json_is_refused(value: object) -> None:
    with pytest.raises(ArgumentError, match="json cannot be encoded"):
        ADD.operation(json=value)
    assert ADD.operation(json="NaN and Infinity").body == b'"NaN and Infinity"'


@pytest.mark.parametrize("body", ["text", bytearray(b"x"), None, 5])
def test_a_body_is_bytes_or_an_upload(body: Any) -> None:
    with pytest.raises(ArgumentError, match="body must be bytes"):
        ADD.operation(body=body)


@pytest.mark.parametrize("length", [-5, "5", 5.0, True])
def test_a_length_is_a_number_of_bytes(length: Any) -> None:
    with pytest.raises(ArgumentError, match="length must be"):
        upload(iter([b"x"]), length=length)


def test_what_nobody_declared_repeatable_is_sent_once_unless_it_only_reads() -> None:
    found = {
        method: Endpoint("test", method, "/", Reply.json).safety
        for method in ("GET", "HEAD", "OPTIONS", "QUERY", "POST", "PUT", "PATCH", "DELETE")
    }
    assert [method for method, safety in found.items() if safety is Safety.SAFE] == [
        *["GET", "HEAD", "OPTIONS", "QUERY"]
    ]
    assert set(found.values()) == {Safety.SAFE, Safety.ONCE}
