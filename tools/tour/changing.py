"""Every change of a ticket: asked for and sent while the server hangs."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from .chosen import Chosen
from .look import Held, lacks, says, shows
from .walk import Walk

ASKING = "asking the server ..."
NUMBERS = range(1, 10)
STATES = ("Idea", "Defined", "In-Progress", "Completed", "Accepted")
"""Of a story."""

POINTS, MANY_POINTS = "13", "21"
OWNER, ITERATION = "Ravi Menon", "2026-024"
NOTES, DESCRIPTION, COMMENT = "notes of a tour", "described on a tour", "said on a tour"
NEW = "Found on a tour"


@attrs.frozen
class Written:
    """To whom something is written; each to another ticket, so that it goes side by side."""

    states: Mapping[str, str]
    points: str
    owner: str
    iteration: str
    parent: str
    above: str
    """Becomes the parent."""
    notes: str
    description: str
    comment: str
    many: tuple[str, ...]

    @classmethod
    def of(cls, chosen: Chosen) -> Written:
        idents = iter([story.formatted_id for story in chosen.stories])
        return cls(
            states={next(idents): state for state in STATES},
            points=next(idents),
            owner=next(idents),
            iteration=next(idents),
            parent=next(idents),
            above=next(idents),
            notes=next(idents),
            description=next(idents),
            comment=next(idents),
            many=(next(idents), next(idents), next(idents)),
        )


def set_states(walk: Walk, written: Written) -> None:
    """Set states before it is known which there are, then such as there are not."""
    for number, ident in zip(NUMBERS, written.states, strict=False):
        walk.go_to(ident)
        walk.act(f"state({number})", shows(f"{ident}: state number {number}"))
    walk.spins("the states are read")
    walk.until("the states are known and sent", lambda look: ": state " in look.doing)
    for number in NUMBERS[len(STATES) :]:
        ident = walk.look().ticket
        walk.act(f"state({number})", more(walk, f"{ident} has {len(STATES)} states"))


def more(walk: Walk, text: str) -> Held:
    """Tell whether something stands on the screen once more than now."""
    before = walk.look().text.count(text)
    return lambda look: look.text.count(text) > before


def set_points(walk: Walk, written: Written) -> None:
    walk.calm()
    walk.go_to(written.points)
    walk.act("points", shows(f"Points of {written.points}"))
    walk.clear()
    walk.type("type what is no number", "x")
    walk.press("it is refused", "enter", shows("x is not a number"))
    walk.clear()
    walk.type("type points", POINTS)
    walk.press("send the points", "enter", says(f"points {POINTS}"))
    walk.spins("the points are sent")


def set_owner(walk: Walk, written: Written) -> None:
    walk.go_to(written.owner)
    walk.act("owner", shows(f"Owner of {written.owner}", ASKING))
    walk.spins("the users are read")
    walk.until("the users are there", shows("(nobody)"))
    walk.type("search for a user", OWNER, shows(OWNER))
    walk.press("send the owner", "enter", lambda look: f"{written.owner}: owner" in look.doing)


def set_iteration(walk: Walk, written: Written) -> None:
    walk.go_to(written.iteration)
    walk.act("iteration", shows(f"Iteration of {written.iteration}", ASKING))
    walk.until("the iterations are there", shows("(none: the backlog)"))
    walk.type("search for an iteration", ITERATION, lacks("(none: the backlog)"))
    walk.press("send it", "enter", lambda look: f"{written.iteration}: iteration" in look.doing)


def set_parent(walk: Walk, written: Written) -> None:
    walk.go_to(written.parent)
    walk.act("parent", shows(f"Parent of {written.parent}"))
    walk.type("type a parent", written.above)
    walk.press("send the parent", "enter", says(f"parent {written.above}"))


def write_texts(walk: Walk, written: Written) -> None:
    for name, ident, text in (
        ("notes", written.notes, NOTES),
        ("description", written.description, DESCRIPTION),
        ("comment", written.comment, COMMENT),
    ):
        walk.go_to(ident)
        walk.act(name, shows("ctrl+s sends it"))
        walk.type(f"type the {name}", text)
        walk.press("escape asks first", "escape", shows("escape again throws away"))
        walk.press("send it", "ctrl+s", lacks("sends it"))


def create(walk: Walk) -> None:
    walk.act("create", shows("Task of the ticket"))
    walk.type("a defect", "def", lacks("Story"))
    walk.press("its name is asked", "enter", shows("Name of the new defect"))
    walk.press("no name is refused", "enter", shows("must not be empty"))
    walk.type("type its name", NEW, shows(NEW))
    walk.press("send it", "enter", says("creating a defect"))


def change_many(walk: Walk, written: Written) -> None:
    for ident in written.many:
        walk.go_to(ident)
        walk.terminal.press("Space")
    count = len(written.many)
    walk.until("three are marked", says(f"{count} marked"), 5.0)
    walk.act("bulk", shows(f"Change {count} tickets", "Delete: into the recycle bin"))
    walk.type("points of all", "poi", lacks("Delete: into"))
    walk.press("how many is asked", "enter", shows(f"Points of {count} tickets"))
    walk.type("type points", MANY_POINTS)
    walk.press("send them", "enter", says(f"{count} tickets: points"))
    walk.spins("a bulk")
    walk.terminal.press("Escape")
    walk.terminal.until(lambda look: len(look.rows) > count)
    walk.scrolls("a bulk")
    walk.until("its outcomes are shown", shows(f"points: {count} done, 0 failed"))
    walk.press("leave the outcomes", "escape", lacks("0 failed"))
