"""What is changed of the ticket under the cursor: asked for, sent, shown.

Changes of one ticket are sent one after another; of two that wait, of the same field, the later
counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import TYPE_CHECKING, Any

from ..errors import TwofoldError
from ..rally import AllowedValue, AsyncRallyClient, Comment, Ticket
from ..rally.ids import identify
from ..rally.kinds import STANDARD_PREFIXES
from .desk import Job, Work
from .screens import Ask, Write
from .ticket_list import points as points_of

if TYPE_CHECKING:
    from .app import RallyApp


class Edits:
    """Changes for one application."""

    def __init__(self, app: RallyApp) -> None:
        self._app = app
        self._states: dict[str, Sequence[str]] = {}
        """The states of each type, in their order, once they were asked for."""

    def acts(self) -> Mapping[str, Callable[[], object]]:
        return {
            **{f"state({number})": partial(self.state, number) for number in range(1, 10)},
            "points": self.on_ticket(self.points),
            "comment": self.on_ticket(self.comment),
        }

    def on_ticket(self, act: Callable[[Ticket], None]) -> Callable[[], None]:
        """Return what does something to the ticket under the cursor, if there is one."""

        def do() -> None:
            if self._app.list.ticket is not None:
                act(self._app.list.ticket)

        return do

    def state(self, number: int) -> None:
        ticket = self._app.list.ticket
        if ticket is not None:
            self.with_states(ticket, partial(self._set_state, ticket, number))

    def with_states(self, ticket: Ticket, then: Callable[[Sequence[str]], None]) -> None:
        """Go on with the states that a ticket may have, which are asked for once a type."""
        kind = ticket.ref.rpartition("/")[0]
        if kind in self._states:
            then(self._states[kind])
            return

        def found(values: Sequence[str]) -> None:
            self._states[kind] = values
            then(values)

        what = f"reading the states of {ticket.formatted_id}"
        failed = partial(self._app.trouble, ticket)
        self._app.desk.read("states", Job(what, partial(states, ticket), found, failed))

    def _set_state(self, ticket: Ticket, number: int, values: Sequence[str]) -> None:
        if number > len(values):
            self._app.notify(f"{ticket.formatted_id} has {len(values)} states", severity="warning")
            return
        state = values[number - 1]
        self.send(ticket, "state", state, lambda client: client.update_state(ticket, state))

    def points(self, ticket: Ticket) -> None:
        def answered(said: str | None) -> None:
            if said is not None:
                size = number(said)
                self.send(ticket, "points", said, lambda client: client.update_points(ticket, size))

        title = f"Points of {ticket.formatted_id}"
        self._app.push_screen(Ask(title, points_of(ticket), number, "empty: none"), answered)

    def comment(self, ticket: Ticket) -> None:
        def answered(said: str | None) -> None:
            if said is not None and said.strip():
                what = f"commenting on {ticket.formatted_id}"
                work: Work[Comment] = lambda client: client.add_comment(ticket, said)  # noqa: E731
                job = Job(what, work, lambda _: reload(), partial(self._app.trouble, ticket))
                self._app.desk.write(ticket.ref, job)

        def reload() -> None:
            self._app.reading.look_beside(ticket)

        self._app.push_screen(Write(f"Comment on {ticket.formatted_id}"), answered)

    def send(self, ticket: Ticket, field: str, value: str, work: Work[Ticket]) -> None:
        """Write one field of a ticket, and show what has become of it."""
        what = f"{ticket.formatted_id}: {field} {value}"
        failed: Callable[[TwofoldError], None] = partial(self._app.trouble, ticket)
        self._app.desk.write(ticket.ref, Job(what, work, self._app.put, failed, kind=field))


def number(said: str) -> Decimal | None:
    """Return what a size means; ValueError says what it may be."""
    try:
        size = Decimal(said) if said.strip() else None
    except InvalidOperation:
        raise ValueError(f"{said} is not a number") from None
    if size is not None and not (size.is_finite() and size >= 0):
        raise ValueError("points are a number of at least 0")
    return size


async def states(ticket: Ticket, client: AsyncRallyClient) -> Sequence[str]:
    place: Any = identify(ticket, STANDARD_PREFIXES)
    field = place.kind.state_field
    if field is None:
        return ()
    values: Sequence[AllowedValue] = await client.get_allowed_values(place.kind.path, field)
    return [value.value for value in values if value.value]
