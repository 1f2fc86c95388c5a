"""Attachments, one after another: a row for each, whatever became of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from ..._sync.rally.client import RallyClient
from ...errors import NotFoundError, TwofoldError
from ...rally.attached_file import AttachedFile, attached_file
from ...rally.models import Ticket
from ...rally.records import Attachment
from ..formats import Row
from ..output import Watch
from .outcomes import failed

FETCHED = ("id", "outcome", "name", "size", "path", "error")
SENT = ("id", "outcome", "name", "size", "content_type", "ref", "error")


def chosen(found: Iterable[Attachment], names: Sequence[str] | None) -> list[Attachment]:
    """Return those of a name or an ObjectID, or all; one that is not there is an error."""
    attached = list(found)
    if not names:
        return attached
    wanted = {each.object_id: each for name in names for each in called(attached, name)}
    return list(wanted.values())


def called(attached: Sequence[Attachment], name: str) -> list[Attachment]:
    same = [each for each in attached if name in (each.name, str(each.object_id))]
    if not same:
        there = ", ".join(str(each.name) for each in attached) or "nothing"
        raise NotFoundError(f"{name!r} is not attached; there is {there}")
    return same


def fetch(
    rally: RallyClient, attachment: Attachment, folder: Path, watch: Watch, *, dry_run: bool
) -> Row:
    """Download into a folder."""
    known = {"name": attachment.name, "size": attachment.size, "path": None, "error": None}
    row = {"id": str(attachment.object_id), "outcome": "would download", **known}
    if dry_run:
        return row
    progress = watch(f"downloading {attachment.name}")
    try:
        path = rally.download_attachment(attachment, folder, progress=progress)
    except (TwofoldError, OSError) as error:
        return {**row, **spoilt(str(attachment.object_id), error)}
    return {**row, "outcome": "downloaded", "path": str(path)}


def checked_files(
    files: Iterable[Path], name: str | None, content_type: str | None, description: str | None
) -> Mapping[Path, AttachedFile]:
    """Refuse what cannot be attached before anything is sent."""
    return {path: attached_file(path, name, content_type, description) for path in files}


def send(
    rally: RallyClient,
    ticket: Ticket,
    path: Path,
    file: AttachedFile,
    watch: Watch,
    *,
    dry_run: bool,
) -> Row:
    """Upload a file."""
    row = under_way(path, file)
    if dry_run:
        return {**row, "outcome": "would upload"}
    try:
        attachment = rally.upload_attachment(
            ticket,
            path,
            name=file.name,
            content_type=file.content_type,
            description=file.description,
            progress=watch(f"uploading {file.name}"),
        )
    except (TwofoldError, OSError) as error:
        return {**row, **spoilt(str(path), error)}
    return {**row, "outcome": "uploaded", "ref": attachment.ref}


def under_way(path: Path, file: AttachedFile) -> Row:
    """Return the row of a file that is being sent: it may be attached or not."""
    known = {"name": file.name, "size": file.size, "content_type": file.content_type}
    return {"id": str(path), "outcome": "unknown", **known, "ref": None, "error": None}


def spoilt(given: str, error: Exception) -> Row:
    return failed(given, error, ())
