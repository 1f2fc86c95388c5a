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
    "get_ticket": lambda rally, id: rally.get_ticket(id),
    "get_discussions": lambda rally, id: rally.get_discussions(id),
    "get_revisions": lambda rally, id: rally.get_revisions(id),
    "get_attachments": lambda rally, id: rally.get_attachments(id),
    "update_ticket": lambda rally, id: rally.update_ticket(id, {"ready": True}),
    "update_state": lambda rally, id: rally.update_state(id, "Completed"),
    "update_points": lambda rally, id: rally.update_points(id, 8),
    "add_comment": lambda rally, id: rally.add_comment(id, "text"),
    "assign_owner": lambda rally, id: rally.assign_owner(id, "me"),
    "set_parent": lambda rally, id: rally.set_parent(id, "US2"),
    "set_iteration": lambda rally, id: rally.set_iteration(id, None),
    "set_release": lambda rally, id: rally.set_release(id, None),
    "add_tag": lambda rally, id: rally.add_tag(id, "regression"),
    "remove_tag": lambda rally, id: rally.remove_tag(id, "regression"),
    "rank": lambda rally, id: rally.rank(id, above="US2"),
    "upload_attachment": lambda rally, id: rally.upload_attachment(id, b"bytes", name="a.txt"),
    "bulk_update_state": lambda rally, id: rally.bulk_update_state([id, "US2"], "Completed"),
    "bulk_update": lambda rally, id: rally.bulk_update([id, "US2"], {"ready": True}),
    "delete_ticket": lambda rally, id: rally.delete_ticket(id),
}


def offered() -> set[str]:
    """The names of all methods, the one that closes a client apart."""
    return {name for name in dir(AsyncRallyClientProtocol) if not name.startswith("_")} - {"aclose"}
