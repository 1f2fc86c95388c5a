"""How often the commands ask the server for tickets that they are given by their ids."""

from __future__ import annotations

import httpx
from cli.commands import Inside

TEN = [f"US{number}" for number in range(20, 30)]
MIXED = [*TEN, "DE9", "DE10", "TA9", "TA10"]


def requests(server: Inside) -> int:
    """How many requests the server has had."""
    with httpx.Client(trust_env=False) as caller:
        said: int = caller.get(f"{server.url}/-/emulator/statistics").json()["requests"]
    return said


def asked(server: Inside, *command: str) -> int:
    before = requests(server)
    server.rows(*command)
    return requests(server) - before


def test_each_type_is_asked_once_however_many_tickets_are_named(shared: Inside) -> None:
    for command in (["show"], ["delete", "--dry-run"], ["update", "--points=1", "--dry-run"]):
        verb, *options = command
        once = asked(shared, verb, "US20", *options)
        assert asked(shared, verb, *TEN, *options) == once
        assert asked(shared, verb, *MIXED, *options) == once + 2
    assert asked(shared, "show", *TEN) == 1


def test_tags_need_two_requests_a_ticket_and_one_look_up_for_all(shared: Inside) -> None:
    shared.rows("tags", "add", "asked for", "US20")
    dry = asked(shared, "tags", "add", "asked for", *TEN, "--dry-run")
    assert dry == 1
    # The tag is looked up once; each ticket is written to and read.
    assert asked(shared, "tags", "add", "asked for", *TEN) == 1 + 1 + 2 * len(TEN)
    assert asked(shared, "tags", "remove", "asked for", *TEN) == 1 + 1 + 2 * len(TEN)
