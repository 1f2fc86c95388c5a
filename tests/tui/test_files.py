"""Attachments and images of the ticket under the cursor."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from tui.tickets import application, until_idle

from twofold.errors import TwofoldError
from twofold.rally import AsyncCachingRallyClient, Attachment
from twofold.tui import files
from twofold.tui.desk import Job
from twofold.tui.screens import Ask, Choose

pytestmark = pytest.mark.real_time


async def test_a_file_is_attached_listed_saved_and_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = tmp_path / "the plan.txt"
    plan.write_text("first things first")
    saved = tmp_path / "saved"
    monkeypatch.setattr(files, "user_downloads_path", lambda: saved)
    opened: list[str] = []
    async with application() as (app, pilot, _):
        monkeypatch.setattr(app, "open_url", opened.append)
        ticket = app.list.ticket
        assert ticket is not None
        await pilot.press("f", *"attach", "enter")
        assert isinstance(app.screen, Ask)
        app.screen.query_one("Input").value = str(tmp_path / "nothing")  # type: ignore[attr-defined]
        await pilot.press("enter")
        assert isinstance(app.screen, Ask)
        app.screen.query_one("Input").value = str(plan)  # type: ignore[attr-defined]
        await pilot.press("enter")
        await until_idle(app, pilot)
        found = app.beside[ticket.ref].files
        assert found is not None
        assert "the plan.txt" in [each.name for each in found]
        await pilot.press("f", *"save the plan", "enter")
        await until_idle(app, pilot)
        assert (saved / "the plan.txt").read_text() == "first things first"
        await pilot.press("f")
        assert isinstance(app.screen, Choose)
        await pilot.press(*"open the plan", "enter")
        await until_idle(app, pilot)
        (address,) = opened
        aside = Path(address.removeprefix("file://").replace("%20", " "))
        assert aside.read_text() == "first things first"
    assert not aside.exists()
    assert not aside.parent.exists()


async def test_leaving_amid_downloads_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    attached: list[Attachment] = []

    async def upload(client: AsyncCachingRallyClient) -> Attachment:
        return await client.upload_attachment("US1", bytes(2_000_000), name="large.bin")

    def refused(error: TwofoldError) -> None:
        pytest.fail(str(error))

    async with application(latency=0.01) as (app, pilot, _):
        app.desk.write(["US1"], Job("attaching", upload, attached.append, refused))
        while not attached:
            await pilot.pause(0.01)
        ticket = app.list.tickets[0]
        for _ in range(30):
            app.files.look_at(ticket, attached[0])
        while not list(tmp_path.rglob("*.part")):
            await pilot.pause(0.001)
    assert list(tmp_path.iterdir()) == []
