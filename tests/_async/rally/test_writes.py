# SPDX-License-Identifier: MIT
"""Fields of one ticket, set: by every name they have, in one write, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from _async.rally.office import LOST_ONCE, client, emulator, refused, requests

from twofold._async.rally.client import AsyncRallyClient
from twofold._runtime.waiting.scopes import current_time
from twofold.core.request import Endpoint, Operation, Reply, Safety
from twofold.errors import (
    ArgumentError,
    ConflictError,
    DeadlineError,
    Effect,
    NotFoundError,
    RequestError,
)
from twofold.rally.models import Defect, PortfolioItem, Reference, Story, Task


async def test_several_fields_are_one_write() -> None:
    server = emulator()
    async with client(server) as rally:
        before = await rally.get_ticket("DE1")
        sent = requests(server)
        defect = await rally.update_ticket(
            before,
            {
                "name": "Größe & Maße <x>",
                "state": "Fixed",
                "schedule_state": "Completed",
                "points": 0.1,
                "Environment": "Staging",
                "blocked": True,
                "BlockedReason": 'say "no"',
                "TargetDate": date(2026, 5, 1),
                "c_RootCause": "Design",
                "description": "<p>so <b>it</b> is</p>",
            },
        )
        assert requests(server) - sent == 1
        assert await rally.get_ticket("DE1") == defect
    assert isinstance(defect, Defect)
    assert (defect.name, defect.state) == ("Größe & Maße <x>", "Fixed")
    assert (defect.schedule_state, defect.points) == ("Completed", Decimal("0.1"))
    assert (defect.blocked, defect.description) == (True, "<p>so <b>it</b> is</p>")
    assert defect.warnings == ()
    assert defect.version == (before.version or 0) + 1


async def test_what_is_cleared_is_empty_and_the_rest_stays() -> None:
    async with client(emulator()) as rally:
        full = await rally.update_ticket("US1", {"points": 5, "owner": "me", "notes": "<p>n</p>"})
        bare = await rally.update_ticket("US1", {"points": None, "owner": None})
    assert (bare.points, bare.owner) == (None, None)
    assert (bare.notes, bare.name) == ("<p>n</p>", full.name)


async def test_a_time_is_written_as_the_instant_that_it_is() -> None:
    begin = datetime(2026, 5, 1, 7, 30, tzinfo=UTC)
    async with client(emulator()) as rally:
        feature = await rally.update_ticket("F1", {"planned_start_date": begin})
    assert isinstance(feature, PortfolioItem)
    assert feature.planned_start_date == begin


async def test_names_are_looked_up_before_the_one_write() -> None:
    server = emulator()
    async with client(server) as rally:
        story = await rally.get_ticket("US1")
        names = [each.name for each in await rally.get_iterations(below=True)]
        sent = requests(server)
        planned = await rally.update_ticket(
            story,
            {
                "owner": "me",
                "iteration": names[0],
                "flow_state": "Completed",
                "feature": "F2",
                "tags": ["new", "newer"],
            },
        )
        # One for each: user, iteration, flow state, feature, tags, two tags created, the write.
        assert requests(server) - sent == 8
        me = await rally.get_current_user()
        feature = await rally.get_feature("F2")
    assert isinstance(planned, Story)
    assert planned.owner is not None
    assert planned.owner.ref == me.ref
    assert planned.iteration is not None
    assert planned.iteration.name == names[0]
    assert planned.state == "Completed"
    assert planned.feature is not None
    assert planned.feature.ref == feature.ref
    assert planned.tags == ("new", "newer")


async def test_a_ticket_is_moved_by_the_name_of_a_project_and_planned_there() -> None:
    async with client(emulator()) as rally:
        story = await rally.get_ticket("US1")
        sprints = await rally.get_iterations("current", below=True)
        there = next(each for each in sprints if ref(each.project) != ref(story.project))
        assert there.project is not None
        fields = {"project": there.project.name, "iteration": there.name}
        moved = await rally.update_ticket(story, fields)
    assert ref(moved.project) == there.project.ref
    assert ref(moved.iteration) == there.ref


def ref(given: Reference | None) -> str:
    assert given is not None
    return given.ref


async def test_state_is_written_where_each_type_keeps_it() -> None:
    async with client(emulator()) as rally:
        assert (await rally.update_state("US1", "Accepted")).state == "Accepted"
        assert (await rally.update_state("TA1", "Completed")).state == "Completed"
        assert (await rally.update_state("TS1", "Completed")).state == "Completed"
        defect = await rally.update_state("DE1", "Accepted", field="schedule_state")
        assert isinstance(defect, Defect)
        assert defect.schedule_state == "Accepted"
        epic = await rally.update_state("E1", "Done")
        assert isinstance(epic, PortfolioItem)
        assert epic.state == "Done"
        assert ref(epic.portfolio_state).startswith("/state/")
        with pytest.raises(NotFoundError, match="of Epic; there are Discovering, Developing,"):
            await rally.update_state("E1", "Nonsense")
        states = await rally.get_allowed_values("epic", "state")
        assert ref(epic.portfolio_state) in [each.ref for each in states]


async def test_a_flow_state_is_the_one_of_the_tickets_project() -> None:
    async with client(emulator()) as rally:
        states = [each async for each in rally.iter("flowstate", fetch=["Name", "Project"])]
        reviewing = next(each for each in states if each["Name"] == "In Review")
        home = reviewing["Project"]["_refObjectName"]
        story = (await rally.get_tickets("story", where={"Project.Name": home}))[0]
        moved = await rally.update_state(story, "In Review", field="FlowState")
        assert moved.state == "In-Progress"
        again = await rally.update_ticket(story, {"flow_state": reviewing})
        assert again.state == "In-Progress"
        other = (await rally.get_tickets("story", query=f'Project.Name != "{home}"'))[0]
        with pytest.raises(NotFoundError, match="no flow state called 'In Review' of /project/"):
            await rally.update_state(other, "In Review", field="FlowState")


async def test_points_are_written_where_each_type_keeps_them() -> None:
    async with client(emulator()) as rally:
        feature = await rally.update_points("F1", 0.1)
        assert isinstance(feature, PortfolioItem)
        assert feature.refined_estimate == Decimal("0.1")
        task = await rally.update_points("TA1", "2.5", field="to_do")
        assert isinstance(task, Task)
        assert task.to_do == Decimal("2.5")
        sized = await rally.update_points("F1", "M", field="PreliminaryEstimate")
        assert isinstance(sized, PortfolioItem)
        assert sized.preliminary_estimate is not None
        assert sized.preliminary_estimate.name == "M"


async def test_an_owner_is_named_in_every_way() -> None:
    async with client(emulator()) as rally:
        users = await rally.get_users()
        for user in users[:3]:
            for given in (user, Reference(ref=user.ref), user.ref, user.user_name):
                assert ref((await rally.assign_owner("US1", given)).owner) == user.ref
            named = await rally.assign_owner("US1", user.display_name)
            assert ref(named.owner) == user.ref
        me = await rally.get_current_user()
        assert ref((await rally.assign_owner("US1", "me")).owner) == me.ref
        assert (await rally.assign_owner("US1", None)).owner is None


async def test_a_name_that_nobody_has_and_one_that_two_have_leave_the_ticket_as_it_was() -> None:
    server = emulator()
    async with client(server) as rally:
        before = await rally.get_ticket("US1")
        with pytest.raises(NotFoundError, match="no user called 'Nobody At All'") as caught:
            await rally.assign_owner("US1", "Nobody At All")
        assert caught.value.effect is Effect.NONE
        one, two, *_ = await rally.get_users()
        await rally.raw(renamed(two.object_id, one.display_name))
        with pytest.raises(RequestError, match="more than one user") as several:
            await rally.assign_owner("US1", one.display_name)
        assert one.user_name
        assert one.user_name in str(several.value)
        assert two.user_name
        assert two.user_name in str(several.value)
        assert await rally.get_ticket("US1") == before


def renamed(user: int, name: str | None) -> Operation[object]:
    """Another user's name, changed by somebody else."""
    change = Endpoint("test.rename", "POST", "/user/{oid}", Reply.json, Safety.REPEATABLE)
    return change.operation(json={"User": {"DisplayName": name}}, oid=str(user))


