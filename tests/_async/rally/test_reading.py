# SPDX-License-Identifier: MIT
"""What can be read beside tickets, against the emulator, in virtual time and without a wire."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from twofold._async.core.transport.in_process import InProcessTransport
from twofold._async.rally.client import AsyncRallyClient
from twofold._runtime.waiting.scopes import current_time
from twofold.core.cache.settings import Cache
from twofold.core.policy.limits import Limits
from twofold.core.request import Origin, Request
from twofold.emulators.exchange import Answer, Emulator, Incoming
from twofold.emulators.rally.emulator import RallyEmulator
from twofold.errors import (
    ArgumentError,
    ConflictError,
    NotFoundError,
    RequestError,
    ServerError,
)
from twofold.progress import Progress
from twofold.rally.models import PortfolioItem, Reference, Story, TestCase
from twofold.rally.query.expression import Query
from twofold.rally.query.fields import Q
from twofold.rally.query.values import today

KEY = "_emulated-key-0123456789"


def emulator(**options: Any) -> RallyEmulator:
    given: dict[str, Any] = {"tickets": 350, "seed": 3, "api_key": KEY}
    return RallyEmulator(**{**given, **options})


def client(server: Emulator, **options: Any) -> AsyncRallyClient:
    given: dict[str, Any] = {
        "server": "http://localhost",  # as an emulator calls itself that is asked without a wire
        "api_key": KEY,
        "transport": InProcessTransport(server),
        "limits": Limits(clock=current_time),
    }
    return AsyncRallyClient(**{**given, **options})


def counted(server: RallyEmulator) -> int:
    """How many requests arrived."""
    asked = Request("GET", Origin("http", "rally.example", 80), "/-/emulator/statistics")
    requests: int = json.loads(server.answer(asked, current_time()).body)["requests"]
    return requests


async def test_an_id_finds_its_ticket_in_whatever_project_however_it_is_spelt() -> None:
    server = emulator()
    async with client(server) as rally:
        everything = await rally.get_tickets("story")
        # The first project is above all others: who works in another one does not list it.
        away = everything[0]
        own = next(each.project for each in everything if each.project != away.project)
    assert own is not None
    async with client(server, project=own.ref) as rally:
        assert away not in list(await rally.get_tickets("story"))
        uuid = (await rally.get(away))["ObjectUUID"]
        ids: list[Any] = [away.formatted_id, away.object_id, str(away.object_id), away.ref, away]
        ids += [f"/hierarchicalrequirement/{uuid}", f"HierarchicalRequirement/{uuid.upper()}"]
        ids += [f"http://localhost:80/slm/webservice/v2.0{away.ref}"]
        for each in ids:
            assert (await rally.get_ticket(each)).ref == away.ref
        result = await rally.bulk_update(ids, {"name": "found"})
        assert {ticket.ref for ticket in result.updated_tickets} == {away.ref}
        assert not result.failed
        assert {one.ref for one in (await rally.get_tickets_by_id(ids)).values()} == {away.ref}
        assert (await rally.search_tickets(away.formatted_id))[0].ref == away.ref
        child = await rally.create_ticket("story", "child", {"parent": away.formatted_id})
    assert isinstance(child, Story)
    assert child.parent is not None
    assert child.parent.ref == away.ref


async def test_an_expression_finds_what_is_found_by_hand() -> None:
    async with client(emulator()) as rally:
        everything = await rally.get_tickets()
        wanted = ((Q.points >= 3) & ~Q.state.in_(["Completed", "Closed"])) | Q.owner.is_null()
        found = await rally.get_tickets(query=wanted)
        by_hand = await rally.get_tickets(query=str(wanted))
        listed = await rally.iter_tickets(query=wanted).all()
    assert 0 < len(found) < len(everything)
    assert found == by_hand
    assert listed == list(found)
    assert [ticket.ref for ticket in found] == [
        ticket.ref
        for ticket in everything
        if (
            ticket.points is not None
            and ticket.points >= 3
            and ticket.state not in ("Completed", "Closed")
        )
        or ticket.owner is None
    ]


@pytest.mark.parametrize("largest", [2, 40, 100, 230, 1000])
async def test_a_server_that_gives_smaller_pages_than_it_is_asked_for_is_read_to_the_end(
    largest: int,
) -> None:
    told: list[Progress] = []
    async with client(emulator()) as rally:
        wanted = await rally.get_tickets(order="Name")
    server = emulator(largest_page=largest)
    async with client(server) as rally:
        found = await rally.get_tickets(order="Name", progress=told.append)
        listed = await rally.iter_tickets(order="Name").all()
        few = await rally.get_tickets("story", page_size=100, pages=1)
    assert list(found) == list(wanted)
    assert listed == list(wanted)
    assert len(few) == sum(isinstance(ticket, Story) for ticket in wanted)
    assert (told[-1].done, told[-1].total) == (350, 350)


async def test_look_ups_of_such_a_server_find_all_of_many_ids() -> None:
    server = emulator(largest_page=40)
    async with client(server, project="Meridian Platform") as rally:
        ids = [f"US{number}" for number in range(1, 151)]
        assert len((await rally.get_tickets_by_id(ids)).values()) == 150
        numbers = [ticket.object_id for ticket in await rally.get_tickets("story")]
        assert len((await rally.get_tickets_by_id(numbers)).values()) == len(numbers)
        assert not (await rally.bulk_update_points([*ids, *numbers], 5, batch=True)).failed


async def test_once_a_server_has_shown_how_much_it_gives_no_more_is_asked_for() -> None:
    server = emulator(largest_page=50)
    async with client(server) as rally:
        stories = len(await rally.get_tickets("story"))
    assert stories > 150
    # 50 rows, and then 49 at a time: each page repeats one.
    assert counted(server) <= 1 + math.ceil(150 / 49) + math.ceil((stories - 200) / 49) + 1


async def test_a_list_whose_rows_are_not_all_shown_is_an_error_and_no_endless_question() -> None:
    server = Grudging(emulator())
    async with client(server) as rally:
        with pytest.raises(ConflictError, match=r"of [0-9]+ came"):
            await rally.get_tickets("defect", page_size=20)
    assert counted(server.emulator) < 200


class Grudging:
    """An emulator that keeps the last row of every page to itself."""

    def __init__(self, emulator: RallyEmulator) -> None:
        self.emulator = emulator

    def answer(self, request: Incoming, now: float) -> Answer:
        answer = self.emulator.answer(request, now)
        said = json.loads(answer.body)
        said["QueryResult"]["Results"].pop()
        return Answer(answer.status, answer.headers, json.dumps(said).encode(), answer.after)

    def left(self, answer: Answer, now: float) -> None:
        """Nobody hangs up."""


async def test_a_reference_a_day_and_a_path_are_values_and_fields() -> None:
    async with client(emulator()) as rally:
        some = (await rally.get_tickets("story", query=Q.iteration.is_set() & Q.owner.is_set()))[0]
        assert some.owner is not None
        mine = await rally.get_tickets("story", query=Q.owner == some.owner)
        assert some in list(mine)
        assert some.iteration is not None
        planned = await rally.get_tickets("story", query=Q.iteration.name == some.iteration.name)
        assert some in list(planned)
        recent = await rally.get_tickets(query=Q.updated >= today - 30)
        older = await rally.get_tickets(query=Q.updated < today - 30)
        assert len(recent) + len(older) == len(await rally.get_tickets())
        assert len(recent) > 0


async def test_a_query_too_long_for_an_address_is_the_same_read() -> None:
    server = emulator()
    names = [f"no ticket is called {number}" for number in range(2000)]
    async with client(server) as rally:
        short = Q.state == "Completed"
        found = await rally.get_tickets(query=short)
        before = counted(server)
        assert await rally.get_tickets(query=short | Q.name.in_(names)) == found
        assert counted(server) - before == 3


async def test_a_long_query_is_repeated_like_any_read() -> None:
    lost = {"match": {}, "nth": [1, 2], "fault": "cut_after"}
    async with client(emulator(faults=[lost])) as rally:
        found = await rally.get_tickets("task", query=~Q.name.in_(["x" * 9000]))
    assert len(found) == 50


async def test_a_long_query_takes_nothing_out_of_a_cache() -> None:
    server = emulator()
    minute = Cache(ttl={"rally.read": 60, "rally.query": 60, "rally.find": 60})
    async with client(server, cache=minute) as rally:
        await rally.get_ticket("US1")
        await rally.get_tickets("task", query=Q.name != "x" * 9000)
        before = counted(server)
        await rally.get_ticket("US1")
        assert counted(server) == before


async def test_a_search_looks_into_names_and_texts_and_finds_an_id_first() -> None:
    async with client(emulator()) as rally:
        story = await rally.get_ticket("US7")
        words = story.name.split()
        found = await rally.search_tickets(" ".join(words[:3]).upper())
        assert story.ref in [ticket.ref for ticket in found]
        assert all(
            " ".join(words[:3]).lower()
            in f"{ticket.name}\n{ticket.description}\n{ticket.notes}".lower()
            for ticket in found
        )
        assert (await rally.search_tickets(" us7 "))[0] == story
        assert list(await rally.search_tickets("us7", "defect")) == []
        assert isinstance((await rally.search_tickets("TC1"))[0], TestCase)
        assert list(await rally.search_tickets("US99999")) == []


async def test_every_iteration_and_release_is_past_current_or_future() -> None:
    async with client(emulator()) as rally:
        for read in (rally.get_iterations, rally.get_releases):
            parts = [list(await read(when)) for when in ("past", "current", "future")]
            everything: list[Any] = list(await read())
            assert [each for part in parts for each in part] == everything
            assert [len(part) > 0 for part in parts] == [True] * 3
            assert len(parts[1]) == 1
            assert all(each.start_date and each.end_date for each in everything)


async def test_timeboxes_of_projects_beneath_are_asked_for() -> None:
    async with client(emulator()) as rally:
        own = await rally.get_iterations("current")
        below = await rally.get_iterations("current", below=True)
        assert len(below) > len(own) == 1
        assert {each.name for each in below} == {own[0].name}
        accepted = await rally.get_iterations(query=Q.State == "Accepted")
        assert {each.state for each in accepted} == {"Accepted"}


async def test_a_sprint_is_added_up_from_its_tickets() -> None:
    async with client(emulator()) as rally:
        (current,) = await rally.get_iterations("current")
        named = await rally.get_sprint_summary(current.name)
        assert await rally.get_sprint_summary() == named
        assert await rally.get_sprint_summary(current) == named
        tickets = await rally.get_tickets(query=Q.iteration.name == current.name)
    assert named.tickets == Counter(type(ticket).__name__.lower() for ticket in tickets)
    points = [ticket.points for ticket in tickets if ticket.ref.split("/")[1] != "task"]
    assert named.points == sum((each for each in points if each is not None), Decimal(0)) > 0
    assert named.points == sum(named.points_by_state.values())


async def test_features_are_read_by_level_and_by_name() -> None:
    async with client(emulator()) as rally:
        features = await rally.get_features()
        assert {feature.level for feature in features} == {"feature"}
        one = await rally.get_feature(features[0].formatted_id)
        assert one.formatted_id == features[0].formatted_id
        assert (await rally.get_feature(one.object_id)).ref == one.ref
        assert (await rally.get_ticket(one.formatted_id)).ref == one.ref
        same = await rally.get_features(query=Q.state == one.state)
        assert {feature.state for feature in same} == {one.state}
        levels = {item.level for item in await rally.get_features("portfolioitem")}
        assert levels == {"feature", "epic", "initiative", "theme"}
        epics = await rally.get_features("epic", order="Name DESC")
        assert [epic.name for epic in epics] == sorted((epic.name for epic in epics), reverse=True)


@pytest.mark.parametrize(
    "types",
    [["feature", "portfolio item"], ["portfolioitem", "PortfolioItem/Feature", "epic", "features"]],
)
async def test_a_level_is_read_once_though_every_level_is_asked_for_too(types: list[str]) -> None:
    server = emulator()
    async with client(server) as rally:
        everything = await rally.get_tickets("portfolio item")
        found = await rally.get_tickets(types)
        listed = await rally.iter_tickets(types).all()
        assert (await rally.search_tickets("F1", types))[0].formatted_id == "F1"
    assert list(found) == listed == list(everything)
    assert {type(item) for item in found} == {PortfolioItem}


async def test_what_is_beneath_a_feature_is_stories_and_above_it_is_features() -> None:
    async with client(emulator()) as rally:
        stories = [
            story
            for story in await rally.get_tickets("story")
            if isinstance(story, Story) and story.feature is not None
        ]
        feature = stories[0].feature
        assert feature is not None
        beneath = await rally.get_feature_children(feature)
        assert {story.ref for story in stories if story.feature == feature} == {
            story.ref for story in beneath
        }
        parent = (await rally.get_feature(feature)).parent
        assert parent is not None
        items = await rally.get_feature_children(parent)
        assert feature.ref in [item.ref for item in items]
        assert all(isinstance(item, PortfolioItem) for item in items)


async def test_users_and_who_calls() -> None:
    async with client(emulator()) as rally:
        users = await rally.get_users()
        assert [user.user_name for user in users] == sorted(user.user_name or "" for user in users)
        me = await rally.get_current_user()
        assert me in list(users)
        assert list(await rally.get_users(query=Q.user_name == me.user_name)) == [me]
        everyone = await rally.get_users(disabled=None)
        gone = await rally.get_users(disabled=True)
        assert len(users) + len(gone) == len(everyone)
        mine = await rally.get_tickets(query=Q.owner == me)
        assert all(ticket.owner is not None for ticket in mine)


async def test_tags_are_those_that_are_in_use() -> None:
    async with client(emulator()) as rally:
        tags = await rally.get_tags()
        names = [tag.name for tag in tags]
        assert names == sorted(names, key=str)
        assert len(await rally.get_tags(archived=None)) == len(tags) + len(
            await rally.get_tags(archived=True)
        )
        assert [tag.name for tag in await rally.get_tags(query=Q.name == names[0])] == names[:1]


async def test_a_discussion_is_read_oldest_first() -> None:
    async with client(emulator()) as rally:
        before = len(await rally.get_discussions("DE3"))
        for text in ("one", "two", "three"):
            await rally.add_comment("DE3", text)
        posts = await rally.get_discussions("DE3")
    assert [post.text for post in posts][before:] == ["one", "two", "three"]
    assert all(post.user is not None and post.artifact is not None for post in posts)


async def test_every_change_is_a_revision_latest_first() -> None:
    async with client(emulator()) as rally:
        before = await rally.get_revisions("US2")
        await rally.update_points("US2", 13)
        after = await rally.get_revisions("US2")
    assert [revision.number for revision in before] == list(range(len(before) - 1, -1, -1))
    assert len(after) == len(before) + 1
    assert list(after[1:]) == list(before)
    assert "13" in (after[0].description or "")


async def test_attachments_are_listed_without_their_bytes() -> None:
    async with client(emulator()) as rally:
        some = await rally.iter("attachment", fetch=["Artifact"]).first()
        assert some is not None
        found = await rally.get_attachments(some["Artifact"]["_ref"])
        assert some.ref in [each.ref for each in found]
        one = next(each for each in found if each.ref == some.ref)
        assert one.name
        assert one.size
        assert one.content_type
        assert one.content is not None


async def test_allowed_values_are_told_in_their_order() -> None:
    async with client(emulator()) as rally:
        values = await rally.get_allowed_values("story", "schedule_state")
        names = [each.value for each in values]
        assert names.index("Defined") < names.index("In-Progress") < names.index("Accepted")
        assert [each.value for each in await rally.get_allowed_values("Iteration", "State")] == [
            "Planning",
            "Committed",
            "Accepted",
        ]
        states = await rally.get_allowed_values("feature", "state")
        feature = (await rally.get_features())[0]
        assert feature.state in [each.value for each in states]
        for kind, field in (("story", "Nope"), ("Nope", "State")):
            with pytest.raises(NotFoundError, match="Nope"):
                await rally.get_allowed_values(kind, field)


async def test_objects_of_any_type_are_listed_and_read() -> None:
    server = emulator()
    async with client(server) as rally:
        projects = await rally.iter("Project", order="Name", page_size=4).all()
        names = [project["Name"] for project in projects]
        assert names == sorted(names)
        assert len(names) > 4
        opened = await rally.iter("project", query=Q.name == names[0], fetch=["State"]).all()
        assert [each["State"] for each in opened] == ["Open"]
        assert "Name" not in opened[0].extra
        whole = await rally.get(opened[0])
        assert (whole["Name"], whole.type) == (names[0], "Project")
        part = await rally.get(whole.ref, fetch=["Name"])
        assert "State" not in part.extra
        feature = (await rally.get_features())[0]
        assert (await rally.get(feature))["FormattedID"] == feature.formatted_id
        with pytest.raises(NotFoundError):
            await rally.get("/project/1")
        with pytest.raises(RequestError, match="payjammas"):
            await rally.iter("payjammas").all()


async def test_a_text_may_be_the_address_of_something_elsewhere() -> None:
    texts = {"name": f"{ELSEWHERE}/defect/1", "c_Former": f"{ELSEWHERE}/defect/1"}
    async with client(emulator()) as rally:
        assert (await rally.update_ticket("US1", texts)).name == texts["name"]


ELSEWHERE = "http://other.example/slm/webservice/v2.0"
Refused = Callable[[AsyncRallyClient], Any]


@pytest.mark.parametrize(
    "call",
    [
        lambda rally: rally.get_tickets(query="State = My Story"),
        lambda rally: rally.get_tickets("test case", query=Q.state == "Open"),
        lambda rally: rally.get_ticket("US1", timout=3),
        lambda rally: rally.search_tickets(" "),
        lambda rally: rally.get_features("a b"),
        lambda rally: rally.get_features("story"),
        lambda rally: rally.get_feature("US1x"),
        lambda rally: rally.get_feature("/defect/1"),
        lambda rally: rally.get_feature_children("/defect/1"),
        lambda rally: rally.get_sprint_summary(" "),
        lambda rally: rally.get_discussions("nonsense"),
        lambda rally: rally.get_users(query="a b"),
        lambda rally: rally.get_allowed_values("a/b/c", "State"),
        lambda rally: rally.get_allowed_values("story", "a b"),
        lambda rally: rally.get("nonsense"),
        lambda rally: rally.iter("../x").all(),
        lambda rally: rally.iter("project", fetch=["a b"]).all(),
        lambda rally: rally.iter("project", page_size=0).all(),
        lambda rally: rally.get_iterations("yesterday"),
        lambda rally: rally.get_ticket(f"{ELSEWHERE}/defect/1"),
        lambda rally: rally.get_ticket(Reference(ref=f"{ELSEWHERE}/defect/1")),
        lambda rally: rally.get_tickets_by_id(["US1", f"{ELSEWHERE}/defect/1"]),
        lambda rally: rally.get(f"{ELSEWHERE}/project/1"),
        lambda rally: rally.update_points(f"{ELSEWHERE}/defect/1", 5),
        lambda rally: rally.set_parent("US1", f"{ELSEWHERE}/hierarchicalrequirement/1"),
        lambda rally: rally.bulk_set_parent(["US1"], f"{ELSEWHERE}/hierarchicalrequirement/1"),
        lambda rally: rally.bulk_delete([f"{ELSEWHERE}/defect/1"]),
        lambda rally: rally.update_ticket("US1", {"owner": f"{ELSEWHERE}/user/1"}),
        lambda rally: rally.update_ticket(
            "US1", {"Iteration": {"_ref": f"{ELSEWHERE}/iteration/1"}}
        ),
        lambda rally: rally.update_ticket("US1", {"tags": ("spike", f"{ELSEWHERE}/tag/1")}),
        lambda rally: rally.create_ticket("task", "x", {"parent": f"{ELSEWHERE}/defect/1"}),
        lambda rally: rally.bulk_create("task", [{"name": "x", "parent": f"{ELSEWHERE}/defect/1"}]),
        lambda rally: rally.bulk_assign_owner(["US1"], f"{ELSEWHERE}/user/1"),
        lambda rally: rally.add_tag("US1", f"{ELSEWHERE}/tag/1"),
        lambda rally: rally.remove_tag("US1", Reference(ref=f"{ELSEWHERE}/tag/1")),
        lambda rally: rally.rank("US1", above=f"{ELSEWHERE}/defect/1"),
        lambda rally: rally.add_tag(f"{ELSEWHERE}/defect/1", "spike"),
        lambda rally: rally.upload_attachment(f"{ELSEWHERE}/defect/1", b"bytes", name="a.txt"),
        lambda rally: rally.upload_attachment(f"{ELSEWHERE}/testcaseresult/1", b"x", name="a"),
        lambda rally: rally.delete_attachment(f"{ELSEWHERE}/attachment/1"),
        lambda rally: rally.read_attachment(f"{ELSEWHERE}/attachment/1"),
        lambda rally: rally.download_attachment("/defect/1"),
        lambda rally: rally.get_tickets(5),
        lambda rally: rally.get_tickets(where=[1]),
        lambda rally: rally.get_tickets(where="State"),
        lambda rally: rally.get_tickets(order=5),
        lambda rally: rally.get_tickets(fetch=5),
        lambda rally: rally.get_tickets(fetch="Name"),
        lambda rally: rally.iter("tag", order=5).all(),
        lambda rally: rally.search_tickets(None),
        lambda rally: rally.search_tickets("text", 5),
        lambda rally: rally.get_features(5),
        lambda rally: rally.get_sprint_summary(5),
        lambda rally: rally.get_allowed_values(5, "State"),
        lambda rally: rally.get(None),
        lambda rally: rally.get("/defect/1", fetch=5),
        lambda rally: rally.send(None),
        lambda rally: rally.raw(None),
        lambda rally: rally.download(None, "file"),
    ],
)
async def test_a_wrong_argument_is_refused_before_anything_is_sent(call: Refused) -> None:
    server = emulator(tickets=7)
    async with client(server) as rally:
        with pytest.raises(ArgumentError):
            await call(rally)
    assert counted(server) == 0


READS: list[Callable[[AsyncRallyClient], Any]] = [
    lambda rally: rally.search_tickets("US1"),
    lambda rally: rally.get_discussions("US1"),
    lambda rally: rally.get_revisions("US1"),
    lambda rally: rally.get_attachments("US1"),
    lambda rally: rally.get_iterations(),
    lambda rally: rally.get_releases(),
    lambda rally: rally.get_sprint_summary(),
    lambda rally: rally.get_feature("F1"),
    lambda rally: rally.get_features(),
    lambda rally: rally.get_feature_children("F1"),
    lambda rally: rally.get_users(),
    lambda rally: rally.get_current_user(),
    lambda rally: rally.get_tags(),
    lambda rally: rally.get_allowed_values("story", "ScheduleState"),
    lambda rally: rally.iter("project").all(),
    lambda rally: rally.get("/project/1"),
]


@pytest.mark.parametrize("read", READS)
async def test_a_broken_server_is_a_typed_error_of_every_read(read: Refused) -> None:
    async with client(emulator(tickets=7, faults=[{"match": {}, "fault": "html"}])) as rally:
        with pytest.raises(ServerError):
            await read(rally)


@pytest.mark.parametrize("read", READS[:-1])
async def test_a_read_is_repeated_and_does_with_one_slot(read: Refused) -> None:
    server = emulator(tickets=42, faults=[{"match": {}, "nth": 2, "fault": "cut_before"}])
    async with client(server, concurrency=1) as rally:
        undisturbed = await read(rally)
        assert await read(rally) == undisturbed


async def test_a_type_of_query_for_each_reader() -> None:
    async with client(emulator()) as rally:
        asked: list[Query | str] = [Q.name.contains("a"), "Name contains a"]
        found = [await rally.get_tags(query=query) for query in asked]
        assert found[0] == found[1]
