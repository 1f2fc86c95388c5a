# SPDX-License-Identifier: MIT
"""A day's work with Rally: every method that a client offers, one call after another.

Whatever client it is given, and on whatever runtime, it does the same, and the same comes of it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import attrs
from minutes import Minutes

from twofold._async.rally.protocol import AsyncRallyClientProtocol
from twofold._runtime.waiting.tasks import Call
from twofold.errors import TwofoldError
from twofold.progress import Progress
from twofold.rally.bulk_record import BulkRecord
from twofold.rally.images import images_in
from twofold.rally.query.fields import Q

AWKWARD = 'a/b/../c.d 100%25 "quoted" (x) & größe 日本 🎉 \\'
PNG = b"\x89PNG\r\n\x1a\n not much of an image"
DAY = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


@attrs.frozen
class Day:
    """A client, what is written down of it, and a folder for its files."""

    rally: AsyncRallyClientProtocol
    minutes: Minutes
    folder: Path

    async def fails(self, call: Call[[], object]) -> None:
        """Write down how a call fails; if it does not, what it gives."""
        try:
            self.minutes.note(await call())
        except TwofoldError as error:
            self.minutes.note(error)


async def play(rally: AsyncRallyClientProtocol, minutes: Minutes, folder: Path) -> None:
    """Do all of it; at the end the client is closed."""
    day = Day(minutes.watched(rally), minutes, folder)
    async with rally:
        for part in (people, planning, reads, histories, anything):
            await part(day)
        for part in (writes, placing, tagging, files, images):
            await part(day)
        for part in (bulks, bulk_fields, creations, refusals, kept):
            await part(day)
        await day.rally.aclose()


async def people(day: Day) -> None:
    rally, note = day.rally, day.minutes.note
    note(await rally.get_current_user())
    note(await rally.get_users(query=Q.user_name.contains("o"), disabled=None))
    note(await rally.get_tags(query=Q.name.contains("e")))
    note(await rally.get_tags(archived=True))


async def planning(day: Day) -> None:
    rally, note = day.rally, day.minutes.note
    note(await rally.get_iterations("current", below=True))
    note(await rally.get_iterations("future"))
    note(await rally.get_releases())
    note(await rally.get_sprint_summary())
    note(await rally.get_sprint_summary("Sprint 2026-024"))
    note(await rally.get_features())
    note(await rally.get_features("epic", order="Name DESC"))
    note(await rally.get_feature("F1"))
    note(await rally.get_feature_children("F1"))


async def reads(day: Day) -> None:
    rally, note = day.rally, day.minutes.note
    note(await rally.get_tickets(page_size=5))
    note(await rally.get_tickets(page_size=5))
    note(await rally.get_tickets("defect", query=(Q.state == "Open") & (Q.points < 2)))
    note(await rally.get_tickets(where={"Name": 'Show "Total (incl. VAT)" in the invoice header'}))
    note(await rally.get_tickets(["test case", "test set"], fetch=["Tags", "Results"]))
    note(await rally.iter_tickets(["defect", "task"], order="Name", page_size=3).all())
    note(await rally.iter_tickets("story", query=Q.points > 2).first())
    note(await rally.search_tickets("PROXY"))
    note(await rally.search_tickets("DE2"))
    note(await rally.get_ticket("US1"))
    note(await rally.get_ticket(" de2 "))
    note(await rally.get_tickets_by_id([" de2 ", "US1", "US99999", "F1", "/defect/1"]))


async def histories(day: Day) -> None:
    rally, note = day.rally, day.minutes.note
    story = await rally.get_ticket("US5")
    note(story)
    note(await rally.get_discussions("DE1"))
    note(await rally.get_revisions(story))
    note(await rally.get_attachments(story))


async def anything(day: Day) -> None:
    rally, note = day.rally, day.minutes.note
    note(await rally.iter("milestone", fetch=["Name", "TargetDate"]).all())
    project = await rally.iter("project", query=Q.name == "Firmware").first()
    note(project)
    assert project is not None
    note(await rally.get(project.ref, fetch=["Name", "Owner"]))
    note(await rally.get_allowed_values("defect", "State"))
    note(await rally.get_allowed_values("feature", "state"))


async def writes(day: Day) -> None:
    rally, note = day.rally, day.minutes.note
    told = {"points": "2.5", "description": "<p>Größe</p>", "tags": ["spike", "new tag"]}
    story = await rally.create_ticket("story", AWKWARD, {**told, "state": "Defined"})
    note(story)
    note(await rally.get_ticket(story))
    note(await rally.create_ticket("task", "Try it", {"parent": story, "Estimate": 3}))
    note(await rally.create_ticket("defect", "Fails", {"severity": "Cosmetic", "owner": "me"}))
    note(await rally.create_ticket("test case", "Check", {"parent": story, "method": "Manual"}))
    note(await rally.create_ticket("feature", "Large", {"planned_end_date": DAY, "state": "Done"}))
    note(await rally.update_ticket(story, {"Notes": "<b>seen</b>", "blocked": True}))
    note(await rally.update_ticket("US2", {"points": None, "ready": True}))
    note(await rally.update_state("US2", "Completed"))
    note(await rally.update_state("DE1", "Fixed"))
    note(await rally.update_state("F1", "Done"))
    note(await rally.update_points("US1", Decimal("0.1")))
    note(await rally.update_points("TA1", 4, field="to_do"))
    note(await rally.update_points("US3", None))
    note(await rally.add_comment("US1", "<seen> & done: größe"))
    note(await rally.get_discussions("US1"))
    note(await rally.delete_ticket("TA2"))  # type: ignore[func-returns-value] # None is noted too
    await day.fails(lambda: rally.get_ticket("TA2"))
    note(await rally.get_revisions("US1"))


async def placing(day: Day) -> None:
    rally, note = day.rally, day.minutes.note
    note(await rally.assign_owner("US1", "zoë.ångström@meridian.example"))
    note(await rally.assign_owner("US1", None))
    note(await rally.set_parent("US1", "US2"))
    note(await rally.set_parent("DE1", "US2"))
    note(await rally.set_parent("US3", "F1"))
    note(await rally.set_parent("US3", None))
    note(await rally.set_iteration("US1", "Sprint 2026-024"))
    note(await rally.set_iteration("US1", None))
    note(await rally.set_release("US11", "Release 2026.01"))
    note(await rally.rank("US1", above="US4"))
    note(await rally.rank("DE1", below="US4"))
    note(await rally.rank("US5", to="top"))
    note(await rally.rank("US6", to="bottom"))
    ranked = await rally.get_tickets(["story"], order="DragAndDropRank", fetch=["DragAndDropRank"])
    note([each.formatted_id for each in ranked])


async def tagging(day: Day) -> None:
    rally, note = day.rally, day.minutes.note
    note(await rally.create_tag(AWKWARD))
    note(await rally.create_tag("spike"))
    note(await rally.add_tag("US13", AWKWARD))
    note(await rally.add_tag("US13", "made by the way"))
    note(await rally.remove_tag("US13", "spike"))


async def files(day: Day) -> None:
    rally, note = day.rally, day.minutes.note
    sent = day.folder / "sent.txt"
    sent.write_bytes(b"text \xff\x00")
    one = await rally.upload_attachment("US1", sent, description="as it is")
    note(one)
    two = await rally.upload_attachment("US1", b"two", name=AWKWARD, content_type="text/plain")
    note(two)
    note(await rally.get_attachments("US1"))
    note(await rally.download_attachment(one, day.folder))
    note(await rally.download_attachment(one, day.folder))
    note(await rally.download_attachment(two, day.folder / "two"))
    note(await rally.read_attachment(two))
    note(await rally.delete_attachment(one))  # type: ignore[func-returns-value] # None is noted too
    await day.fails(lambda: rally.read_attachment(one))
    note(await rally.get_attachments("US1"))


async def images(day: Day) -> None:
    rally, note = day.rally, day.minutes.note
    made = await rally.upload_attachment("DE1", PNG, name="shot 1.png")
    note(made)
    shown = f'<img src="/slm/attachment/{made.object_id}/shot%201.png">'
    described = await rally.update_ticket("DE1", {"description": shown})
    note(described)
    (source,) = images_in(described.description or "")
    note(await rally.download_embedded_image(source, day.folder))
    await day.fails(lambda: rally.download_embedded_image("https://elsewhere.example/a.png"))


async def bulks(day: Day) -> None:
    rally, note = day.rally, day.minutes.note
    some = ["US1", "DE1", "TA1", "us4 ", "US999", "F2"]
    note(await rally.bulk_update_state(some, "Completed"))
    note(await rally.bulk_update_points(["US1", "DE3", "TA1"], 8, batch=2))
    note(await rally.bulk_set_parent(["US6", "US7", "US8"], "US9"))
    note(await rally.bulk_set_iteration(["US6", "DE3", "TA1"], "Sprint 2026-010"))
    note(await rally.bulk_assign_owner(["US6", "US7", "DE3"], "me", batch=True))


async def bulk_fields(day: Day) -> None:
    rally, note = day.rally, day.minutes.note
    told: list[Progress] = []
    record = BulkRecord(day.folder / "record.jsonl")
    given = ["US6", "US999", "DE3"]
    fields = {"ready": True, "release": "Release 2026.01"}
    note(await rally.bulk_update(given, fields, progress=told.append, record=record))
    note([told[-1].done, told[-1].failed, told[-1].total])
    note(await rally.bulk_update(given, fields, record=record))
    note([[each.name, each.state, each.error] for each in record.items])


async def creations(day: Day) -> None:
    """What is created at the same time has any id, so it goes by its name from here on."""
    rally, note = day.rally, day.minutes.note
    items = [{"name": f"new {place}", "points": place} for place in range(8)]
    for batch in (1, 3):
        made = await rally.bulk_create("story", items, batch=batch)
        for place, ticket in enumerate(made.updated_tickets):
            day.minutes.name(f"story_{place}_by_{int(batch)}", ticket)
        note(made)
    wrong = [{"name": "x", "owner": "nobody of that name"}, {"name": "y"}]
    failed = await rally.bulk_create("defect", wrong)
    note(failed)
    note(await rally.get_tickets("story", query=Q.name.contains("new "), order="Name,PlanEstimate"))
    note(await rally.bulk_delete([*made.updated_tickets, "US999"]))
    note(await rally.search_tickets("new 3"))


async def refusals(day: Day) -> None:
    """What people mistype, and what is not there."""
    rally = day.rally
    for asked in ("US 1", "XX1", "US0", "US999", "TC999", "nonsense", ""):
        await day.fails(lambda: rally.get_ticket(asked))  # noqa: B023 - called at once
    await day.fails(lambda: rally.get_tickets("storey"))
    await day.fails(lambda: rally.get_tickets(query="(Name ="))
    await day.fails(lambda: rally.get_tickets("story", query="(NoSuchField = 1)"))
    await day.fails(lambda: rally.get_sprint_summary("Sprint of nobody"))
    await day.fails(lambda: rally.get_allowed_values("story", "NoSuchField"))
    await day.fails(lambda: rally.get_feature("US1"))
    await day.fails(lambda: rally.update_state("US1", "no such state"))
    await day.fails(lambda: rally.update_points("US1", -1))
    await day.fails(lambda: rally.set_iteration("US1", "Sprint of nobody"))
    await day.fails(lambda: rally.set_release("US1", "Release of nobody"))
    await day.fails(lambda: rally.assign_owner("US1", "nobody"))
    await day.fails(lambda: rally.set_parent("TA1", None))
    await day.fails(lambda: rally.remove_tag("US1", "no such tag"))
    await day.fails(lambda: rally.rank("US1", above="US999"))
    await day.fails(lambda: rally.update_ticket("US1", {"colour": "blue"}))
    await day.fails(lambda: rally.create_ticket("story", ""))
    await day.fails(lambda: rally.delete_ticket("US999"))


async def kept(day: Day) -> None:
    """Nothing that was read before stands in for what is there now."""
    rally, note = day.rally, day.minutes.note
    note(await rally.get_tickets(order="Name"))
    note(await rally.get_users(disabled=True))
    note(await rally.get_sprint_summary())