async def test_a_deleted_ticket_is_in_the_recycle_bin() -> None:
    async with client(emulator()) as rally:
        story = await rally.get_ticket("US1")
        await rally.delete_ticket("US1")
        with pytest.raises(NotFoundError):
            await rally.get_ticket(story)
        with pytest.raises(NotFoundError) as caught:
            await rally.delete_ticket(story)
        assert caught.value.effect is Effect.NONE
        kept = await rally.iter("recyclebinentry", fetch=["ItemOID"]).all()
    assert story.object_id in [entry["ItemOID"] for entry in kept]


async def test_a_ticket_that_this_call_deleted_before_its_answer_was_lost_is_deleted() -> None:
    server = emulator({"match": {"method": "DELETE"}, "nth": 1, "fault": "cut_after"})
    async with client(server) as rally:
        story = await rally.get_ticket("US1")
        await rally.delete_ticket(story)
        with pytest.raises(NotFoundError):
            await rally.get_ticket(story)
    # What was refused before, and is gone then, was deleted by somebody else.
    server = emulator({"match": {"method": "DELETE"}, "nth": 1, "fault": "conflict"})
    async with client(server) as rally:
        with pytest.raises(NotFoundError):
            await rally.delete_ticket("/defect/441863999999")


async def test_a_lost_answer_of_an_update_is_repeated() -> None:
    async with client(emulator(LOST_ONCE)) as rally:
        story = await rally.update_ticket("US1", {"points": 8, "state": "Accepted"})
    assert (story.points, story.state) == (Decimal(8), "Accepted")


