"""Stories, defects and tasks of any number: in every seven, four, two and one of them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, TypeVar

from ..dates import iso
from ..model import ElementType, Record
from ..store import Store, rank
from ..table.around import CONVERSATION_POST
from ..table.items import (
    DEFECT,
    DEFECT_STATES,
    ENVIRONMENTS,
    PRIORITIES,
    RESOLUTIONS,
    SEVERITIES,
    STORY,
    TASK,
)
from . import words
from .landscape import SPRINTS_BEFORE, Landscape

T = TypeVar("T")

TURNS = (STORY, STORY, DEFECT, STORY, TASK, STORY, DEFECT)
POINTS = (None, 0.5, 1.0, 1.0, 2.0, 2.0, 3.0, 3.0, 5.0, 8.0)
HOURS = (None, 1.0, 2.0, 2.0, 3.5, 4.0, 8.0)
HISTORY = timedelta(days=600)
AWKWARD_EVERY = 13
COMMENT_EVERY = 40

PAST = ("Accepted", "Accepted", "Accepted", "Completed")
PRESENT = ("Defined", "In-Progress", "In-Progress", "Completed", "Accepted")
FUTURE = ("Idea", "Defined", "Defined")


class Tickets:
    """Makes tickets one after another, all from one source of chance."""

    def __init__(self, store: Store, around: Landscape, chance: random.Random) -> None:
        self._store = store
        self._around = around
        self._random = chance.random
        self._made: dict[ElementType, list[Record]] = {STORY: [], DEFECT: [], TASK: []}
        self._shuffle = chance.shuffle

    def make(self, count: int) -> None:
        """Add this many tickets; older ones have the smaller ObjectIDs."""
        ranks = list(range(count))
        self._shuffle(ranks)
        for place in range(count):
            values = self._common(place, count) | {"DragAndDropRank": rank(ranks[place])}
            self._add(TURNS[place % len(TURNS)], place, values)

    def _add(self, type: ElementType, place: int, values: dict[str, Any]) -> None:
        special = {STORY: self._story, DEFECT: self._defect, TASK: self._task}[type]
        record = self._store.add(type, special(values))
        if place % AWKWARD_EVERY == 5:
            record.values["Name"] = words.AWKWARD[place // AWKWARD_EVERY % len(words.AWKWARD)]
        self._made[type].append(record)
        self._tag(record)
        if place % COMMENT_EVERY == 3:
            self._comment(record)

    def _common(self, place: int, count: int) -> dict[str, Any]:
        project = self._pick(self._around.projects)
        created = self._store.calendar.start - HISTORY * (1 - place / count)
        touched = created + (self._store.calendar.start - created) * self._random()
        blocked = self._random() < 0.06
        return {
            "Project": project,
            "Owner": self._pick(self._around.users) if self._random() < 0.85 else None,
            "CreatedBy": self._pick(self._around.users),
            "Description": self._pick(words.PARAGRAPHS),
            "CreationDate": iso(created),
            "LastUpdateDate": iso(touched),
            "Ready": self._random() < 0.1,
            "Blocked": blocked,
            "BlockedReason": "Waiting for the vendor" if blocked else "",
            "DisplayColor": self._pick(words.COLOURS),
        }

    def _story(self, values: dict[str, Any]) -> dict[str, Any]:
        name = f"{self._pick(words.VERBS)} {self._pick(words.THINGS)}"
        return (
            values
            | self._planned(values)
            | {
                "Name": f"{name} {self._pick(words.CIRCUMSTANCES)}",
                "Parent": self._any_of(STORY, 0.12, values["Project"]),
            }
        )

    def _defect(self, values: dict[str, Any]) -> dict[str, Any]:
        state = self._pick(DEFECT_STATES)
        closed = values["LastUpdateDate"] if state == "Closed" else None
        thing = self._pick(words.THINGS)
        return (
            values
            | self._planned(values)
            | {
                "Name": f"{thing[0].upper()}{thing[1:]} {self._pick(words.SYMPTOMS)}",
                "State": state,
                "Severity": self._pick(("None", *SEVERITIES)),
                "Priority": self._pick(("None", *PRIORITIES)),
                "Environment": self._pick(ENVIRONMENTS),
                "Resolution": self._pick(RESOLUTIONS) if closed else "None",
                "SubmittedBy": values["CreatedBy"],
                "FoundInBuild": self._pick(words.BUILDS),
                "OpenedDate": None if state == "Submitted" else values["CreationDate"],
                "ClosedDate": closed,
                "Requirement": self._any_of(STORY, 0.4, None),
            }
        )

    def _task(self, values: dict[str, Any]) -> dict[str, Any]:
        product = self._pick(self._made[self._pick((STORY, STORY, DEFECT))])
        estimate = self._pick(HOURS)
        state = self._pick(("Defined", "In-Progress", "Completed"))
        left = {"Defined": 1.0, "In-Progress": 0.5, "Completed": 0.0}[state]
        return values | {
            "Name": f"{self._pick(words.CHORES)} for {self._pick(words.THINGS)}",
            "Project": product.values["Project"],
            "WorkProduct": product,
            "State": state,
            "TaskIndex": len(product.values["Tasks"].elements) + 1,
            "Estimate": estimate,
            "ToDo": None if estimate is None else estimate * left,
            "Actuals": None if estimate is None else estimate * (1 - left),
        }

    def _planned(self, values: dict[str, Any]) -> dict[str, Any]:
        sprints = self._around.sprints[values["Project"]]
        place = int(self._random() * (len(sprints) + 4))
        sprint = sprints[place] if place < len(sprints) else None
        releases = self._around.releases[values["Project"]]
        states: tuple[str, ...] = FUTURE
        if sprint is not None and place <= SPRINTS_BEFORE:
            states = PAST if place < SPRINTS_BEFORE else PRESENT
        state = self._pick(states)
        started = values["LastUpdateDate"] if state not in FUTURE else None
        return {
            "Iteration": sprint,
            "Release": self._pick(releases) if self._random() < 0.5 else None,
            "ScheduleState": state,
            "PlanEstimate": self._pick(POINTS),
            "InProgressDate": started,
            "AcceptedDate": started if state == "Accepted" else None,
        }

    def _any_of(self, type: ElementType, share: float, project: Record | None) -> Record | None:
        """Return an earlier ticket for a share of all calls, of one project if it is given."""
        if self._random() >= share or not self._made[type]:
            return None
        found = self._pick(self._made[type])
        return found if project is None or found.values["Project"] is project else None

    def _tag(self, record: Record) -> None:
        while self._random() < 0.3:
            record.values["Tags"].elements[self._pick(self._around.tags)] = None

    def _comment(self, record: Record) -> None:
        self._store.add(
            CONVERSATION_POST,
            {
                "Artifact": record,
                "Text": self._pick(words.COMMENTS),
                "User": self._pick(self._around.users),
                "PostNumber": 1,
                "CreationDate": record.values["LastUpdateDate"],
            },
        )

    def _pick(self, choices: Sequence[T]) -> T:
        # Three times as fast as random.choice.
        return choices[int(self._random() * len(choices))]
