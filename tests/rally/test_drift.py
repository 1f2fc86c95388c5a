"""What is odd in Rally's answers: found alike however they are read."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from drifting import KEY, Change, Drifting, put, without
from hypothesis import given
from hypothesis import strategies as st

from twofold.core.drift_watch import counted
from twofold.core.request import Endpoint, Operation, Origin, Reply, Request
from twofold.core.text.headers import Headers
from twofold.core.wire.reading import read
from twofold.errors import Fault
from twofold.rally.asking import Rows
from twofold.rally.fetched import fetched
from twofold.rally.kinds import STORY, TASK, Kind
from twofold.rally.names import MAY_BE_MISSING, NAMES, WORDS, fields_of
from twofold.rally.operations import read_rows
from twofold.rally.paging import read_generally
from twofold.rally.structure import structure_ticket

ORIGIN = Origin("http", "rally.example", 80)

CHANGES: dict[str, Change] = {
    "nothing": put(),
    "a new key": put(Mood=1),
    "another": put(Mood=2, Weather=None),
    "none of its tags": without("Tags"),
    "no owner": without("Owner"),
    "another word": put(State="Doing"),  # of a story it is a new key
    "no estimate": lambda found: found.update(
        {"Estimate" if "Estimate" in found else "PlanEstimate": ""}
    ),
}
BEYOND: dict[str, Change] = {
    "a text for a number": put(PlanEstimate="many"),
    "a number for a text": put(Name=5),
    "a time without a zone": put(CreationDate="2026-05-01T12:00:00"),
    "a key of its owner": put(Owner={"_ref": "/user/1", "Nickname": "x"}),
    "a version without a number": put(VersionId="new"),
    "tags of another kind": put(Tags={"_tagsNameArray": [{"Name": "a"}, {"Title": "b"}]}),
}


UNREMARKABLE = {"nothing", "no estimate"}


@cache
def sent(kind: Kind) -> bytes:
    """Three rows, as the emulator sends them."""
    found = Drifting("", put()).answer(request(kind, pagesize="3"), 0.0)
    return found.body


def request(kind: Kind, fetch: str = "", **said: str) -> Request:
    query = "&".join([f"shallowFetch={fields_of(kind)},{fetch}", *map("=".join, said.items())])
    headers = (("ZSESSIONID", KEY),)
    return Request("GET", ORIGIN, f"/slm/webservice/v2.0/{kind.path}?{query}", headers)


def faults(reading: Callable[[Reply], Rows[Any]], kind: Kind, body: bytes) -> list[Fault]:
    """Return what is told of a page."""
    told = list[Fault]()

    def tell(_: object, *, fault: Fault) -> None:
        told.append(fault)

    watch = counted()
    operation = Operation(Endpoint("test.read", "GET", "/", reading))
    read(operation, Reply(200, Headers(()), body, request(kind)), watch, tell)
    counts = watch.read().counts
    assert [fault.times for fault in told] == list(counts.values())
    return sorted(told, key=lambda fault: (fault.path, str(fault.drift)))


def changed(kind: Kind, changes: list[Change]) -> bytes:
    page = json.loads(sent(kind))
    for row, change in zip(page["QueryResult"]["Results"], changes, strict=True):
        change(row)
    return json.dumps(page).encode()


@pytest.mark.parametrize("kind", [STORY, TASK], ids=str)
@given(names=st.lists(st.sampled_from([*CHANGES, *BEYOND]), min_size=3, max_size=3))
def test_a_page_drifts_alike_whether_it_is_read_straight_or_generally(
    kind: Kind, names: list[str]
) -> None:
    body = changed(kind, [(CHANGES | BEYOND)[name] for name in names])
    straight = faults(lambda reply: read_rows(kind, reply), kind, body)
    assert straight == faults(lambda reply: read_generally(structure_ticket, reply), kind, body)
    assert bool(straight) == bool({*names} - UNREMARKABLE)


@pytest.mark.parametrize(
    ("address", "body", "names"),
    [
        ("/defect?shallowFetch=Name,Owner[UserName]", b"", {"Name", "Owner", "UserName"}),
        ("/defect?fetch=Name&shallowFetch=State", b"", {"Name", "State"}),
        ("/defect?fetch=Name%2CState", b"", {"Name", "State"}),
        ("/defect", b"_method=GET&shallowFetch=Name%2CState&query=x", {"Name", "State"}),
        ("/defect?fetch=true", b"", None),
        ("/defect?query=x", b"", None),
        ("/defect", b"\xff", None),
    ],
)  # fmt: skip
def test_what_was_asked_for_stands_in_the_request(
    address: str, body: bytes, names: set[str] | None
) -> None:
    assert fetched(Request("GET", ORIGIN, address, body=body)) == names


def test_the_tables_of_what_may_be_name_fields_of_the_models() -> None:
    for table in (WORDS, MAY_BE_MISSING):
        for model, fields in table.items():
            assert {*fields} <= NAMES[model].keys()
