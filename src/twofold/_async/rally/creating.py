# SPDX-License-Identifier: MIT
"""Tickets created, one or many, from drafts that were checked before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ...errors import RequestError
from ...rally import written
from ...rally.drafts import New
from ...rally.elsewhere import check_fields
from ...rally.filling import begun
from ...rally.models import Ticket
from .naming import look_up
from .session import Session


async def create(session: Session, made: New) -> Ticket:
    check_fields(made.draft.given, session.line.origin)
    body = await bodies(session, [made])
    operation = written.create(made.kind, body(made), await session.scope())
    answer = await session.send(operation)
    try:
        session.heed(answer.warnings, operation.name)
    except RequestError as error:
        error.add_note(f"{answer.value.formatted_id} was created")
        raise
    return answer.value


async def bodies(session: Session, news: Sequence[New]) -> Callable[[New], Mapping[str, Any]]:
    """Look up at once what many new tickets need; return what tells what to send for each.

    What is wrong with one of them is raised for that one.
    """
    scope = await session.scope()
    names = await look_up(session, [begun(made, scope) for made in news])
    return lambda made: names.filled(*begun(made, scope))
