# SPDX-License-Identifier: MIT
"""An emulator that remembers what it was asked, a client of it, and what it has of files."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from guarded import KEY, PASSWORD, USER, Guarded

from twofold._async.core.transport.in_process import InProcessTransport
from twofold._async.rally.client import AsyncRallyClient
from twofold._runtime.waiting.scopes import current_time
from twofold.core.policy.limits import Limits
from twofold.core.policy.retry import Retry
from twofold.core.request import Origin, Request
from twofold.rally.records import Attachment

HOME = Origin("http", "rally.example", 80)
ROOT = "/slm/webservice/v2.0"
LOGINS: Mapping[str, Mapping[str, Any]] = {
    "key": {"api_key": KEY},
    "password": {"username": USER, "password": PASSWORD},
}
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 50
TEXT = base64.b64encode(PNG).decode()
STEADY = Retry(uniform=lambda low, high: high)


def client(server: Guarded, login: str = "key", **options: Any) -> AsyncRallyClient:
    given: dict[str, Any] = {
        "server": "http://rally.example",
        "transport": InProcessTransport(server),
        "limits": Limits(clock=current_time),
        "retry": STEADY,
        # A worker writes, which virtual time takes for idleness: so there are no deadlines.
        "timeout": None,
    }
    return AsyncRallyClient(**{**given, **LOGINS[login], **options})


def asked(server: Guarded, path: str) -> Any:
    """What the server says when it is asked past all clients."""
    request = Request("GET", HOME, f"{ROOT}{path}", (("ZSESSIONID", KEY),))
    return json.loads(server.emulator.answer(request, current_time()).body)


def contents(server: Guarded) -> dict[str, bool]:
    """The bytes that were ever made, by their numbers, and whether they are still there."""
    made = [
        json.loads(answer.body)["CreateResult"]["Object"]["_ref"].rpartition("/")[2]
        for request, answer in zip(server.requests, server.answers, strict=True)
        if "/attachmentcontent/create" in request.target and b'"Object"' in answer.body
    ]
    return {
        oid: "AttachmentContent" in asked(server, f"/attachmentcontent/{oid}?fetch=ObjectID")
        for oid in made
    }


def attached(server: Guarded, name: str) -> list[str]:
    """The numbers of the bytes of all attachments of this name."""
    said = asked(server, f"/attachment?query=(Name%20=%20%22{name}%22)&fetch=Content")
    return [each["Content"]["_ref"].rpartition("/")[2] for each in said["QueryResult"]["Results"]]


def fault(match: Mapping[str, str], **effect: Any) -> dict[str, Any]:
    return {"match": match, **effect}


CONTENT = {"path": "attachmentcontent/create"}
ATTACH = {"path": "v2.0/attachment/create"}
REFUSED: dict[str, Any] = {"fault": "errors", "errors": ["Validation error: no such extension"]}


def shown(made: Attachment) -> str:
    return f"/slm/attachment/{made.object_id}/{made.name}"