async def test_a_conflict_is_repeated_and_then_raised() -> None:
    conflict = {"match": {"method": "POST"}, "fault": "conflict"}
    async with client(emulator({**conflict, "times": 2})) as rally:
        assert (await rally.update_ticket("US1", {"points": 8})).points == Decimal(8)
    async with client(emulator(conflict)) as rally:
        with pytest.raises(ConflictError) as caught:
            await rally.update_ticket("US1", {"points": 8})
    assert caught.value.effect is Effect.NONE


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("Validation error: HierarchicalRequirement.Name should not be null", RequestError),
        ("Could not read: Could not read HierarchicalRequirement 12 to update.", NotFoundError),
        ("Could not convert: x", RequestError),
        ("something that nobody has seen", RequestError),
    ],
)
async def test_what_is_refused_in_an_answer_of_200_is_raised_word_for_word(
    text: str, error: type[Exception]
) -> None:
    async with client(emulator(refused(text, "and more"))) as rally:
        before = await rally.get_ticket("US1")
        with pytest.raises(error, match=r"rally\.update") as caught:
            await rally.update_ticket("US1", {"points": 8})
        assert await rally.get_ticket("US1") == before
    assert getattr(caught.value, "texts", ()) == (text, "and more")


async def test_a_field_that_the_server_ignores_is_a_warning_and_with_strict_an_error() -> None:
    server = emulator()
    async with client(server) as rally:
        story = await rally.update_ticket("US1", {"c_Nope": 1, "points": 8})
    assert story.points == Decimal(8)
    assert ["c_Nope" in text for text in story.warnings] == [True]
    async with client(server, strict=True) as rally:
        with pytest.raises(RequestError, match="Ignored JSON element") as caught:
            await rally.update_ticket("US1", {"c_Nope": 1})
    assert caught.value.effect is Effect.DONE


