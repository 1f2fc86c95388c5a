"""Which tickets a command is about, as its options say; checked before anything is sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

import attrs

from ..._sync.rally.client import RallyClient
from ...errors import ArgumentError
from ...progress import Progress
from ...rally.kinds import kinds_named
from ...rally.models import Ticket
from ...rally.query.expression import Query, all_of, condition
from ...rally.sizes import LARGEST_PAGE
from ...rally.sought import ME
from ..output import Watch
from .queries import conditions
from .values import unless_none


@attrs.frozen
class Filters:
    """Types of ticket, and what must hold of each; who `me` is is settled by asking."""

    types: tuple[str, ...]
    conditions: tuple[Query, ...]
    are_mine: bool
    """Whether who calls must be the owner."""
    are_given: bool
    """Whether anything was asked for at all."""

    def query(self, rally: RallyClient) -> Query | None:
        """Return what to ask; for `me`, the client is asked who that is."""
        every = [*self.conditions]
        if self.are_mine:
            every.append(condition("Owner.UserName", rally.get_current_user().user_name))
        return all_of(every) if every else None


def filters(
    types: Sequence[str] | None,
    *,
    state: str | None = None,
    owner: str | None = None,
    iteration: str | None = None,
    where: Iterable[str] | None = None,
    query: str | None = None,
) -> Filters:
    """Check what is asked for, and return it."""
    asked = conditions(query, where)
    if iteration is not None:
        asked.append(called("Iteration.Name", iteration))
    if state is not None:
        asked.append(condition("State", state))  # wherever each type keeps it
    are_mine = owner == ME
    if owner is not None and not are_mine:
        asked.append(called("Owner.UserName", owner))
    kinds = kinds_named(types or None)
    are_given = bool(types or asked or are_mine)
    return Filters(tuple(kind.path for kind in kinds), tuple(asked), are_mine, are_given)


def called(name_field: str, text: str) -> Query:
    """Ask for tickets whose owner, say, has a name; `none`: for those that have no owner."""
    name = unless_none(text)
    if name is None:
        return condition(name_field.partition(".")[0], None)
    return condition(name_field, name)


def read(
    rally: RallyClient,
    wanted: Filters,
    watch: Watch,
    *,
    order: str | None = None,
    fetch: Sequence[str] = (),
    limit: int | None = None,
) -> Sequence[Ticket]:
    """Read every ticket, or with a limit page by page no more than are asked for."""
    if limit is not None:
        return first(rally, wanted, watch, order, fetch, limit)
    names = ", ".join(kind.name for kind in kinds_named(wanted.types))
    query = wanted.query(rally)
    progress = watch(f"reading {names}")
    return rally.get_tickets(wanted.types, query=query, order=order, fetch=fetch, progress=progress)


def first(
    rally: RallyClient,
    wanted: Filters,
    watch: Watch,
    order: str | None,
    fetch: Sequence[str],
    limit: int,
) -> list[Ticket]:
    size = min(limit, LARGEST_PAGE)
    listing = rally.iter_tickets(
        wanted.types, query=wanted.query(rally), order=order, fetch=fetch, page_size=size
    )
    progress = watch("reading")
    found: list[Ticket] = []
    for ticket in islice(listing, limit):
        found.append(ticket)
        if progress is not None:
            progress(Progress(succeeded=len(found), total=limit))
    return found


def narrowed(wanted: Filters) -> Filters:
    """Refuse to mean every ticket there is just because nothing was said."""
    if not wanted.are_given:
        raise ArgumentError("which tickets?  Name a type, a filter or a query")
    return wanted
