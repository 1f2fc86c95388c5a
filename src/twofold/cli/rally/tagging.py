"""One tag, added to tickets or taken from them: looked up once, one outcome each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import attrs

from ..._sync.rally.client import RallyClient
from ...errors import ArgumentError, NotFoundError
from ...rally.models import Ticket
from ...rally.query.expression import condition
from ...rally.records import Tag
from ..formats import Row
from ..output import Watch
from .batches import for_each, look_up
from .outcomes import PLANNED as PLANNED
from .outcomes import empty, failed
from .outcomes import plan as planned
from .rows import row

TAGGED = ("id", "outcome", "formatted_id", "name", "tags", "error")

Known: TypeAlias = dict[str, Row]
"""What became of each ticket so far."""


@attrs.frozen
class Act:
    """What is done with a tag."""

    did: str
    find: Callable[[RallyClient, str], Tag]
    """Return the tag of a name."""
    carry_out: Callable[[RallyClient, Ticket, Tag], Ticket]
    foresee: Callable[[Sequence[str], str], list[str]]
    """Return the tags that a ticket would have."""


def named(tag: str) -> str:
    """Refuse what is no name of a tag before anything is sent."""
    if not tag.strip():
        raise ArgumentError("a tag must have a name")
    return tag.strip()


def found(rally: RallyClient, name: str) -> Tag:
    for tag in rally.get_tags(query=condition("Name", name), archived=None):
        if tag.name == name:
            return tag
    raise NotFoundError(f"there is no tag {name!r}, or these credentials cannot see it")


def added(rally: RallyClient, ticket: Ticket, tag: Tag) -> Ticket:
    return rally.add_tag(ticket, tag)


def removed(rally: RallyClient, ticket: Ticket, tag: Tag) -> Ticket:
    return rally.remove_tag(ticket, tag)


# Created once for all: tickets that are tagged side by side would each create one.
ADD = Act(
    "tagged",
    lambda rally, name: rally.create_tag(name),
    added,
    lambda tags, name: [*tags, *([] if name in tags else [name])],
)
REMOVE = Act("untagged", found, removed, lambda tags, name: [each for each in tags if each != name])


def tagged(
    rally: RallyClient, act: Act, name: str, ids: Sequence[str], watch: Watch, known: Known
) -> None:
    """Tag each ticket, and keep what is known of it; without tickets no tag is created."""
    known.update((each, empty(each, "not started", TAGGED)) for each in ids)
    looked_up = look_up(rally, ids, watch)
    known.update((one.item, failed(one.item, one.error, TAGGED)) for one in looked_up.failed)
    there = {one.item: one.value for one in looked_up.succeeded}
    if not there:
        return
    tag = act.find(rally, name)

    def attempt(ticket: str) -> None:
        known[ticket] = empty(ticket, "unknown", TAGGED)
        try:
            known[ticket] = row_of(ticket, act.did, act.carry_out(rally, there[ticket], tag))
        except Exception as error:
            known[ticket] = failed(ticket, error, TAGGED)
            raise

    for_each(attempt, list(there), watch, "tagging")


def row_of(given: str, did: str, ticket: Ticket) -> Row:
    now = row(ticket, ("formatted_id", "name", "tags"))
    return {"id": given, "outcome": did, **now, "error": None}


def plan(rally: RallyClient, act: Act, name: str, ids: Sequence[str], watch: Watch) -> list[Row]:
    """Return what tags each ticket would have."""
    return planned(
        look_up(rally, ids, watch), lambda ticket: {"tags": act.foresee(ticket.tags, name)}
    )
