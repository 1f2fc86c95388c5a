"""What is changed of the ticket under the cursor: asked for, sent, shown.

Changes of one ticket are sent one after another; of two that wait, of the same field, the later
counts.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import TwofoldError
from ..rally import AsyncCachingRallyClient, Comment, Ticket
from .asking import Option, Wanted
from .columns import points as points_of
from .desk import Job, Work
from .panels import explained

if TYPE_CHECKING:
    from .app import RallyApp

T = TypeVar("T")

NEW = (
    ("story", "Story"),
    ("defect", "Defect"),
    ("task", "Task of the ticket under the cursor"),
    ("feature", "Feature"),
    ("test case", "Test case"),
)


class Edits:
    """Changes for one application."""

    def __init__(self, app: RallyApp) -> None:
        self._app = app
        self._ask = app.asking
        self._drafts: dict[tuple[str, str], str] = {}
        """What was written and could not be sent, by ticket and field."""

    def acts(self) -> Mapping[str, Callable[[], object]]:
        of_ticket: Mapping[str, Callable[[Ticket], None]] = {
            "points": self.points,
            "owner": self.owner,
            "parent": self.parent,
            "iteration": self.iteration,
            "notes": partial(self.rich_text, "notes"),
            "description": partial(self.rich_text, "description"),
            "comment": self.comment,
            **{f"state({number})": partial(self.state, number) for number in range(1, 10)},
        }
        acts: dict[str, Callable[[], object]] = {
            name: partial(self.on_ticket, act) for name, act in of_ticket.items()
        }
        return {**acts, "create": self.create}

    def on_ticket(self, act: Callable[[Ticket], None]) -> None:
        """Do something to the ticket under the cursor, if there is one."""
        if self._app.list.ticket is not None:
            act(self._app.list.ticket)

    def state(self, number: int, ticket: Ticket) -> None:
        def found(options: Sequence[Option]) -> None:
            if number > len(options):
                said = f"{ticket.formatted_id} has {len(options) or 'no'} states"
                self._app.notify(said, severity="warning", markup=False)
                return
            state = options[number - 1][0]
            self.send(ticket, "state", state, lambda client: client.update_state(ticket, state))

        if not self._ask.states(ticket, Wanted(found, partial(self._app.trouble, ticket))):
            said = f"{ticket.formatted_id}: state number {number}, as soon as it is known which"
            self._app.notify(said, markup=False)

    def points(self, ticket: Ticket) -> None:
        def answered(size: Decimal | None) -> None:
            self.send(
                ticket, "points", f"{size}", lambda client: client.update_points(ticket, size)
            )

        self._ask.points(f"Points of {ticket.formatted_id}", points_of(ticket), answered)

    def owner(self, ticket: Ticket) -> None:
        def answered(owner: str | None) -> None:
            self.send(ticket, "owner", "", lambda client: client.assign_owner(ticket, owner))

        self._ask.owner(f"Owner of {ticket.formatted_id}", answered)

    def iteration(self, ticket: Ticket) -> None:
        def answered(name: str | None) -> None:
            self.send(
                ticket, "iteration", name or "", lambda client: client.set_iteration(ticket, name)
            )

        self._ask.iteration(f"Iteration of {ticket.formatted_id}", answered)

    def parent(self, ticket: Ticket) -> None:
        def answered(parent: str | None) -> None:
            self.send(
                ticket, "parent", parent or "", lambda client: client.set_parent(ticket, parent)
            )

        self._ask.parent(f"Parent of {ticket.formatted_id}", answered)

    def rich_text(self, field: str, ticket: Ticket) -> None:
        """Edit a rich text as the HTML that it is: nothing of it is lost."""

        def answered(html: str) -> None:
            def work(client: AsyncCachingRallyClient) -> Coroutine[Any, Any, Ticket]:
                return client.update_ticket(ticket, {field: html})

            self._write_text(ticket, field, html, f"{field} of", work, self._app.put)

        html: str | None = getattr(ticket, field)
        title = f"{field.capitalize()} of {ticket.formatted_id} (HTML)"
        self._ask.text(title, html or "", answered, self._drafts.pop((ticket.ref, field), ""))

    def comment(self, ticket: Ticket) -> None:
        def answered(said: str) -> None:
            def work(client: AsyncCachingRallyClient) -> Coroutine[Any, Any, Comment]:
                return client.add_comment(ticket, said)

            def done(_: Comment) -> None:
                self._app.looking.look_beside(ticket)

            if said.strip():
                self._write_text(ticket, "comment", said, "comment on", work, done)

        draft = self._drafts.pop((ticket.ref, "comment"), "")
        self._ask.text(f"Comment on {ticket.formatted_id}", "", answered, draft)

    def _write_text(
        self,
        ticket: Ticket,
        field: str,
        text: str,
        what: str,
        work: Work[T],
        done: Callable[[T], Any],
    ) -> None:
        """Write a text; if that fails, it is there when it is edited the next time."""

        def failed(error: TwofoldError) -> None:
            self._drafts[ticket.ref, field] = text
            self._app.trouble(ticket, error)

        job = Job(f"{what} {ticket.formatted_id}", work, done, failed)
        self._app.desk.write([ticket.ref], job)

    def create(self) -> None:
        def answered(kind: str) -> None:
            self._ask.line(f"Name of the new {kind}", partial(self._create, kind))

        self._ask.one_of("New", NEW, answered)

    def _create(self, kind: str, name: str) -> None:
        above = self._app.list.ticket if kind == "task" else None
        fields: Mapping[str, object] = {} if above is None else {"parent": above}

        async def work(client: AsyncCachingRallyClient) -> Ticket:
            return await client.create_ticket(kind, name, fields)

        job = Job(f"creating a {kind}", work, self._created, self._failed)
        self._app.desk.write(["create"], job)

    def _created(self, ticket: Ticket) -> None:
        self._app.put(ticket)
        self._app.list.go_to(ticket.ref)
        self._app.notify(f"Created {ticket}", markup=False)

    def _failed(self, error: TwofoldError) -> None:
        self._app.notify(explained(error), severity="error", timeout=15, markup=False)

    def send(self, ticket: Ticket, field: str, value: str, work: Work[Ticket]) -> None:
        """Write one field of a ticket, and show what has become of it."""
        what = f"{ticket.formatted_id}: {field} {value}".rstrip()
        failed = partial(self._app.trouble, ticket)
        self._app.desk.write([ticket.ref], Job(what, work, self._app.put, failed, field))
