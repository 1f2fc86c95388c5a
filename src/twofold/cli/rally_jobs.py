"""What the Rally commands do over the blocking client; they print nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, islice
from typing import TypeAlias

import attrs

from .._sync.rally.client import RallyClient
from ..blocking import map_all
from ..errors import CredentialsError, TwofoldError
from ..outcome import BatchResult, Failure, Outcome
from ..progress import Progress
from ..rally.account import CONCURRENCY
from ..rally.changes import Change, points_change, state_change
from ..rally.ids import Located, TicketId, identify, prefixes
from ..rally.kinds import STORY, kinds_named
from ..rally.models import Ticket
from ..rally.query.expression import Query, all_of, condition
from ..rally.sizes import LARGEST_PAGE
from .output import Watch

UNAUTHORIZED = 401

Written: TypeAlias = Outcome[TicketId, Ticket]


@attrs.frozen
class Part:
    """Types of ticket that one query serves."""

    types: tuple[str, ...]
    query: Query | None


def parts(
    types: Sequence[str],
    *,
    state: str | None,
    owner: str | None,
    iteration: str | None,
    where: Iterable[tuple[str, str]],
    query: str | None,
) -> list[Part]:
    """Return what to ask, in the order of types: each keeps its state in a field of its own."""
    named = {"Owner.UserName": owner, "Iteration.Name": iteration}
    common = [] if query is None else [Query.parse(query)]
    common += [condition(field, text) for field, text in named.items() if text is not None]
    common += [condition(field, text or None) for field, text in where]
    kinds = kinds_named(types or None)
    if state is not None:
        common += [condition("State", state)]  # wherever each type keeps it
    return [Part(tuple(kind.name for kind in kinds), all_of(common) if common else None)]


def read(
    rally: RallyClient,
    wanted: Sequence[Part],
    *,
    order: str | None,
    fetch: Sequence[str],
    limit: int | None,
    watch: Watch,
) -> list[Ticket]:
    """Read every ticket, or with a limit page by page no more than are asked for."""
    if limit is not None:
        return first(rally, wanted, order, fetch, limit, watch)
    found: list[Ticket] = []
    for part in wanted:
        progress = watch(f"reading {', '.join(part.types)}")
        found += rally.get_tickets(
            part.types, query=part.query, order=order, fetch=fetch, progress=progress
        )
    return found


def first(
    rally: RallyClient,
    wanted: Sequence[Part],
    order: str | None,
    fetch: Sequence[str],
    limit: int,
    watch: Watch,
) -> list[Ticket]:
    size = min(limit, LARGEST_PAGE)
    listings = (
        rally.iter_tickets(part.types, query=part.query, order=order, fetch=fetch, page_size=size)
        for part in wanted
    )
    progress = watch("reading")
    found: list[Ticket] = []
    for ticket in islice(chain.from_iterable(listings), limit):
        found.append(ticket)
        if progress is not None:
            progress(Progress(succeeded=len(found), total=limit))
    return found


def checked(ids: Iterable[str]) -> list[str]:
    """Return ids, each once; one that is none is refused before anything is sent."""
    given = list(dict.fromkeys(map(str.strip, ids)))
    known = prefixes(None)
    for each in given:
        identify(each, known)
    return given


def look_up(rally: RallyClient, ids: Sequence[str], watch: Watch) -> BatchResult[str, Ticket]:
    """Read tickets by their ids.  A key that is refused once is not tried for every one of them."""
    refused: list[CredentialsError] = []

    def get(ticket: str) -> Ticket:
        if refused:
            raise refused[0]
        try:
            return rally.get_ticket(ticket)
        except CredentialsError as error:
            if error.status == UNAUTHORIZED:
                refused.append(error)
            raise

    result = map_all(get, ids, workers=CONCURRENCY, progress=watch("reading"))
    if refused:
        raise refused[0]
    return result


@attrs.frozen
class Changes:
    """What an update sets.  Points that are the word `none` are cleared."""

    state: str | None
    points: str | None

    @property
    def amount(self) -> str | None:
        return None if self.points is None or self.points.lower() == "none" else self.points

    def check(self) -> None:
        """Refuse what cannot be written before anything is sent."""
        for change in self._each():
            change(Located(STORY, 1))

    def of(self, ticket: Ticket) -> Mapping[str, object]:
        """Return the fields that would be written, and their values."""
        (kind,) = kinds_named(type(ticket).__name__)
        place = Located(kind, ticket.object_id)
        return {field: new for change in self._each() for field, new in change(place).items()}

    def _each(self) -> list[Change]:
        wanted = [] if self.state is None else [state_change(self.state, None)]
        return wanted if self.points is None else [*wanted, points_change(self.amount, None)]


def update(rally: RallyClient, ids: Sequence[str], changes: Changes, watch: Watch) -> list[Written]:
    """Write to every ticket; where the state failed, the points are not attempted."""
    done: dict[TicketId, Written] = {}
    if changes.state is not None:
        progress = watch("writing the state")
        result = rally.bulk_update_state(ids, changes.state, progress=progress)
        done = {outcome.item: outcome for outcome in result}
    if changes.points is not None:
        left = [each for each in ids if each not in done or done[each].error is None]
        later = write_points if not done else write_points_too
        done |= {outcome.item: outcome for outcome in later(rally, left, changes.amount, watch)}
    return [done[each] for each in ids]


def write_points(
    rally: RallyClient, ids: Sequence[str], points: str | None, watch: Watch
) -> Sequence[Written]:
    return rally.bulk_update_points(ids, points, progress=watch("writing the points"))


def write_points_too(
    rally: RallyClient, ids: Sequence[str], points: str | None, watch: Watch
) -> Sequence[Written]:
    """Write the points where the state is written; that it is must not be lost in an error."""
    outcomes: Sequence[Written]
    try:
        outcomes = write_points(rally, ids, points, watch)
    except TwofoldError as error:
        outcomes = [Failure(index, each, error) for index, each in enumerate(ids)]
    for failure in {id(one.error): one.error for one in outcomes if one.error is not None}.values():
        failure.add_note("the state was written, the points were not")
    return outcomes
