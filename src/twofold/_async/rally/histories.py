# SPDX-License-Identifier: MIT
"""What was said of a ticket, what was changed, what was attached."""

from __future__ import annotations

from ...rally import lists
from ...rally.ids import TicketId
from ...rally.models import Comment, ItemList, Reference
from ...rally.operations import only_workspace
from ...rally.query.expression import condition
from ...rally.records import Attachment, Revision
from .session import Session


async def discussion(session: Session, ticket: TicketId) -> ItemList[Comment]:
    place, scope = await session.place(ticket)
    of_ticket = condition("Artifact", Reference(ref=place.ref))
    asked = lists.question(
        lists.DISCUSSION,
        Comment,
        only_workspace(scope),
        query=of_ticket,
        order="CreationDate,PostNumber",
    )
    return await session.everything([asked])


async def revisions(session: Session, ticket: TicketId) -> ItemList[Revision]:
    place, scope = await session.place(ticket)
    history = await session.answered(lists.history(place, scope))
    if history is None:
        return ItemList(())
    asked = lists.question(
        lists.REVISIONS,
        Revision,
        only_workspace(scope),
        order="RevisionNumber DESC",
        places={"oid": lists.taken_apart(history)[1]},
    )
    return await session.everything([asked])


async def attachments(session: Session, ticket: TicketId) -> ItemList[Attachment]:
    place, scope = await session.place(ticket)
    asked = lists.question(
        lists.attachments_of(place),
        Attachment,
        only_workspace(scope),
        order="CreationDate",
        places={"oid": str(place.object_id)},
    )
    return await session.everything([asked])
