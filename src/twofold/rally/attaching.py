"""Every request for what attachments hold, both ways, and the file that one of them becomes."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import attrs

from ..core.landing import Landing
from ..core.request import Endpoint, Operation, Origin, Reply, Request, Safety
from ..core.text.headers import Pairs
from ..core.text.names import safe_name
from ..core.text.quoting import path
from ..core.uploads import Upload
from ..core.wire.verdict import refusal
from ..errors import ArgumentError, Effect, ServerError
from .asking import Scope
from .attached_file import LARGEST, AttachedFile
from .drift import note_one
from .ids import Located, TicketId
from .lists import read_one, taken_apart
from .models import Reference
from .names import NAMES, to_fetch
from .operations import TICKETS, only_workspace
from .records import Attachment, Record
from .structure import relative, structure
from .wire import Answered, opened
from .written import read_nothing

T = TypeVar("T")

NAMELESS = "file"

RESULT = "testcaseresult"


@attrs.frozen
class FromRoot(Operation[T]):
    """A call of a place of the server beside its web services: the path begins at its root."""

    def request(self, origin: Origin, base: str, headers: Pairs) -> Request:  # noqa: ARG002 - the line's
        return super().request(origin, "", headers)


def read_bytes(reply: Reply) -> bytes:
    refused = refusal(reply)
    if refused is not None:
        raise refused
    return reply.body


def read_whole(size: int | None, reply: Reply) -> bytes:
    """Return the bytes of an attachment, if they are all of them and no others."""
    body = read_bytes(reply)
    if len(body) > LARGEST or (size is not None and len(body) != size):
        wanted = f"at most {LARGEST}" if size is None else str(size)
        raise ServerError(
            f"the attachment came with {len(body)} bytes, not {wanted}",
            effect=Effect.DONE,
            transient=size is not None and len(body) < size,
        )
    return body


def read_ref(reply: Reply) -> Answered[str]:
    content, warnings = opened(reply)
    return Answered(relative(content["Object"]["_ref"]), warnings)


def read_attached(reply: Reply) -> Answered[Attachment]:
    content, warnings = opened(reply)
    attachment = structure(Attachment, content["Object"])
    note_one(attachment, content["Object"], reply, "Object")
    return Answered(attachment, warnings)


DOWNLOAD = Endpoint("rally.download_attachment", "GET", "/slm/attachment/{oid}/{name}", read_bytes)
IMAGE = Endpoint("rally.download_embedded_image", "GET", "", read_bytes)
CONTENT = Endpoint(
    "rally.upload_content", "POST", "/attachmentcontent/create", read_ref, Safety.ONCE
)
ATTACH = Endpoint(
    "rally.attach",
    "POST",
    "/attachment/create",
    read_attached,
    Safety.ONCE,
    invalidates=TICKETS,
)
LOOK_UP = Endpoint("rally.attachment", "GET", "/attachment/{oid}", partial(read_one, Attachment))
DELETE = Endpoint(
    "rally.delete_attachment",
    "DELETE",
    "/attachment/{oid}",
    read_nothing,
    Safety.REPEATABLE,
    invalidates=TICKETS,
)
DISCARD = Endpoint(
    "rally.discard_content",
    "DELETE",
    "/attachmentcontent/{oid}",
    read_nothing,
    Safety.REPEATABLE,
)


def download(attachment: Attachment) -> Operation[bytes]:
    """Ask for the bytes: by the number, since names are not unique; the name is for people."""
    return FromRoot(DOWNLOAD, path(DOWNLOAD.template, **place(attachment)))


def bytes_of(attachment: Attachment) -> Operation[bytes]:
    read = partial(read_whole, attachment.size)
    endpoint = attrs.evolve(DOWNLOAD, name="rally.read_attachment", read=read)
    return FromRoot(endpoint, path(endpoint.template, **place(attachment)))


def place(attachment: Attachment) -> dict[str, str]:
    # Dots alone would name another place, however they are encoded (RFC 3986, 6.2.2.3).
    name = attachment.name if (attachment.name or "").strip(".") else NAMELESS
    sendable = (name or NAMELESS).encode(errors="replace").decode()
    return {"oid": str(attachment.object_id), "name": sendable}


def image(target: str) -> Operation[bytes]:
    return FromRoot(IMAGE, target)


def content(body: Upload, scope: Scope) -> Operation[Answered[str]]:
    """Send the bytes of an attachment, which nothing refers to yet."""
    return CONTENT.operation(query={"shallowFetch": "ObjectID", **only_workspace(scope)}, body=body)


def discard(content: str, scope: Scope) -> Operation[Answered[None]]:
    return DISCARD.operation(query=only_workspace(scope), oid=taken_apart(content)[1])


def attach(
    file: AttachedFile, content: str, owner: Owner, scope: Scope
) -> Operation[Answered[Attachment]]:
    """Attach bytes that were sent before."""
    fields: dict[str, Any] = {
        "Name": file.name,
        "Content": content,
        "ContentType": file.content_type,
        "Size": file.size,
        owner.field: owner.ref,
    }
    if file.description is not None:
        fields["Description"] = file.description
    fetched = to_fetch(NAMES[Attachment].values())
    return ATTACH.operation(
        query={"shallowFetch": fetched, **only_workspace(scope)}, json={"Attachment": fields}
    )


def delete(attachment: object, scope: Scope) -> Operation[Answered[None]]:
    """Delete an attachment, and with it its bytes."""
    return DELETE.operation(query=only_workspace(scope), oid=number_of(attachment))


def number_of(attachment: object) -> str:
    ref = attachment.ref if isinstance(attachment, Attachment | Reference) else attachment
    kind, oid = taken_apart(ref)
    if kind != "attachment":
        raise ArgumentError(f"{ref!r} is not the ref of an attachment")
    return oid


@attrs.frozen
class Owner:
    """What a file is attached to."""

    field: str
    """The field of the attachment that says so."""
    ref: str


def of_ticket(ticket: Located) -> Owner:
    return Owner("Artifact", ticket.ref)


def of_result(given: TicketId | Record) -> Owner | None:
    """Return the owner if it is a test case result, which is no ticket; None: it is something else.

    No number alone and no FormattedID names one.
    """
    ref = given.ref if isinstance(given, Record | Reference) else given
    try:
        kind, oid = taken_apart(ref)
    except ArgumentError:
        return None
    return Owner("TestCaseResult", f"/{kind}/{oid}") if kind == RESULT else None


class Named(Landing):
    """A file that in a folder gets a name of our choice, made safe, whatever the server says."""

    def __init__(self, target: Path, name: str | None) -> None:
        super().__init__(target, None)
        self._name = name

    def finish(self, name: str, durable: bool) -> Path:
        return super().finish(name if self._name is None else safe_name(self._name), durable)


def look_up(attachment: object, scope: Scope) -> Operation[Answered[Attachment]]:
    """Ask for what is known of an attachment of which only the ref is given."""
    said = {"shallowFetch": to_fetch(NAMES[Attachment].values()), **only_workspace(scope)}
    return LOOK_UP.operation(query=said, oid=number_of(attachment))
