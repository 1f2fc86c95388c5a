# SPDX-License-Identifier: MIT
"""Objects of any type, and what values a field may have."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from ...core.options import CallOptions
from ...errors import NotFoundError
from ...rally import lists
from ...rally.asking import Rows, named, narrowed
from ...rally.elsewhere import check_server
from ...rally.kinds import find_kind
from ...rally.query.expression import Query
from ...rally.query.values import Referable
from ...rally.records import AllowedValue, Record
from .session import Session

if TYPE_CHECKING:
    from ..core.listing import AsyncListing


def listed(
    session: Session,
    type: str,
    query: Query | str | None,
    order: str | None,
    fetch: Sequence[str],
    page_size: int,
    call: CallOptions,
) -> AsyncListing[Record]:
    """List objects of a type page by page; a wrong argument is refused at once."""
    ask = partial(
        lists.records,
        lists.checked_type(type),
        query=narrowed(query),
        order=order,
        fetch=named(fetch),
    )
    return session.listing(lambda scope: [ask(scope)], call, page_size)


async def one(session: Session, ref: Referable | str, fetch: Sequence[str]) -> Record:
    given = ref.ref if isinstance(ref, Referable) else ref
    lists.taken_apart(given)
    check_server(given, session.line.origin)
    scope = await session.scope()
    return await session.answered(lists.record(given, scope, fetch))


async def allowed_values(session: Session, type: str, field: str) -> tuple[AllowedValue, ...]:
    """Ask what a field may hold: for its type, then for the field, then for its values."""
    element, name = lists.defined(type, field)
    scope = await session.scope()
    kind = find_kind(type)
    if name == "State" and kind is not None and kind.is_portfolio:
        return await session.answered(lists.states(element, scope))
    definition = only(await session.send(lists.definition(element, scope)), "type", element)
    fields = await session.send(lists.attribute(definition, name, scope))
    attribute = only(fields, f"field of {element}", name)
    return await session.answered(lists.allowed(attribute, scope))


def only(found: Rows[Record], what: str, name: str) -> Record:
    for record in found.items:
        if record.extra.get("ElementName") == name:
            return record
    raise NotFoundError(f"there is no {what} that is called {name}")
