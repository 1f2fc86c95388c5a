# SPDX-License-Identifier: MIT
"""One plain call of every method that a Rally client offers, for what must hold for all of them."""

from __future__ import annotations

from twofold._async.rally.client import AsyncRallyClient
from twofold._async.rally.protocol import AsyncRallyClientProtocol
from twofold._runtime.waiting.tasks import Call, CallWith
from twofold.rally.models import Reference
from twofold.rally.records import Attachment

FILE = Attachment(
    ref="/attachment/12", object_id=12, name="a.txt", size=4711, content=Reference(ref="/x/13")
)
IMAGE = "/slm/attachment/12/a.png"
NEW = [{"name": "one"}, {"name": "two"}]
TWO = ["US1", "DE1"]

Method = Call[[AsyncRallyClient], object]

READS: dict[str, Method] = {
    "get_tickets": lambda rally: rally.get_tickets(page_size=5),
    "iter_tickets": lambda rally: rally.iter_tickets(page_size=5).all(),
    "search_tickets": lambda rally: rally.search_tickets("proxy"),
    "get_ticket": lambda rally: rally.get_ticket("US1"),
    "get_tickets_by_id": lambda rally: rally.get_tickets_by_id(TWO),
    "get_discussions": lambda rally: rally.get_discussions("US1"),
    "get_revisions": lambda rally: rally.get_revisions("US1"),
    "get_attachments": lambda rally: rally.get_attachments("US1"),
    "get_iterations": lambda rally: rally.get_iterations(),
    "get_releases": lambda rally: rally.get_releases(),
    "get_sprint_summary": lambda rally: rally.get_sprint_summary(),
    "get_feature": lambda rally: rally.get_feature("F1"),
    "get_features": lambda rally: rally.get_features(),
    "get_feature_children": lambda rally: rally.get_feature_children("F1"),
    "get_users": lambda rally: rally.get_users(),
    "get_current_user": lambda rally: rally.get_current_user(),
    "get_tags": lambda rally: rally.get_tags(),
    "get_allowed_values": lambda rally: rally.get_allowed_values("story", "ScheduleState"),
    "iter": lambda rally: rally.iter("project").all(),
    "get": lambda rally: rally.get("/milestone/12"),
    "read_attachment": lambda rally: rally.read_attachment(FILE),
    "download_attachment": lambda rally: rally.download_attachment(FILE),
    "download_embedded_image": lambda rally: rally.download_embedded_image(IMAGE),
}

WRITES: dict[str, Method] = {
    "create_ticket": lambda rally: rally.create_ticket("story", "new"),
    "update_ticket": lambda rally: rally.update_ticket("US1", {"ready": True}),
    "delete_ticket": lambda rally: rally.delete_ticket("US1"),
    "update_state": lambda rally: rally.update_state("US1", "Defined"),
    "update_points": lambda rally: rally.update_points("US1", 8),
    "add_comment": lambda rally: rally.add_comment("US1", "text"),
    "assign_owner": lambda rally: rally.assign_owner("US1", "me"),
    "set_parent": lambda rally: rally.set_parent("US1", "US2"),
    "set_iteration": lambda rally: rally.set_iteration("US1", None),
    "set_release": lambda rally: rally.set_release("US1", None),
    "add_tag": lambda rally: rally.add_tag("US13", "regression"),
    "remove_tag": lambda rally: rally.remove_tag("US13", "spike"),
    "create_tag": lambda rally: rally.create_tag("new"),
    "rank": lambda rally: rally.rank("US1", to="top"),
    "upload_attachment": lambda rally: rally.upload_attachment("US1", b"bytes", name="a.txt"),
    "delete_attachment": lambda rally: rally.delete_attachment(FILE),
}

BULKS: dict[str, Method] = {
    "bulk_update_state": lambda rally: rally.bulk_update_state(TWO, "Completed"),
    "bulk_update_points": lambda rally: rally.bulk_update_points(TWO, 8),
    "bulk_update": lambda rally: rally.bulk_update(TWO, {"ready": True}),
    "bulk_set_parent": lambda rally: rally.bulk_set_parent(TWO, "US2"),
    "bulk_set_iteration": lambda rally: rally.bulk_set_iteration(TWO, None),
    "bulk_assign_owner": lambda rally: rally.bulk_assign_owner(TWO, "me", batch=True),
    "bulk_create": lambda rally: rally.bulk_create("story", NEW),
    "bulk_delete": lambda rally: rally.bulk_delete(TWO),
}

EVERY = {**READS, **WRITES, **BULKS}

BY_ID: dict[str, CallWith[AsyncRallyClient, str, object]] = {
    "get_ticket": lambda rally, one: rally.get_ticket(one),
    "get_tickets_by_id": lambda rally, one: rally.get_tickets_by_id([one, "US2"]),
    "get_discussions": lambda rally, one: rally.get_discussions(one),
    "get_revisions": lambda rally, one: rally.get_revisions(one),
    "get_attachments": lambda rally, one: rally.get_attachments(one),
    "update_ticket": lambda rally, one: rally.update_ticket(one, {"ready": True}),
    "update_state": lambda rally, one: rally.update_state(one, "Completed"),
    "update_points": lambda rally, one: rally.update_points(one, 8),
    "add_comment": lambda rally, one: rally.add_comment(one, "text"),
    "assign_owner": lambda rally, one: rally.assign_owner(one, "me"),
    "set_parent": lambda rally, one: rally.set_parent(one, "US2"),
    "set_iteration": lambda rally, one: rally.set_iteration(one, None),
    "set_release": lambda rally, one: rally.set_release(one, None),
    "add_tag": lambda rally, one: rally.add_tag(one, "regression"),
    "remove_tag": lambda rally, one: rally.remove_tag(one, "regression"),
    "rank": lambda rally, one: rally.rank(one, above="US2"),
    "upload_attachment": lambda rally, one: rally.upload_attachment(one, b"bytes", name="a.txt"),
    "bulk_update_state": lambda rally, one: rally.bulk_update_state([one, "US2"], "Completed"),
    "bulk_update": lambda rally, one: rally.bulk_update([one, "US2"], {"ready": True}),
    "delete_ticket": lambda rally, one: rally.delete_ticket(one),
}


def offered() -> set[str]:
    """The names of all methods, the one that closes a client apart."""
    return {name for name in dir(AsyncRallyClientProtocol) if not name.startswith("_")} - {"aclose"}
