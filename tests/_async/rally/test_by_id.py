# SPDX-License-Identifier: MIT
"""Many tickets read by their ids, in virtual time and without a wire: what is asked, what comes."""

from __future__ import annotations

from typing import Any

import pytest
from _async.rally.office import KEY, client, emulator, requests
from switched import Switched

from twofold._async.core.store.memory import AsyncMemoryStore
from twofold._async.core.transport.in_process import InProcessTransport
from twofold._async.rally.caching.client import AsyncCachingRallyClient
from twofold._runtime.waiting.scopes import current_time
from twofold.core.policy.limits import Limits
from twofold.errors import ArgumentError, CredentialsError, NotFoundError, RequestError
from twofold.progress import Progress
from twofold.rally.freshness import DataState
from twofold.rally.models import Defect, Story, Ticket


async def test_each_has_an_outcome_in_the_order_given_and_each_type_is_asked_once() -> None:
    server = emulator()
    async with client(server) as rally:
        known = await rally.get_ticket("US7")
        before = requests(server)
        stories: list[Ticket | str | int] = [f"US{number}" for number in range(1, 100)]
        ids = ["DE2", "US99999", *stories, known, "F1", " us1\t", "/defect/1", known.ref]
        result = await rally.get_tickets_by_id(ids)
        assert requests(server) - before == 5  # stories and defects by two fields, features by one
    assert [outcome.item for outcome in result] == ids
    assert [outcome.index for outcome in result] == list(range(len(ids)))
    assert [failure.item for failure in result.failed] == ["US99999", "/defect/1"]
    assert [type(failure.error) for failure in result.failed] == [NotFoundError] * 2
    assert "there is no story US99999" in str(result[1].error)
    assert "there is no defect /defect/1" in str(result.failed[1].error)
    found = [outcome.value for outcome in result.succeeded]
    assert isinstance(found[0], Defect)
    assert [ticket.formatted_id for ticket in found[1:100]] == stories
    assert [ticket.formatted_id for ticket in found[100:]] == ["US7", "F1", "US1", "US7"]
    assert found[100] == known


async def test_numbers_alone_are_looked_up_first_and_stand_for_any_type() -> None:
    server = emulator()
    async with client(server) as rally:
        story, defect = await rally.get_ticket("US1"), await rally.get_ticket("DE1")
        before = requests(server)
        numbers = [defect.object_id, story.object_id, 4711]
        result = await rally.get_tickets_by_id(numbers)
        assert requests(server) - before == 3
    assert [outcome.value for outcome in result.succeeded] == [defect, story]
    assert isinstance(result[2].error, NotFoundError)
    assert "ObjectID 4711" in str(result[2].error)


async def test_tickets_are_found_in_whatever_project_and_as_they_are_now() -> None:
    async with client(emulator()) as rally:
        everything = await rally.get_tickets("story")
    own = next(each.project for each in everything if each.project != everything[0].project)
    assert own is not None
    async with client(emulator(), project=own.ref) as rally:
        await rally.update_points(everything[0], 77)
        result = await rally.get_tickets_by_id([everything[0], everything[0].object_id])
    assert [ticket.points for ticket in result.values()] == [77, 77]


async def test_more_than_one_question_holds_are_asked_in_several() -> None:
    server = emulator(tickets=900)
    async with client(server) as rally:
        ids = [f"US{number}" for number in range(1, 501)]
        told: list[Progress] = []
        result = await rally.get_tickets_by_id([*ids, "US99999"], progress=told.append)
        assert requests(server) == 3
    assert [one.value.formatted_id for one in result.succeeded] == ids
    assert (told[-1].succeeded, told[-1].failed, told[-1].total) == (500, 1, 501)


async def test_a_type_that_the_server_does_not_know_spoils_no_other() -> None:
    async with client(emulator()) as rally:
        result = await rally.get_tickets_by_id(["US1", "/portfolioitem/payjammas/5"])
    assert isinstance(result[0].unwrap(), Story)
    assert isinstance(result[1].error, RequestError)


async def test_what_is_wrong_with_all_is_an_error_of_the_whole() -> None:
    server = emulator()
    async with client(server, api_key="_wrong") as rally:
        with pytest.raises(CredentialsError) as caught:
            await rally.get_tickets_by_id(["US1", "DE1"])
    assert not getattr(caught.value, "__notes__", [])
    before = requests(server)
    wrong: list[Any] = ["US1", None, 5, {"US1": 1}, ["US1", "nonsense"], ["US1", True]]
    async with client(server) as rally:
        for ids in wrong:
            with pytest.raises(ArgumentError):
                await rally.get_tickets_by_id(ids)
        assert len(await rally.get_tickets_by_id([])) == 0
    assert requests(server) == before


async def test_what_was_read_is_kept_and_given_offline() -> None:
    server = Switched(emulator())
    options: dict[str, Any] = {
        "api_key": KEY,
        "transport": InProcessTransport(server),
        "limits": Limits(clock=current_time),
        "store": AsyncMemoryStore(),
    }
    async with AsyncCachingRallyClient(server="http://rally.example", **options) as rally:
        asked = await rally.get_tickets_by_id(["US1", "DE1", 4711])
        rally.offline = True
        kept = await rally.get_tickets_by_id(["US1", "DE1"])
        assert rally.freshness.state is DataState.OFFLINE
    assert kept.values() == [outcome.value for outcome in asked.succeeded]
