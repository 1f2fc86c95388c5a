"""Requests of every kind, one after another; prints a digest of each answer.

python every_kind.py NOW

`NOW` is the time at which they arrive, which must not matter.
"""

from __future__ import annotations

import base64
import hashlib
import sys
from collections.abc import Iterator
from typing import Any

from emulators.rally.desk import ROOT, Desk, Request

STORY = "/hierarchicalrequirement"


def writes(desk: Desk) -> Iterator[Any]:
    story = desk.ticket(STORY, "US1")
    at = f"{STORY}/{story['ObjectID']}"
    yield desk.create("Defect", {"Name": "x", "Requirement": story["_ref"]}, fetch="true")
    yield desk.create("Task", {"Name": "x", "WorkProduct": story["_ref"]}, fetch="true")
    yield desk.create("ConversationPost", {"Artifact": story["_ref"], "Text": "x"}, fetch="true")
    yield desk.update("hierarchicalrequirement", story["ObjectID"], {"Blocked": True}, fetch="true")
    yield desk.result("POST", f"{at}/Tags/add", {"CollectionItems": [{"Name": "x"}]})
    yield desk.result("POST", f"{at}/copy", fetch="true")
    yield desk.update("hierarchicalrequirement", story["ObjectID"], {}, rankTo="TOP")
    content = desk.create("AttachmentContent", {"Content": base64.b64encode(b"x").decode()})
    fields = {"Name": "x", "ContentType": "a/b", "Content": content["Object"]["_ref"]}
    yield desk.create("Attachment", {**fields, "Artifact": story["_ref"]}, fetch="true")
    body = {"Tag": {"Name": "y"}}
    entry = {"Entry": {"Path": "/tag/create", "Method": "POST", "Body": body}}
    yield desk.result("POST", "/batch", {"Batch": [entry] * 3})
    yield desk.result("DELETE", at)
    bad: tuple[tuple[str, str, Any], ...] = (
        ("POST", "/tag/create", {"Tag": {}}),
        ("POST", f"{at}", body),
        ("GET", "/nope", b""),
    )
    for method, path, given in bad:
        yield desk.send(method, path, given).body
    users = desk.result("GET", "/typedefinition", query='(ElementName = "Defect")')["Results"]
    fields = {"Name": "Own", "AttributeType": "STRING", "TypeDefinition": users[0]["_ref"]}
    yield desk.create("AttributeDefinition", fields, fetch="true")


def reads(desk: Desk) -> Iterator[bytes]:
    everything: dict[str, Any] = {"fetch": "true", "pagesize": 2000}
    paths = (
        *("/artifact", "/user", "/project", "/iteration", "/release", "/milestone", "/tag"),
        *("/state", "/flowstate", "/revision", "/recyclebinentry", "/attachment", "/blocker"),
        *("/projectpermission", "/typedefinition", "/conversationpost", "/testcaseresult"),
    )
    for path in paths:
        yield desk.send("GET", path, **everything).body
    scope: dict[str, Any] = {"project": desk.rows("/project")[2]["_ref"], "projectScopeUp": "true"}
    yield desk.send("GET", "/artifact", fetch="Tasks:summary[State;Owner],Name", **scope).body
    workspace = desk.rows("/workspace")[0]["ObjectID"]
    address = f"/slm/schema/v2.0/workspace/{workspace}"
    moved = desk.emulator.answer(Request("GET", address, desk.headers), desk.now)
    yield repr(moved.headers).encode()


def sessions(desk: Desk) -> Iterator[bytes]:
    ready = desk.emulator.ready
    secret = base64.b64encode(f"{ready.username}:{ready.password}".encode()).decode()
    headers = (("Host", "x"), ("Authorization", f"Basic {secret}"))
    for path in ("/user", "/security/authorize"):
        answer = desk.emulator.answer(Request("GET", ROOT + path, headers), desk.now)
        yield repr(answer.headers).encode() + answer.body


def digests(now: float, **options: Any) -> list[str]:
    desk = Desk(**{"tickets": 350, "seed": 5} | options)
    desk.now = now
    answers = [*writes(desk), *sessions(desk), *reads(desk)]
    bodies = [each if isinstance(each, bytes) else repr(each).encode() for each in answers]
    return [hashlib.sha256(each).hexdigest() for each in bodies]


if __name__ == "__main__":
    print(*digests(float(sys.argv[1])), sep="\n")
