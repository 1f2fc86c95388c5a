"""What a field is to become: asked of the user, with the values that the server allows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import attrs

from ..errors import ArgumentError, TwofoldError
from ..rally import AsyncCachingRallyClient, Ticket
from ..rally.ids import Located, Named, identify
from ..rally.kinds import STANDARD_PREFIXES
from .desk import Job, Work
from .panels import explained
from .screens import Ask, Choose, Write

if TYPE_CHECKING:
    from .app import RallyApp

Option: TypeAlias = tuple[str, str]
"""A value, and what is said of it."""

NOBODY: Option = ("", "(nobody)")
NO_ITERATION: Option = ("", "(none: the backlog)")


@attrs.frozen
class Wanted:
    """Who waits for options, and is told if they cannot be had."""

    found: Callable[[Sequence[Option]], None]
    failed: Callable[[TwofoldError], None]


class Asking:
    """Asks for one application; what the server was asked for once is kept."""

    def __init__(self, app: RallyApp) -> None:
        self._app = app
        self._known: dict[str, Sequence[Option]] = {}
        self._wanted: dict[str, list[Wanted]] = {}

    def states(self, ticket: Ticket, wanted: Wanted) -> bool:
        """Go on with the states that a type of ticket may have, in their order.

        Tell whether they were known; if not, the server is asked first.
        """
        kind = ticket.ref.rpartition("/")[0]
        return self._with(f"states of a {kind.strip('/')}", partial(states, ticket), wanted)

    def state(self, title: str, ticket: Ticket, then: Callable[[str], None]) -> None:
        self.states(ticket, self._choose(title, then))

    def points(self, title: str, value: str, then: Callable[[Decimal | None], None]) -> None:
        screen = Ask(title, value, size, "A number of at least 0; nothing clears it.")
        self._ask(screen, lambda said: then(size(said)))

    def owner(self, title: str, then: Callable[[str | None], None]) -> None:
        self._with("users", users, self._choose(title, lambda said: then(said or None)))

    def iteration(self, title: str, then: Callable[[str | None], None]) -> None:
        self._with("iterations", iterations, self._choose(title, lambda said: then(said or None)))

    def parent(self, title: str, then: Callable[[str | None], None]) -> None:
        screen = Ask(title, "", parent, "An id such as US12 or F3; nothing takes it out.")
        self._ask(screen, lambda said: then(said.strip() or None))

    def line(
        self, title: str, then: Callable[[str], None], check: Callable[[str], object] | None = None
    ) -> None:
        self._ask(Ask(title, "", check or not_empty), then)

    def text(self, title: str, value: str, then: Callable[[str], None], draft: str = "") -> None:
        """Ask for a text; `draft` is what was written before and has not arrived."""
        self._ask(Write(title, value, draft), then)

    def one_of(self, title: str, options: Sequence[Option], then: Callable[[str], None]) -> None:
        self._ask(Choose(title, options), then)

    def _choose(self, title: str, then: Callable[[str], None]) -> Wanted:
        """Open a question whose options are still to come."""
        screen = Choose(title, None)
        self._ask(screen, then)
        return Wanted(screen.offer, lambda error: screen.refuse(explained(error)))

    def _ask(self, screen: Ask | Choose | Write, then: Callable[[str], None]) -> None:
        def answered(said: str | None) -> None:
            if said is not None:
                then(said)

        self._app.push_screen(screen, answered)

    def _with(self, what: str, work: Work[Sequence[Option]], wanted: Wanted) -> bool:
        """Go on with options that are known, or with those that the server gives; tell which.

        Whoever wants what is asked for already waits for the same answer.
        """
        if what in self._known:
            wanted.found(self._known[what])
            return True
        if what in self._wanted:
            self._wanted[what].append(wanted)
        else:
            self._wanted[what] = [wanted]
            found, failed = partial(self._found, what), partial(self._failed, what)
            self._app.desk.read(what, Job(f"reading the {what}", work, found, failed))
        return False

    def _found(self, what: str, options: Sequence[Option]) -> None:
        self._known[what] = options
        for wanted in self._wanted.pop(what):
            wanted.found(options)

    def _failed(self, what: str, error: TwofoldError) -> None:
        for wanted in self._wanted.pop(what):
            wanted.failed(error)


def size(said: str) -> Decimal | None:
    """Return what a size means; ValueError says what it may be."""
    try:
        number = Decimal(said) if said.strip() else None
    except InvalidOperation:
        raise ValueError(f"{said} is not a number") from None
    if number is not None and not (number.is_finite() and number >= 0):
        raise ValueError("points are a number of at least 0")
    return number


def parent(said: str) -> Named | Located | None:
    """Return whom an id means; ArgumentError, which is a ValueError, says why it is none."""
    if not said.strip():
        return None
    found = identify(said, STANDARD_PREFIXES)
    if not isinstance(found, Named | Located):
        raise ArgumentError("a parent is named by its id, such as US12")
    return found


def not_empty(said: str) -> str:
    if not said.strip():
        raise ValueError("it must not be empty")
    return said


async def states(ticket: Ticket, client: AsyncCachingRallyClient) -> Sequence[Option]:
    place = identify(ticket, STANDARD_PREFIXES)
    field = place.kind.state_field if isinstance(place, Located) else None
    if not isinstance(place, Located) or field is None:
        return ()
    values = await client.get_allowed_values(place.kind.path, field)
    return [(each.value, each.value) for each in values if each.value]


async def users(client: AsyncCachingRallyClient) -> Sequence[Option]:
    found = await client.get_users()
    named = [(each.ref, each.display_name or each.user_name or each.ref) for each in found]
    return [NOBODY, *sorted(named, key=lambda option: option[1].lower())]


async def iterations(client: AsyncCachingRallyClient) -> Sequence[Option]:
    """Return the iterations by name, the latest first: the name means that of each project."""
    found = await client.get_iterations(below=True)
    names = dict.fromkeys(each.name for each in reversed(found) if each.name)
    return [NO_ITERATION, *((name, name) for name in names)]
