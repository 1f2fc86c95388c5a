"""Words that a shell can complete without asking a server: types, and states.

The states are those of a new workspace.  Others are taken as well, they are only not offered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import typer

from ...rally.kinds import DEFECT, KINDS, STORY, TASK, Kind, find_kind

TYPES = tuple(kind.name.replace(" ", "") for kind in KINDS)

PLANNED = ("Defined", "In-Progress", "Completed", "Accepted")
STATES: Mapping[str, tuple[str, ...]] = {
    STORY.name: PLANNED,
    DEFECT.name: ("Submitted", "Open", "Fixed", "Closed"),
    TASK.name: ("Defined", "In-Progress", "Completed"),
}
PORTFOLIO_STATES = ("Discovering", "Developing", "Done")


def types(incomplete: str) -> list[str]:
    return beginning(TYPES, incomplete)


def states(context: typer.Context, incomplete: str) -> list[str]:
    """Offer the states of the types that are named before, of all types if none is."""
    given = context.params.get("type") or ()
    named = [given] if isinstance(given, str) else list(given)
    kinds = [kind for kind in map(find_kind, named) if kind is not None] or list(KINDS)
    return beginning((state for kind in kinds for state in states_of(kind)), incomplete)


def values(context: typer.Context, incomplete: str) -> list[str]:
    """Offer what the action of a bulk may be given."""
    action = context.params.get("action")
    if action == "state":
        return states(context, incomplete)
    return beginning(["me", "none"] if action == "owner" else ["none"], incomplete)


def states_of(kind: Kind) -> tuple[str, ...]:
    if kind.state_field is None:
        return ()
    return PORTFOLIO_STATES if kind.is_portfolio else STATES.get(kind.name, PLANNED)


def beginning(words: Iterable[str], start: str) -> list[str]:
    return [word for word in dict.fromkeys(words) if word.lower().startswith(start.lower())]
