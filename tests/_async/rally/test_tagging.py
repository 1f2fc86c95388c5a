# SPDX-License-Identifier: MIT
"""Tags, created once, put on tickets and taken off them, whatever is in their names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from _async.rally.office import ALWAYS_LOST, LOST_ONCE, client, emulator, refused, requests

from twofold._async.rally.client import AsyncRallyClient
from twofold._runtime.waiting.tasks import Call
from twofold.core.request import Endpoint, Operation, Reply, Safety
from twofold.errors import (
    ArgumentError,
    Effect,
    NotFoundError,
    OutcomeUnknownError,
    RequestError,
    ServerError,
)
from twofold.rally.models import Reference

NAMES = ["front/end", "100%", 'say "no"', "a, b (c)", "Größe 🎉", "back\\slash", "today", "null"]


def changed(ref: str, **fields: object) -> Operation[object]:
    """A tag, changed or created by somebody else."""
    change = Endpoint("test.change", "POST", "/tag/{oid}", Reply.json, Safety.REPEATABLE)
    return change.operation(json={"Tag": fields}, oid=ref.rpartition("/")[2])


@pytest.mark.parametrize("name", NAMES)
async def test_a_tag_is_created_once_and_found_from_then_on(name: str) -> None:
    async with client(emulator()) as rally:
        tag = await rally.create_tag(name)
        assert (tag.name, tag.archived) == (name, False)
        assert await rally.create_tag(f" {name} ") == tag
        assert [each.ref for each in await rally.get_tags() if each.name == name] == [tag.ref]
        tagged = await rally.add_tag("US1", name)
        assert name in tagged.tags
        assert name not in (await rally.remove_tag("US1", name)).tags


async def test_a_tag_that_is_archived_is_the_tag_unless_another_is_in_use() -> None:
    async with client(emulator()) as rally:
        tag = await rally.create_tag("old")
        await rally.raw(changed(tag.ref, Archived=True))
        found = await rally.create_tag("old")
        assert (found.ref, found.archived) == (tag.ref, True)
        await rally.raw(changed("create", Name="old"))
        used = await rally.create_tag("old")
        assert used.ref != tag.ref
        await rally.add_tag("US1", "old")
        await rally.add_tag("US1", tag)
        both = await rally.get(await rally.get_ticket("US1"), fetch=["Tags"])
        assert both["Tags"]["Count"] >= 2
        assert "old" not in (await rally.remove_tag("US1", "old")).tags


async def test_a_tag_is_added_by_name_by_ref_or_as_it_is() -> None:
    server = emulator()
    async with client(server) as rally:
        before = (await rally.get_ticket("DE1")).tags
        tag = await rally.create_tag("new")
        for given in (tag, Reference(ref=tag.ref), tag.ref, "new"):
            assert (await rally.add_tag("DE1", given)).tags == (*before, "new")
            assert (await rally.add_tag("DE1", given)).tags == (*before, "new")
            assert (await rally.remove_tag("DE1", given)).tags == before
            assert (await rally.remove_tag("DE1", given)).tags == before
        sent = requests(server)
        tagged = await rally.add_tag("DE1", "newer")
        assert requests(server) - sent == 5  # ticket, tag, tag created, tag added, ticket read
        assert tagged == await rally.get_ticket("DE1")


async def test_a_tag_that_there_is_not_cannot_be_removed() -> None:
    async with client(emulator()) as rally:
        before = await rally.get_ticket("US1")
        with pytest.raises(NotFoundError, match="no tag called 'nowhere'"):
            await rally.remove_tag("US1", "nowhere")
        with pytest.raises(NotFoundError, match="US9999"):
            await rally.add_tag("US9999", "never made")
        assert "never made" not in [tag.name for tag in await rally.get_tags()]
        assert await rally.get_ticket("US1") == before


async def test_tags_are_added_and_removed_again_after_a_lost_answer() -> None:
    lost = {"match": {"method": "POST", "path": "/Tags/"}, "nth": [1, 3], "fault": "cut_after"}
    conflict = {"match": {"method": "POST"}, "nth": 1, "fault": "conflict"}
    for fault in (lost, conflict):
        async with client(emulator(fault)) as rally:
            tag = (await rally.get_tags())[0]
            tagged = await rally.add_tag("US1", tag)
            assert tagged.tags.count(tag.name or "") == 1
            assert tag.name not in (await rally.remove_tag("US1", tag)).tags


async def test_a_tag_whose_answer_is_lost_is_sent_once_and_unknown() -> None:
    server = emulator(ALWAYS_LOST)
    creations: list[Call[[AsyncRallyClient], object]] = [
        lambda rally: rally.create_tag("new"),
        lambda rally: rally.add_tag("US1", "newer"),
    ]
    for create in creations:
        async with client(server) as rally:
            with pytest.raises(OutcomeUnknownError, match=r"rally\.create_tag"):
                await create(rally)
    async with client(server) as rally:
        names = [tag.name for tag in await rally.get_tags()]
    assert (names.count("new"), names.count("newer")) == (1, 1)


async def test_what_fails_after_a_tag_was_added_says_that_it_was() -> None:
    server = emulator(
        {"match": {"method": "GET", "object": "US1"}, "fault": "status", "status": 500}
    )
    async with client(server) as rally:
        with pytest.raises(ServerError) as caught:
            await rally.add_tag("US1", "new")
    assert caught.value.effect is Effect.DONE
    async with client(emulator(refused("Validation error: locked", path="/Tags/add"))) as rally:
        with pytest.raises(RequestError, match="locked") as refusal:
            await rally.add_tag("US1", "new")
    assert refusal.value.effect is Effect.NONE


Refused = Callable[[AsyncRallyClient], Any]


@pytest.mark.parametrize(
    "call",
    [
        lambda rally: rally.create_tag(""),
        lambda rally: rally.create_tag(None),
        lambda rally: rally.create_tag("con\x00trol"),
        lambda rally: rally.add_tag("US1", ""),
        lambda rally: rally.add_tag("US1", None),
        lambda rally: rally.add_tag("US1", 7),
        lambda rally: rally.add_tag("US1", "/user/7"),
        lambda rally: rally.add_tag("nonsense", "x"),
        lambda rally: rally.remove_tag("US1", None),
        lambda rally: rally.remove_tag("nonsense", "x"),
    ],
)
async def test_a_wrong_argument_is_refused_before_anything_is_sent(call: Refused) -> None:
    server = emulator(LOST_ONCE)
    async with client(server) as rally:
        with pytest.raises(ArgumentError):
            await call(rally)
    assert requests(server) == 0
