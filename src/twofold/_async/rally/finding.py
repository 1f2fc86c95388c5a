# SPDX-License-Identifier: MIT
"""Locate tickets: look-ups run side by side, each type asked once for the whole batch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from ...errors import NotFoundError
from ...rally.asking import Scope
from ...rally.finding import LookUp, located, look_ups, missing
from ...rally.ids import Identity, Located
from ..core.batch import map_unnoted

if TYPE_CHECKING:
    from .session import Session


async def locate(session: Session, scope: Scope, identity: Identity) -> Located:
    """Return where one ticket is; raise NotFoundError if it cannot be seen."""
    found = (await locate_all(session, scope, [identity]))[identity]
    if isinstance(found, NotFoundError):
        raise found
    return found


async def locate_all(
    session: Session,
    scope: Scope,
    identities: Iterable[Identity],
    *,
    workers: int = 1,
    families: bool = False,
) -> Mapping[Identity, Located | NotFoundError]:
    """Return where each ticket is, or the error of the one that cannot be seen.

    With `families` the project and the parent of those are looked up too of which only the ref was
    given; one that is not found stays as it was given.
    """
    wanted = list(identities)

    async def look_up(question: LookUp) -> Mapping[Identity, Located]:
        return located(question, await session.found(partial(question.operation, scope)))

    found: dict[Identity, Located | NotFoundError] = {
        identity: identity for identity in wanted if isinstance(identity, Located)
    }
    unknown = [identity for identity in wanted if is_unknown(identity, families=families)]
    answers: Sequence[Mapping[Identity, Located]] = await map_unnoted(
        look_up, look_ups(unknown), workers=workers, allowance=session.line.limits.threads
    )
    for answer in answers:
        found.update(answer)
    for identity in wanted:
        if not isinstance(identity, Located):
            found.setdefault(identity, missing(identity))
    return found


def is_unknown(identity: Identity, *, families: bool) -> bool:
    """Tell whether a ticket has to be looked up."""
    if isinstance(identity, Located):
        return families and identity.project is None
    return True