async def test_a_comment_is_plain_text_and_is_sent_as_html() -> None:
    async with client(emulator()) as rally:
        comment = await rally.add_comment("F1", "a < b & c\nsecond line")
        (post,) = await rally.get_discussions("F1")
    assert comment.text == post.text == "a &lt; b &amp; c<br />second line"


Refused = Callable[[AsyncRallyClient], Any]


@pytest.mark.parametrize(
    "call",
    [
        lambda rally: rally.update_ticket("US1", {}),
        lambda rally: rally.update_ticket("US1", None),
        lambda rally: rally.update_ticket("nonsense", {"points": 1}),
        lambda rally: rally.update_ticket("US1", {"severity": "Cosmetic"}),
        lambda rally: rally.update_ticket("US1", {"points": 1, "PlanEstimate": 1}),
        lambda rally: rally.update_ticket("US1", {"FormattedID": "US2"}),
        lambda rally: rally.update_ticket("US1", {"due": datetime(2026, 1, 1)}),  # noqa: DTZ001
        lambda rally: rally.update_ticket(441, {"points": -1}),
        lambda rally: rally.update_ticket("US1", {"points": 1}, timeout=-1),
        lambda rally: rally.update_ticket("US1", {"points": 1}, hurry=True),
        lambda rally: rally.update_state("TC1", "Open"),
        lambda rally: rally.update_state("TC1", "Open", field="flow_state"),
        lambda rally: rally.update_state("US1", None),
        lambda rally: rally.update_state("US1", "Open", field="FormattedID"),
        lambda rally: rally.update_points("TC1", 3),
        lambda rally: rally.update_points("F1", 3, field="PreliminaryEstimate"),
        lambda rally: rally.assign_owner("US1", ""),
        lambda rally: rally.assign_owner("US1", 12),
        lambda rally: rally.assign_owner("US1", "/defect/12"),
        lambda rally: rally.add_comment("US1", None),
        lambda rally: rally.add_comment("US1", "half \ud83c"),
        lambda rally: rally.delete_ticket("nonsense"),
        lambda rally: rally.delete_ticket(None),
    ],
)
async def test_a_wrong_argument_is_refused_before_anything_is_sent(call: Refused) -> None:
    server = emulator()
    async with client(server) as rally:
        with pytest.raises((ArgumentError, TypeError)):
            await call(rally)
    assert requests(server) == 0


async def test_what_a_ticket_has_not_is_refused_once_its_type_is_known() -> None:
    server = emulator()
    async with client(server) as rally:
        task = await rally.get_ticket("TA1")
        sent = requests(server)
        with pytest.raises(ArgumentError, match="a task has no severity"):
            await rally.update_ticket(task.object_id, {"severity": "Cosmetic"})
        assert requests(server) - sent == 1
        assert await rally.get_ticket("TA1") == task


async def test_one_slot_is_enough_for_every_look_up() -> None:
    server = emulator(latency=0.1)
    fields = {"owner": "me", "iteration": "Sprint 2026-010", "tags": ["a", "b"], "parent": "F1"}
    async with client(server, concurrency=1) as rally:
        story = await rally.update_ticket("US1", fields)
    assert story.tags == ("a", "b")


async def test_a_time_out_bounds_the_look_ups_and_the_write_together() -> None:
    server = emulator(latency=1.0)
    async with client(server) as rally:
        began = current_time()
        with pytest.raises(DeadlineError, match=r"1\.5 s") as caught:
            await rally.set_iteration("US1", "Sprint 2026-010", timeout=1.5)
        assert current_time() - began == pytest.approx(1.5)
        assert caught.value.effect is Effect.NONE
        with pytest.raises(DeadlineError) as late:
            await rally.update_points("US1", 8, timeout=1.5)
        assert late.value.effect is Effect.UNKNOWN
