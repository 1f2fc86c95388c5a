"""What a sprint amounts to: counted and added up from its tickets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal

import attrs

from .models import Defect, DefectSuite, Story, Task, TestSet, Ticket

NOTHING = Decimal(0)

# Whatever is planned in points; a task is planned in hours.
Planned = Story | Defect | TestSet | DefectSuite

DONE = frozenset({"Accepted", "Released"})


@attrs.frozen(kw_only=True)
class SprintSummary:
    """The stories, defects and tasks of a sprint.  Points are those of stories and defects."""

    name: str
    tickets: Mapping[str, int]
    """How many there are of each type: story, defect, task."""
    by_state: Mapping[str, int]
    """How many stories and defects are in each schedule state."""
    points: Decimal
    points_by_state: Mapping[str, Decimal]
    accepted_points: Decimal
    """Points of what is accepted, or released."""
    estimate: Decimal
    """Hours of all tasks."""
    to_do: Decimal
    """Hours that are left."""
    actuals: Decimal
    """Hours that it took."""
    blocked: int
    """How many tickets are blocked."""


def summary(name: str, tickets: Iterable[Ticket]) -> SprintSummary:
    """Add up the tickets of a sprint."""
    found = list(tickets)
    planned = [ticket for ticket in found if isinstance(ticket, Planned)]
    tasks = [ticket for ticket in found if isinstance(ticket, Task)]
    by_state = points_by_state(planned)
    return SprintSummary(
        name=name,
        tickets=Counter(type(ticket).__name__.lower() for ticket in found),
        by_state=Counter(ticket.schedule_state or "" for ticket in planned),
        points=sum(by_state.values(), NOTHING),
        points_by_state=by_state,
        accepted_points=sum((by_state.get(state, NOTHING) for state in DONE), NOTHING),
        estimate=sum((task.estimate or NOTHING for task in tasks), NOTHING),
        to_do=sum((task.to_do or NOTHING for task in tasks), NOTHING),
        actuals=sum((task.actuals or NOTHING for task in tasks), NOTHING),
        blocked=sum(ticket.blocked is True for ticket in found),
    )


def points_by_state(tickets: Iterable[Planned]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for ticket in tickets:
        state = ticket.schedule_state or ""
        found[state] = found.get(state, NOTHING) + (ticket.plan_estimate or NOTHING)
    return found
