# SPDX-License-Identifier: MIT
"""Tags, created, and put on tickets or taken off them."""

from __future__ import annotations

from ...errors import ArgumentError
from ...rally import lists, pointing, written
from ...rally.directory import absent
from ...rally.elsewhere import check_server
from ...rally.ids import TicketId
from ...rally.models import Reference, Ticket
from ...rally.operations import only_workspace
from ...rally.query.expression import condition
from ...rally.records import Tag
from .naming import directory, tagged
from .session import Session
from .writing import as_it_is


async def create(session: Session, name: str) -> Tag:
    """Return the tag of a name, of several the oldest in use; create it if there is none."""
    if not isinstance(name, str) or not name.strip():  # pyright: ignore[reportUnnecessaryIsInstance] - callers may not check types
        raise ArgumentError(f"name must be text, not {name!r}")
    named = condition("Name", name.strip())
    scope = only_workspace(await session.scope())
    asked = lists.question(lists.TAGS, Tag, scope, query=named, order="ObjectID")
    found = sorted(await session.everything([asked]), key=lambda tag: tag.archived is True)
    if found:
        return found[0]
    return await session.answered(written.create_tag(name.strip(), scope))


async def add(session: Session, ticket: TicketId, tag: Tag | Reference | str) -> Ticket:
    wanted = pointing.tag(tag)
    check_server(tag, session.line.origin)
    session.identify(ticket)
    place, scope = await session.place(ticket)
    if not isinstance(wanted, str):
        found = await directory(session, scope, [(wanted, None)])
        found = await tagged(session, scope, found, [wanted])
        wanted = found.ref(wanted, None)
    await session.answered(written.add_tags(place, [wanted], scope))
    return await as_it_is(session, place, scope)


async def remove(session: Session, ticket: TicketId, tag: Tag | Reference | str) -> Ticket:
    """Take off a ticket the tag that is meant, or every one of that name."""
    wanted = pointing.tag(tag)
    check_server(tag, session.line.origin)
    session.identify(ticket)
    place, scope = await session.place(ticket)
    refs = [wanted] if isinstance(wanted, str) else []
    if not isinstance(wanted, str):
        refs = (await directory(session, scope, [(wanted, None)])).refs(wanted)
        if not refs:
            raise absent(wanted)
    await session.answered(written.remove_tags(place, refs, scope))
    return await as_it_is(session, place, scope)
