# SPDX-License-Identifier: MIT
"""What attachments hold: downloaded, uploaded in two steps that are one, removed."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

import attrs

from ..._runtime.waiting.scopes import move_on_after, run_sync
from ...core.credentials import Anonymous
from ...core.downloads import Download
from ...core.landing import Landing
from ...core.uploads import BYTES, Content
from ...errors import ArgumentError, Effect, NotFoundError, TwofoldError
from ...progress import Meter, ProgressCallback
from ...rally import attaching, images
from ...rally.asking import Scope
from ...rally.attached_file import LARGEST, AttachedFile, attached_file
from ...rally.elsewhere import check_server
from ...rally.ids import TicketId
from ...rally.models import Reference
from ...rally.records import Attachment, Record
from ...rally.written import was_deleted_before
from ..core.downloading import downloaded
from ..core.pipeline import Pipeline
from .session import Session
from .unhurried import PATIENCE, unhurried

Target = str | PathLike[str] | None
Given = Attachment | Reference | str


async def download(
    session: Session, attachment: Given, target: Target, progress: ProgressCallback | None
) -> Path:
    known = await looked_up(session, attachment)
    plan = Download(size=known.size, most=LARGEST)
    landing = attaching.Named(place(target), known.name)
    meter = Meter(progress, total=known.size)
    operation = attaching.download(known)
    return await downloaded(
        session.line, operation, session.terms, plan, landing, meter, durable=False
    )


def place(target: Target) -> Path:
    """Return where a file is to be written; None: into the current folder, as it is now."""
    return Path.cwd() if target is None else Path(target)


async def read(session: Session, attachment: Given) -> bytes:
    return await session.send(attaching.bytes_of(await looked_up(session, attachment)))


async def looked_up(session: Session, attachment: Given) -> Attachment:
    """Return an attachment; of one that is given by its ref, name and size are asked for."""
    checked(session, attachment)
    if isinstance(attachment, Attachment):
        return attachment
    return await session.answered(attaching.look_up(attachment, await session.scope()))


def checked(session: Session, attachment: Given) -> None:
    attaching.number_of(attachment)
    check_server(attachment, session.line.origin)


async def download_image(
    session: Session,
    source: str,
    target: Target,
    progress: ProgressCallback | None,
    *,
    elsewhere: bool,
) -> Path:
    home = session.line
    found = images.located(source, home.origin)
    if found.origin == home.origin:
        return await fetch_image(session, home, found.target, target, progress)
    if not elsewhere:
        raise ArgumentError(
            f"the image lies at {found.origin}, not at {home.origin}: "
            "with elsewhere=True it is asked for without credentials"
        )
    line = stranger(home, found)
    try:
        return await fetch_image(session, line, found.target, target, progress)
    finally:
        line.member.close()


async def fetch_image(
    session: Session, line: Pipeline, path: str, target: Target, progress: ProgressCallback | None
) -> Path:
    plan, landing = images.ImageDownload(most=LARGEST), Landing(place(target), None)
    meter = Meter(progress, total=None)
    operation = attaching.image(path)
    return await downloaded(line, operation, session.terms, plan, landing, meter, durable=False)


def stranger(line: Pipeline, found: images.Place) -> Pipeline:
    """Return a line to another origin: it has no credentials that it could send by mistake."""
    return attrs.evolve(
        line,
        origin=found.origin,
        base="",
        credentials=Anonymous(),
        headers=images.anonymous(line.headers),
        rate=None,
    )


async def delete(session: Session, attachment: Given) -> None:
    checked(session, attachment)
    try:
        await session.answered(attaching.delete(attachment, await session.scope()))
    except NotFoundError as error:
        if not was_deleted_before(error):
            raise


async def upload(
    session: Session,
    ticket: TicketId | Record,
    content: Content,
    name: str | None,
    content_type: str | None,
    description: str | None,
    progress: ProgressCallback | None,
) -> Attachment:
    given = content, name, content_type, description
    # Only bytes are looked at without asking a disk.
    is_at_hand = isinstance(content, BYTES)
    file = attached_file(*given) if is_at_hand else await run_sync(attached_file, *given)
    owner, scope = await placed(session, ticket)
    return await Attaching(session, scope, owner, file, progress).finish()


async def placed(session: Session, ticket: TicketId | Record) -> tuple[attaching.Owner, Scope]:
    """Return what a file is to be attached to; what is no id is refused before anything is sent."""
    check_server(ticket, session.line.origin)
    result = attaching.of_result(ticket)
    if result is not None:
        return result, await session.scope()
    found, scope = await session.place(ticket.ref if isinstance(ticket, Record) else ticket)
    return attaching.of_ticket(found), scope


@attrs.define(eq=False)
class Attaching:
    """One upload: its bytes, and then the attachment that they belong to, or neither."""

    session: Session
    scope: Scope
    owner: attaching.Owner
    file: AttachedFile
    progress: ProgressCallback | None
    content: str = attrs.field(default="", init=False)
    """The ref of the bytes, once they are there."""
    attached: list[Attachment] = attrs.field(factory=list[Attachment], init=False)
    may_be_attached: bool = attrs.field(default=False, init=False)

    async def finish(self) -> Attachment:
        """Do all of it; whatever comes between, no bytes are left that nothing refers to.

        Unless the answer is lost that would say so: what may be attached is not removed.
        """
        allowance = self.session.line.limits.threads
        try:
            await unhurried(self.send_content, allowance)
            await unhurried(self.attach, allowance)
        except BaseException as error:
            if self.content and not self.may_be_attached:
                await self.discard(error)
            raise
        return self.attached[0]

    async def send_content(self) -> None:
        operation = attaching.content(self.file.body(self.progress), self.scope)
        try:
            answer = await self.session.send(operation)
        except TwofoldError as error:
            if error.effect is not Effect.NONE:
                error.add_note("nothing was attached: of this file only the bytes may be there")
            raise
        self.content = answer.value
        self.session.heed(answer.warnings, operation.name)

    async def attach(self) -> None:
        operation = attaching.attach(self.file, self.content, self.owner, self.scope)
        self.may_be_attached = True
        try:
            answer = await self.session.send(operation)
        except TwofoldError as error:
            self.may_be_attached = error.effect is not Effect.NONE
            if self.may_be_attached:
                error.add_note(
                    f"nothing was removed, since it may be attached: if get_attachments shows none "
                    f"whose content is {self.content}, it is not"
                )
            raise
        self.attached.append(answer.value)
        self.session.heed(answer.warnings, operation.name)

    async def discard(self, error: BaseException) -> None:
        """Remove the bytes, whatever ended the upload; if that fails, the error says so."""
        why = f"it took more than {PATIENCE:g} s"
        with move_on_after(PATIENCE, shield=True):
            try:
                # On the client's own terms: those of the call may be over.
                await self.session.line.send(attaching.discard(self.content, self.scope))
            except NotFoundError:
                return
            except TwofoldError as failure:
                why = str(failure)
            else:
                return
        error.add_note(f"the bytes were not removed, and may still be at {self.content}: {why}")
