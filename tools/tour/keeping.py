"""What was written stands on the screen, and at the server."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from twofold.rally import Reference, Story, Ticket

from .changing import (
    COMMENT,
    DESCRIPTION,
    ITERATION,
    MANY_POINTS,
    NEW,
    NOTES,
    OWNER,
    POINTS,
    Written,
)
from .chosen import Chosen, kept
from .look import Held, Look, shows
from .taking import FILE
from .walk import Walk

PATIENCE = 120.0  # seconds, for what is read beside a ticket


def check_screen(walk: Walk, written: Written, chosen: Chosen) -> None:
    """Look at every ticket again."""
    for ident, state in written.states.items():
        seen(walk, ident, f"state {state}", fact("State", state))
    for ident, points in sized(written):
        seen(walk, ident, f"points {points}", fact("Points", points))
    seen(walk, written.owner, f"owner {OWNER}", fact("Owner", OWNER))
    seen(
        walk, written.iteration, f"iteration {ITERATION}", fact("Iteration", f"Sprint {ITERATION}")
    )
    above = next(each.name for each in chosen.stories if each.formatted_id == written.above)
    seen(walk, written.parent, f"parent {written.above}", fact("Parent", above[:20]))
    seen(walk, written.notes, "notes", shows(NOTES))
    seen(walk, written.description, "description", shows(DESCRIPTION))
    seen(walk, written.comment, "comment", shows("Discussion (1)", COMMENT))
    seen(walk, chosen.pictured.formatted_id, "attachment", shows(FILE))


def seen(walk: Walk, ident: str, what: str, held: Held) -> None:
    walk.go_to(ident)
    walk.until(f"on the screen: {ident} {what}", held, PATIENCE)


def fact(title: str, value: str) -> Held:
    def held(look: Look) -> bool:
        return any(f"{title:<11}{value}" in line for line in look.lines)

    return held


def check_server(walk: Walk, written: Written, chosen: Chosen, ready: Mapping[str, str]) -> None:
    """Ask the server itself, with a client of the other colour."""
    by_id = {each.formatted_id: each for each in chosen.stories}
    now = kept(ready, by_id[written.comment], chosen.pictured)

    def check(ident: str, what: str, *, held: bool) -> None:
        walk.notes.check(f"at the server: {ident} {what}", held, "" if held else f"{story(ident)}")

    def story(ident: str) -> Ticket:
        return now.tickets[ident]

    for ident, state in written.states.items():
        check(ident, f"state {state}", held=story(ident).state == state)
    for ident, points in sized(written):
        check(ident, f"points {points}", held=story(ident).points == Decimal(points))
    owner, iteration = story(written.owner).owner, story(written.iteration).iteration
    check(written.owner, "owner", held=named(owner) == OWNER)
    check(written.iteration, "iteration", held=named(iteration) == f"Sprint {ITERATION}")
    above = parent(story(written.parent))
    check(written.parent, "parent", held=above is not None and above == by_id[written.above].ref)
    check(written.notes, "notes", held=NOTES in (story(written.notes).notes or ""))
    described = story(written.description).description or ""
    check(written.description, "description", held=DESCRIPTION in described)
    check(
        written.comment, "comment", held=[COMMENT in each.text for each in now.comments] == [True]
    )
    check(chosen.pictured.formatted_id, "attachment", held=FILE in now.files)
    names = [each.name for each in now.tickets.values()]
    walk.notes.check(f"at the server: one defect {NEW}", names.count(NEW) == 1)


def sized(written: Written) -> list[tuple[str, str]]:
    """Return who was given points, and how many."""
    return [(written.points, POINTS), *((ident, MANY_POINTS) for ident in written.many)]


def named(reference: Reference | None) -> str:
    return "" if reference is None else reference.name or ""


def parent(ticket: Ticket) -> str | None:
    return ticket.parent.ref if isinstance(ticket, Story) and ticket.parent else None
