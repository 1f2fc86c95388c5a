# SPDX-License-Identifier: MIT
"""Attachments, cancelled at every step: no bytes that nothing refers to, no half of a file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
import pytest
from _async.rally.filing import (
    ATTACH,
    HOME,
    LOGINS,
    PNG,
    REFUSED,
    ROOT,
    TEXT,
    asked,
    attached,
    client,
    contents,
    fault,
    shown,
)
from guarded import KEY, Guarded

from twofold._runtime.waiting.scopes import current_time
from twofold.core.request import Request
from twofold.errors import RequestError
from twofold.testing.steps.waiting import RUNTIMES, Runtime, every_step


class Desk:
    """A client, a story, and what must be so once its work has ended."""

    folder: Path
    login = "key"
    faults: Sequence[Mapping[str, Any]] = ()

    def __init__(self) -> None:
        self.server = Guarded(tickets=42, latency=0.1, faults=self.faults)
        self.rally = client(self.server, self.login)

    async def is_clean(self) -> None:
        """No bytes are there that nothing refers to, no file that is not whole, no place held."""
        there = [oid for oid, is_there in contents(self.server).items() if is_there]
        assert there == attached(self.server, "shot.png")
        assert attrs.astuple(self.rally.statistics())[:2] == (0, 0)
        files = list(self.folder.iterdir())
        assert all(file.read_bytes() == PNG for file in files)
        assert {file.suffix for file in files} <= {".png"}
        for file in files:
            file.unlink()


async def send(desk: Desk) -> None:
    async with desk.rally as rally:
        made = await rally.upload_attachment("US1", PNG, name="shot.png")
        assert made.size == len(PNG)


async def send_in_vain(desk: Desk) -> None:
    async with desk.rally as rally:
        with pytest.raises(RequestError):
            await rally.upload_attachment("US1", PNG, name="shot.png")


async def fetch(desk: Desk) -> None:
    async with desk.rally as rally:
        (first, *_) = await rally.get_attachments("US1")
        await rally.download_attachment(first, desk.folder)
        await rally.download_embedded_image(shown(first), desk.folder)


class Filled(Desk):
    """The same, where something is attached."""

    def __init__(self) -> None:
        super().__init__()
        oid = self.ask(
            "POST", "/attachmentcontent/create", {"AttachmentContent": {"Content": TEXT}}
        )
        story = asked(self.server, "/hierarchicalrequirement?query=(FormattedID%20=%20US1)")
        fields = {
            "Name": "shot.png",
            "ContentType": "image/png",
            "Content": f"/attachmentcontent/{oid}",
        }
        fields["Artifact"] = story["QueryResult"]["Results"][0]["_ref"]
        self.ask("POST", "/attachment/create", {"Attachment": fields})

    def ask(self, method: str, path: str, said: object) -> str:
        body = json.dumps(said).encode()
        request = Request(method, HOME, f"{ROOT}{path}", (("ZSESSIONID", KEY),), body)
        answer = json.loads(self.server.answer(request, current_time()).body)
        ref: str = answer["CreateResult"]["Object"]["_ref"]
        return ref.rpartition("/")[2]


@pytest.mark.parametrize("login", LOGINS)
@pytest.mark.parametrize("runtime", RUNTIMES)
def test_an_upload_leaves_no_bytes_that_nothing_refers_to(
    runtime: Runtime, login: str, tmp_path: Path
) -> None:
    desk: Any = type("Own", (Desk,), {"folder": tmp_path, "login": login})
    assert every_step(send, given=desk, check=desk.is_clean, runtime=runtime) > 8


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_an_upload_that_is_refused_leaves_no_bytes(runtime: Runtime, tmp_path: Path) -> None:
    refused = [fault(ATTACH, **REFUSED)]
    desk: Any = type("Own", (Desk,), {"folder": tmp_path, "faults": refused})
    assert every_step(send_in_vain, given=desk, check=desk.is_clean, runtime=runtime) > 8


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_download_leaves_no_file_that_is_not_whole(runtime: Runtime, tmp_path: Path) -> None:
    desk: Any = type("Own", (Filled,), {"folder": tmp_path})
    assert every_step(fetch, given=desk, check=desk.is_clean, runtime=runtime) > 8
