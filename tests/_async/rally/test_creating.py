# SPDX-License-Identifier: MIT
"""Tickets created: each once, whole, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from _async.rally.office import ALWAYS_LOST, LOST_ONCE, client, emulator, refused, requests

from twofold._async.rally.client import AsyncRallyClient
from twofold.errors import (
    ArgumentError,
    Effect,
    NotFoundError,
    OutcomeUnknownError,
    RequestError,
    ServerError,
)
from twofold.rally.models import Defect, DefectSuite, PortfolioItem, Story, Task, TestCase, TestSet

WRITES = {"method": "POST", "path": "/create"}


@pytest.mark.parametrize(
    ("type", "model", "prefix"),
    [
        ("story", Story, "US"),
        ("User Stories", Story, "US"),
        ("HierarchicalRequirement", Story, "US"),
        ("defect", Defect, "DE"),
        ("test case", TestCase, "TC"),
        ("test_set", TestSet, "TS"),
        ("defect suite", DefectSuite, "DS"),
        ("feature", PortfolioItem, "F"),
        ("PortfolioItem/Epic", PortfolioItem, "E"),
    ],
)
async def test_every_type_is_created_by_one_request(
    type: str, model: type[object], prefix: str
) -> None:
    server = emulator()
    async with client(server) as rally:
        made = await rally.create_ticket(type, 'Größe "1" & <2>')
        assert requests(server) == 1
        assert await rally.get_ticket(made.formatted_id) == made
    assert isinstance(made, model)
    assert made.formatted_id.startswith(prefix)
    assert (made.name, made.warnings) == ('Größe "1" & <2>', ())


async def test_a_new_story_has_all_that_was_asked_for() -> None:
    server = emulator()
    async with client(server) as rally:
        (sprint,) = await rally.get_iterations("current")
        me = await rally.get_current_user()
        sent = requests(server)
        story = await rally.create_ticket(
            "story",
            "New",
            {
                "points": "0.5",
                "state": "In-Progress",
                "description": "<p>a &lt; b</p>",
                "owner": "me",
                "iteration": sprint.name,
                "parent": "F1",
                "tags": ["new", "newer", "new"],
                "c_BusinessValue": 7,
            },
        )
        assert requests(server) - sent == 7
        feature = await rally.get_feature("F1")
        again = await rally.create_ticket("story", "Again", {"tags": ["newer"], "Owner": me})
    assert isinstance(story, Story)
    assert (story.points, story.state) == (Decimal("0.5"), "In-Progress")
    assert story.description == "<p>a &lt; b</p>"
    assert story.owner is not None
    assert story.owner.ref == me.ref
    assert story.iteration is not None
    assert story.iteration.ref == sprint.ref
    assert story.feature is not None
    assert story.feature.ref == feature.ref
    assert story.tags == ("new", "newer")
    assert (again.owner, again.tags) == (story.owner, ("newer",))


async def test_a_task_is_in_the_project_of_what_it_is_a_task_of() -> None:
    server = emulator()
    async with client(server, project=server.ready.project) as rally:
        stories = await rally.get_tickets(
            "story", query=f'Project.Name != "{server.ready.project}"'
        )
        story = stories[0]
        task = await rally.create_ticket("task", "T", {"parent": story, "estimate": "2.5"})
    assert isinstance(task, Task)
    assert task.work_product is not None
    assert task.work_product.ref == story.ref
    assert (task.project, task.points) == (story.project, Decimal("2.5"))


async def test_a_ticket_is_created_in_the_clients_project_unless_another_is_given() -> None:
    server = emulator()
    async with client(server) as rally:
        sprints = await rally.get_iterations("current", below=True)
    here, there = (each.project for each in sprints[:2])
    assert here is not None
    assert there is not None
    async with client(server, project=there.name) as rally:
        story = await rally.create_ticket("story", "x", {"iteration": sprints[1].name})
        other = await rally.create_ticket(
            "story", "y", {"project": here.name, "iteration": sprints[0].name}
        )
    assert (story.project, story.iteration and story.iteration.ref) == (there, sprints[1].ref)
    assert (other.project, other.iteration and other.iteration.ref) == (here, sprints[0].ref)


async def test_a_create_whose_answer_is_lost_is_sent_once_and_unknown() -> None:
    server = emulator(ALWAYS_LOST)
    async with client(server) as rally:
        with pytest.raises(OutcomeUnknownError, match=r"rally\.create") as caught:
            await rally.create_ticket("story", "Only once")
        assert requests(server) == 1
        assert len(await rally.get_tickets("story", where={"Name": "Only once"})) == 1
    assert caught.value.effect is Effect.UNKNOWN


async def test_a_create_that_was_not_done_is_repeated_where_the_server_says_so() -> None:
    conflict = {"match": WRITES, "fault": "conflict", "times": 2}
    async with client(emulator(conflict)) as rally:
        await rally.create_ticket("task", "Only once", {"parent": "US1"})
        assert len(await rally.get_tickets("task", where={"Name": "Only once"})) == 1


@pytest.mark.parametrize(
    "fault", [{"fault": "status", "status": 502}, {"fault": "truncated"}, {"fault": "html"}]
)
async def test_a_create_is_not_repeated_where_nobody_knows_what_was_done(
    fault: dict[str, Any],
) -> None:
    server = emulator({"match": WRITES, **fault})
    async with client(server) as rally:
        with pytest.raises((ServerError, OutcomeUnknownError)) as caught:
            await rally.create_ticket("story", "x")
    assert requests(server) == 1
    assert getattr(caught.value, "effect", None) is Effect.UNKNOWN


async def test_nothing_is_created_if_a_name_is_nobodys_or_the_server_refuses() -> None:
    server = emulator(refused("Validation error: locked", path="/defect/create"))
    async with client(server) as rally:
        for fields in ({"owner": "Nobody At All"}, {"iteration": "Sprint 0"}, {"parent": "F9999"}):
            with pytest.raises(NotFoundError):
                await rally.create_ticket("story", "Not there", fields)
        with pytest.raises(NotFoundError, match="no project called 'Nowhere'"):
            await rally.create_ticket("story", "Not there", {"project": "Nowhere", "owner": "me"})
        with pytest.raises(RequestError, match="locked"):
            await rally.create_ticket("defect", "Not there")
        found = await rally.get_tickets(where={"Name": "Not there"})
    assert len(found) == 0


async def test_what_the_server_ignored_is_a_warning_on_the_new_ticket() -> None:
    server = emulator()
    async with client(server) as rally:
        made = await rally.create_ticket("story", "x", {"c_Nope": 1})
    assert ["c_Nope" in text for text in made.warnings] == [True]
    async with client(server, strict=True) as rally:
        with pytest.raises(RequestError, match="Ignored JSON element") as caught:
            await rally.create_ticket("story", "warned of", {"c_Nope": 1})
        (there,) = await rally.get_tickets("story", where={"Name": "warned of"})
    assert caught.value.effect is Effect.DONE
    assert caught.value.__notes__ == [f"{there.formatted_id} was created"]


Refused = Callable[[AsyncRallyClient], Any]


@pytest.mark.parametrize(
    "call",
    [
        lambda rally: rally.create_ticket("payjammas", "x"),
        lambda rally: rally.create_ticket("portfolio item", "x"),
        lambda rally: rally.create_ticket("story", " "),
        lambda rally: rally.create_ticket("story", None),
        lambda rally: rally.create_ticket("story", "x", ["points"]),
        lambda rally: rally.create_ticket("story", "x", {"Name": "y"}),
        lambda rally: rally.create_ticket("story", "x", {"severity": "Cosmetic"}),
        lambda rally: rally.create_ticket("story", "x", {"parent": "TA1"}),
        lambda rally: rally.create_ticket("story", "x", {"owner": ""}),
        lambda rally: rally.create_ticket("task", "x"),
        lambda rally: rally.create_ticket("task", "x", {"parent": "F1"}),
        lambda rally: rally.create_ticket("test set", "x", {"parent": "F1"}),
        lambda rally: rally.create_ticket("story", "x", {"tags": "urgent"}),
    ],
)
async def test_a_wrong_argument_is_refused_before_anything_is_sent(call: Refused) -> None:
    server = emulator(LOST_ONCE)
    async with client(server) as rally:
        with pytest.raises(ArgumentError):
            await call(rally)
    assert requests(server) == 0
