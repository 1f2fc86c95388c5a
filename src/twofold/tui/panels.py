"""What is shown in a box: the keys, the team, outcomes; and what an error means for the user."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import attrs
from rich.text import Text

from ..errors import (
    ConflictError,
    CredentialsError,
    DeadlineError,
    NotFoundError,
    OfflineError,
    OutcomeUnknownError,
    RetryLaterError,
    ServerError,
    TwofoldError,
)
from ..outcome import Outcome
from ..rally import Ticket
from ..rally.models import PortfolioItem, Task
from .html_text import without_controls
from .keys import ACTIONS, SIGNS, Action, split
from .relations import name_of
from .screens import table

ADVICE: Sequence[tuple[type[TwofoldError], str]] = (
    (OutcomeUnknownError, "It may or may not have been done: refresh, and look before you repeat."),
    (ConflictError, "It was changed meanwhile: refresh and do it again."),
    (CredentialsError, "Check RALLY_APIKEY or the settings file, then start again."),
    (NotFoundError, "It is gone, or you may not see it: refresh."),
    (OfflineError, "Start without --offline to have it done."),
    (RetryLaterError, "The server wants a pause: do it again later."),
    (DeadlineError, "There was no answer in time: do it again later."),
    (ServerError, "The server cannot be reached or is in trouble: do it again later."),
)  # fmt: skip


def explained(error: TwofoldError) -> str:
    """Return what went wrong, and what to do."""
    advice = next((said for kind, said in ADVICE if isinstance(error, kind)), "")
    return f"{error}. {advice}".rstrip()


def of_connection(error: TwofoldError) -> str:
    """Return what an error says of the way to the server; empty: nothing."""
    match error:
        case ServerError(status=None) | DeadlineError():
            return "no answer"
        case ServerError():
            return f"the server says {error.status}"
        case OfflineError():
            return ""
        case RetryLaterError():
            return "the server wants a pause"
        case CredentialsError():
            return "refused"
        case _:
            return ""


def help_text(keys: Mapping[str, str]) -> Text:
    """Return which key does what, a group after the other."""
    text, group = Text(), ""
    for each in ACTIONS:
        if each.group != group:
            group = each.group
            text.append(f"{group}\n", "bold")
        text.append(f"  {pressed(keys, each):<22}{each.text}\n", "none")
    return text


def pressed(keys: Mapping[str, str], action: Action) -> str:
    """Return the keys of an action as they stand on a keyboard."""
    return ", ".join(map(readable, split(keys[action.name])))


def readable(key: str) -> str:
    """Return a key as it stands on a keyboard."""
    return "+".join(SIGNS.get(part, part) for part in key.split("+"))


@attrs.frozen
class Member:
    """One owner's share of what is shown."""

    name: str
    count: int
    sizes: Sequence[Decimal]
    """Points of those that have points."""

    @property
    def points(self) -> Decimal:
        return sum(self.sizes, Decimal(0))

    @property
    def mean(self) -> Decimal:
        """Points of a ticket that is measured in points."""
        return (self.points / max(1, len(self.sizes))).quantize(Decimal("0.1"))


def points_of(ticket: Ticket) -> list[Decimal]:
    """Return a ticket's points; none of what is measured otherwise.

    Tasks have hours, and a portfolio item's estimate is of the stories beneath it once more.
    """
    if ticket.points is None or isinstance(ticket, Task | PortfolioItem):
        return []
    return [ticket.points]


def team(tickets: Iterable[Ticket]) -> list[Member]:
    """Count tickets and points by owner, who has most first."""
    owned: dict[str, list[Ticket]] = {}
    for ticket in tickets:
        owned.setdefault(name_of(ticket.owner), []).append(ticket)
    members = [
        Member(name, len(some), [size for each in some for size in points_of(each)])
        for name, some in owned.items()
    ]
    return sorted(members, key=lambda member: (-member.points, -member.count, member.name))


def team_text(tickets: Iterable[Ticket]) -> Text:
    rows = [
        (one.name or "(nobody)", str(one.count), f"{one.points:f}", f"{one.mean:f}")
        for one in team(tickets)
    ]
    return table(("Owner", "Count", "Points", "Mean"), rows)


def outcomes_text(outcomes: Iterable[Outcome[Any, Any]]) -> Text:
    """Return how it went with each of many, those that failed first."""
    every = sorted(outcomes, key=lambda outcome: outcome.error is None)
    text = Text()
    for outcome in every:
        name = without_controls(str(outcome.item))
        if outcome.error is None:
            text.append(f"done    {name}\n", "none")
        else:
            said = explained(outcome.error) if isinstance(outcome.error, TwofoldError) else "failed"
            text.append(f"FAILED  {name}: {said}\n", "bold red")
    return text
