# SPDX-License-Identifier: MIT
"""Where a ticket belongs, set: what it is under, when it is planned for, how it is ranked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from _async.rally.office import LOST_ONCE, client, emulator, refused, requests

from twofold._async.rally.client import AsyncRallyClient
from twofold.core.request import Endpoint, Operation, Reply, Safety
from twofold.errors import ArgumentError, ConflictError, Effect, NotFoundError, RequestError
from twofold.rally.models import Reference, Story, Ticket
from twofold.rally.records import Iteration
from twofold.rally.structure import relative

PAIRS = [
    ("US1", "US2"),
    ("US1", "F1"),
    ("DE1", "US2"),
    ("DE1", "F1"),
    ("TA1", "DE1"),
    ("TA1", "US1"),
    ("TA1", "TS1"),
    ("TC1", "DE1"),
    ("F1", "E1"),
    ("E1", "I1"),
]


async def above(rally: AsyncRallyClient, ticket: Ticket) -> list[str]:
    """Return the refs of what a ticket is under, in whichever of its fields."""
    fields = ["Parent", "PortfolioItem", "Requirement", "WorkProduct"]
    record = await rally.get(ticket, fetch=fields)
    return [relative(record[field]["_ref"]) for field in fields if record.extra.get(field)]


@pytest.mark.parametrize("pair", PAIRS, ids=" under ".join)
async def test_a_ticket_is_put_under_one_that_its_type_can_be_under(pair: tuple[str, str]) -> None:
    name, parent = pair
    async with client(emulator(), strict=True) as rally:
        wanted = await rally.get_ticket(parent)
        placed = await rally.set_parent(name, parent)
        assert placed == await rally.get_ticket(name)
        assert wanted.ref in await above(rally, placed)


async def test_a_story_is_under_one_ticket_at_a_time() -> None:
    async with client(emulator()) as rally:
        story = await rally.set_parent("US1", "F1")
        assert isinstance(story, Story)
        assert (story.parent, story.feature is None) == (None, False)
        story = await rally.set_parent(story, await rally.get_ticket("US2"))
        assert isinstance(story, Story)
        assert (story.parent is None, story.feature) == (False, None)
        story = await rally.set_parent(story, None)
        assert isinstance(story, Story)
        assert (story.parent, story.feature) == (None, None)


async def test_a_parent_may_be_given_by_any_id() -> None:
    async with client(emulator()) as rally:
        feature = await rally.get_feature("F1")
        for parent in (feature, feature.ref, feature.object_id, "f1", Reference(ref=feature.ref)):
            await rally.set_parent("US1", None)
            story = await rally.set_parent("US1", parent)
            assert isinstance(story, Story)
            assert story.feature is not None
            assert story.feature.ref == feature.ref


async def test_a_parent_that_is_not_there_or_is_the_ticket_itself_changes_nothing() -> None:
    async with client(emulator()) as rally:
        before = await rally.get_ticket("US1")
        under = await above(rally, before)
        with pytest.raises(NotFoundError, match="no feature F9999"):
            await rally.set_parent("US1", "F9999")
        with pytest.raises(ArgumentError, match="a story cannot be under itself"):
            await rally.set_parent("US1", "US1")
        with pytest.raises(ArgumentError, match="a story cannot be under a task"):
            await rally.set_parent("US1", (await rally.get_ticket("TA1")).object_id)
        await rally.set_parent("US2", "US1")
        with pytest.raises(RequestError, match="descendant"):
            await rally.set_parent("US1", "US2")
        assert await above(rally, before) == under


async def test_an_iteration_by_name_is_the_one_of_the_tickets_project() -> None:
    server = emulator()
    async with client(server) as rally:
        sprints = await rally.get_iterations("current", below=True)
        for name in ("US1", "DE1", "TS1", "DS1"):
            ticket = await created_or(rally, name)
            mine = next(each for each in sprints if each.project == ticket.project)
            sent = requests(server)
            planned = await rally.set_iteration(name, sprints[0].name or "")
            assert requests(server) - sent == 3  # the ticket, the iteration, the write
            assert planned.iteration is not None
            assert planned.iteration.ref == mine.ref
            assert (await rally.set_iteration(ticket, None)).iteration is None


async def created_or(rally: AsyncRallyClient, name: str) -> Ticket:
    """Return a ticket; the emulator begins with no defect suite."""
    if name == "DS1":
        return await rally.create_ticket("defect suite", "x")
    return await rally.get_ticket(name)


async def test_an_iteration_of_another_project_stands_for_the_same_of_the_tickets_own() -> None:
    server = emulator()
    async with client(server) as rally:
        sprints = await rally.get_iterations("current", below=True)
        story = await rally.get_ticket("US1")
        mine = next(each for each in sprints if each.project == story.project)
        other = next(each for each in sprints if each.project != story.project)
        sent = requests(server)
        assert (await rally.set_iteration(story, mine)).iteration == Reference(
            ref=mine.ref, name=mine.name, type="Iteration"
        )
        assert requests(server) - sent == 1
        for ticket in (story, story.ref, story.object_id, "US1"):
            planned = await rally.set_iteration(ticket, other)
            assert planned.iteration is not None
            assert planned.iteration.ref == mine.ref
        # A reference says nothing of its project: it is written as it is.
        taken = await rally.set_iteration(story, Reference(ref=other.ref))
    assert taken.iteration is not None
    assert taken.iteration.ref == other.ref


async def test_a_release_is_set_as_an_iteration_is() -> None:
    async with client(emulator()) as rally:
        releases = await rally.get_releases("current", below=True)
        for name in ("US1", "DE1", "F1"):
            ticket = await rally.get_ticket(name)
            mine = next(each for each in releases if each.project == ticket.project)
            for given in (releases[0].name or "", releases[0], releases[1], mine.ref):
                planned = await rally.set_release(name, given)
                assert planned.release is not None
                assert planned.release.ref == mine.ref
            assert (await rally.set_release(name, None)).release is None


async def test_an_iteration_that_a_project_has_not_or_has_twice_changes_nothing() -> None:
    async with client(emulator()) as rally:
        before = await rally.get_ticket("US1")
        with pytest.raises(NotFoundError, match="no iteration called 'Sprint 0' of /project/"):
            await rally.set_iteration("US1", "Sprint 0")
        with pytest.raises(NotFoundError, match="no release called"):
            await rally.set_release("US1", "100% / x")
        sprints = await rally.get_iterations(below=True)
        mine = [each for each in sprints if each.project == before.project]
        await rally.raw(another_like(mine[0]))
        with pytest.raises(RequestError, match="more than one iteration called"):
            await rally.set_iteration("US1", mine[0].name)
        assert await rally.get_ticket("US1") == before


def another_like(iteration: Iteration) -> Operation[object]:
    """Another iteration of the same name in the same project, made by somebody else."""
    create = Endpoint("test.create", "POST", "/iteration/create", Reply.json, Safety.ONCE)
    days = {"StartDate": "2030-01-01", "EndDate": "2030-01-14"}
    project = None if iteration.project is None else iteration.project.ref
    return create.operation(
        json={"Iteration": {"Name": iteration.name, "Project": project, **days}}
    )


async def ranks(rally: AsyncRallyClient, *names: str) -> list[str]:
    """Return names in the order of rank, the highest first."""
    found = [await rally.get(await rally.get_ticket(name)) for name in names]
    order = sorted(found, key=lambda record: str(record["DragAndDropRank"]))
    return [str(record["FormattedID"]) for record in order]


async def test_a_ticket_is_ranked_beside_another_one_or_at_an_end() -> None:
    server = emulator()
    async with client(server) as rally:
        sent = requests(server)
        await rally.rank("US1", to="top")
        await rally.rank("DE2", to="bottom")
        assert requests(server) - sent == 4
        assert await ranks(rally, "DE2", "US3", "US1") == ["US1", "US3", "DE2"]
        await rally.rank("DE2", above="US1")
        await rally.rank(await rally.get_ticket("US3"), below="DE2")
        assert await ranks(rally, "US1", "US3", "DE2") == ["DE2", "US3", "US1"]
        ranked = await rally.rank("US1", above="DE2")
        assert ranked == await rally.get_ticket("US1")


async def test_a_ticket_is_ranked_beside_one_that_is_there() -> None:
    async with client(emulator()) as rally:
        with pytest.raises(NotFoundError, match="US9999"):
            await rally.rank("US1", above="US9999")
        with pytest.raises(NotFoundError, match="US9999"):
            await rally.rank("US9999", above="US1")
        with pytest.raises(ArgumentError, match="beside itself"):
            await rally.rank("US1", below=await rally.get_ticket("US1"))


@pytest.mark.parametrize(
    "write",
    [
        lambda rally: rally.set_parent("US1", "F1"),
        lambda rally: rally.set_iteration("US1", None),
        lambda rally: rally.set_release("US1", None),
        lambda rally: rally.rank("US1", to="top"),
    ],
)
async def test_each_is_repeated_after_a_lost_answer_and_after_a_conflict(write: Any) -> None:
    for fault in (LOST_ONCE, {"match": {"method": "POST"}, "fault": "conflict", "times": 2}):
        async with client(emulator(fault)) as rally:
            assert await write(rally) == await rally.get_ticket("US1")
    async with client(emulator({"match": {"method": "POST"}, "fault": "conflict"})) as rally:
        with pytest.raises(ConflictError) as caught:
            await write(rally)
        assert caught.value.effect is Effect.NONE
    async with client(emulator(refused("Validation error: locked"))) as rally:
        with pytest.raises(RequestError, match="locked"):
            await write(rally)


Refused = Callable[[AsyncRallyClient], Any]


@pytest.mark.parametrize(
    "call",
    [
        lambda rally: rally.set_parent("TA1", None),
        lambda rally: rally.set_parent("TA1", "F1"),
        lambda rally: rally.set_parent("F1", "F2"),
        lambda rally: rally.set_parent("F1", "US1"),
        lambda rally: rally.set_parent("TS1", "US1"),
        lambda rally: rally.set_parent("US1", "nonsense"),
        lambda rally: rally.set_parent("nonsense", "US1"),
        lambda rally: rally.set_iteration("TA1", "Sprint 1"),
        lambda rally: rally.set_iteration("TC1", None),
        lambda rally: rally.set_iteration("F1", None),
        lambda rally: rally.set_iteration("US1", ""),
        lambda rally: rally.set_iteration("US1", 7),
        lambda rally: rally.set_iteration("US1", "/release/7"),
        lambda rally: rally.set_release("TA1", None),
        lambda rally: rally.set_release("US1", "/iteration/7"),
        lambda rally: rally.rank("US1"),
        lambda rally: rally.rank("US1", above="US2", below="US3"),
        lambda rally: rally.rank("US1", above="US2", to="top"),
        lambda rally: rally.rank("US1", to="middle"),
        lambda rally: rally.rank("US1", above="us1"),
        lambda rally: rally.rank("US1", above="nonsense"),
    ],
)
async def test_a_wrong_argument_is_refused_before_anything_is_sent(call: Refused) -> None:
    server = emulator()
    async with client(server) as rally:
        with pytest.raises(ArgumentError):
            await call(rally)
    assert requests(server) == 0
