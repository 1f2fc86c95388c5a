"""What a story takes from its children: its schedule state and its estimate.

Such a story stands in no iteration. The reference marks this as told by one source only, so it is
a switch. What the server answers who writes the fields all the same is not known: here the state
and the estimate are ignored with a warning, and an iteration is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs

from . import rules
from .drafts import Draft, ignored
from .model import Record
from .refused import invalid
from .store import Store
from .table.common import SCHEDULE_STATES
from .table.items import STORY

TAKEN = ("ScheduleState", "FlowState", "PlanEstimate")


@attrs.frozen
class Families:
    """Keeps the stories of a store in step with their children, if it is enabled."""

    store: Store
    enabled: bool

    def begin(self) -> None:
        """Bring all stories in step, as if they had always been."""
        for story in self.store.records([STORY]) if self.enabled else ():
            if story.values["Parent"] is None:
                self._begin(story)

    def allowed(self, record: Record, made: Draft) -> Draft:
        """Leave out of a change what the record takes from its children."""
        if not self.enabled or not _children(record):
            return made
        if made.values.get("Iteration") is not None:
            raise invalid(
                "HierarchicalRequirement.Iteration cannot be set on a story with children"
            )
        refused = [name for name in TAKEN if name in made.values]
        values = {name: each for name, each in made.values.items() if name not in TAKEN}
        warnings = [*made.warnings, *(ignored(record.type, name) for name in refused)]
        return attrs.evolve(made, values=values, warnings=warnings)

    def settle(self, *stories: Record | None) -> None:
        """Bring stories in step whose children changed, and those above them."""
        for each in stories if self.enabled else ():
            story = each
            while story is not None and self._changed(story):
                story = story.values["Parent"]

    def _changed(self, story: Record) -> bool:
        values = _differing(story)
        if not values:
            return False
        now = self.store.now()
        further = rules.consequences(story.type, story.values, values, now)
        self.store.change(story, values | further)
        return True

    def _begin(self, story: Record) -> None:
        for child in _children(story):
            self._begin(child)
        values = _differing(story)
        if not values:
            return
        if "Iteration" in values:
            self.store.mirror(story, "WorkProducts", story.values["Iteration"], None)
        now = story.values["LastUpdateDate"]
        story.values.update(values | rules.consequences(story.type, story.values, values, now))


def parent_of(record: Record | None) -> Record | None:
    """Return the story above a story; None for all else."""
    if record is None or record.type != STORY:
        return None
    parent: Record | None = record.values["Parent"]
    return parent


def _children(record: Record) -> list[Record]:
    return list(record.values["Children"].elements) if record.type == STORY else []


def _differing(story: Record) -> dict[str, Any]:
    """Return what the children give, where it is not so already."""
    children = _children(story)
    if not children:
        return {}
    own = {
        "ScheduleState": _state(children),
        "PlanEstimate": _estimate(children),
        "Iteration": None,
    }
    return {name: value for name, value in own.items() if story.values[name] != value}


def _estimate(children: Sequence[Record]) -> float | None:
    known = [child.values["PlanEstimate"] for child in children]
    return sum(each or 0.0 for each in known) if any(each is not None for each in known) else None


def _state(children: Sequence[Record]) -> str:
    """Return the state of the child that is the least far; In-Progress once any is so far."""
    places = [SCHEDULE_STATES.index(child.values["ScheduleState"]) for child in children]
    has_begun = min(places) < rules.IN_PROGRESS <= max(places)
    return SCHEDULE_STATES[rules.IN_PROGRESS if has_begun else min(places)]
