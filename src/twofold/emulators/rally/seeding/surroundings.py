"""What stands around tickets besides places and people: flow states, portfolio, tests, files.

All of it is made after the tickets, so that it changes nothing about them but what it adds.
"""

from __future__ import annotations

import base64
import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from .. import flow, membership, rules
from ..dates import iso
from ..element_types import SCHEDULABLE
from ..model import ElementType, Record
from ..schema import define_types
from ..store import Store
from ..table.around import ATTACHMENT, ATTACHMENT_CONTENT
from ..table.items import STORY
from ..table.people import PROJECT_PERMISSION, WORKSPACE_PERMISSION
from ..table.places import WORKSPACE, WORKSPACE_CONFIGURATION
from ..table.portfolio import FEATURE, PORTFOLIO, PRELIMINARY_ESTIMATE, STATE, STATES
from ..table.timeboxes import MILESTONE
from ..table.verification import TEST_CASE, TEST_CASE_RESULT, TEST_FOLDER, TEST_SET, VERDICTS
from . import words
from .landscape import Landscape

SIZES = (("XS", 1.0), ("S", 2.0), ("M", 3.0), ("L", 5.0), ("XL", 8.0))
REVIEWING = "Firmware"
"""The project that has one flow state more than there are schedule states."""
STORIES_PER_FEATURE, STORIES_PER_TEST, TICKETS_PER_FILE = 12, 15, 60
MILESTONE_FEATURES = 3
PART = 5
"""How many portfolio items stand below one of the next level."""
FILES = (
    ("log 100% (1).txt", "text/plain", b"09:30:00 started\n09:30:07 stopped\n"),
    ("Größe & Maße #2.csv", "text/csv", "name;size\nGehäuse;12,5\n".encode()),
    (
        "screen.png",
        "image/png",
        base64.b64decode(
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5E"
            "rkJggg=="
        ),
    ),
)


class Surroundings:
    """Adds them to a store that has its tickets."""

    def __init__(self, store: Store, around: Landscape, chance: random.Random) -> None:
        self._store = store
        self._around = around
        self._chance = chance
        self._stories = store.records([STORY])
        self._definitions = define_types(store)

    def make(self) -> None:
        self._flow_states()
        self._sizes = [
            self._store.add(PRELIMINARY_ESTIMATE, {"Name": name, "Value": value})
            for name, value in SIZES
        ]
        self._portfolio()
        self._tests()
        self._files()
        self._permissions()
        self._store.add(WORKSPACE, {"Name": "Meridian Sandbox"})
        self._milestone()
        for workspace in self._store.records([WORKSPACE]):
            workspace.values["WorkspaceConfiguration"] = self._store.add(
                WORKSPACE_CONFIGURATION, {**words.CONFIGURATION, "Workspace": workspace}
            )
        for record in self._store.records(SCHEDULABLE):
            rules.follow(self._store, record, record.values["CreatedBy"])

    def _flow_states(self) -> None:
        for project in self._around.projects:
            reviewing = project.values["Name"] == REVIEWING
            further = [("In Review", "In-Progress")] if reviewing else []
            flow.add_flow_states(self._store, project, *further)
        for record in self._store.records(SCHEDULABLE):
            values = record.values
            values["FlowState"] = flow.flow_state(values["Project"], values["ScheduleState"])
            values["FlowStateChangedDate"] = values["InProgressDate"] or values["CreationDate"]

    def _portfolio(self) -> None:
        below: Sequence[Record] = self._stories
        for level in PORTFOLIO:
            states = self._states(level)
            share = STORIES_PER_FEATURE if level is PORTFOLIO[0] else PART
            count = -(-len(below) // share)
            below = [self._item(level, states, below[at::count]) for at in range(count)]

    def _states(self, type: ElementType) -> list[Record]:
        definition = self._definitions[type.name]
        return [
            self._store.add(
                STATE,
                {
                    "Name": name,
                    "OrderIndex": place,
                    "TypeDef": definition,
                    "Enabled": True,
                    "InProgressMarker": name == STATES[1],
                    "AcceptedMarker": name == STATES[-1],
                },
            )
            for place, name in enumerate(STATES)
        ]

    def _item(self, type: ElementType, states: Sequence[Record], below: Sequence[Record]) -> Record:
        start = self._store.calendar.start + timedelta(days=int(self._chance.random() * 200) - 100)
        values = {
            "Name": f"{self._pick(words.VERBS)} {self._pick(words.THINGS)}",
            "State": self._pick(states),
            "PreliminaryEstimate": self._pick(self._sizes),
            "PlannedStartDate": iso(start),
            "PlannedEndDate": iso(start + timedelta(days=90)),
            "PortfolioItemType": self._definitions[type.name],
        }
        item = self._store.add(type, self._owned(values))
        for each in below:
            reference = "PortfolioItem" if each.type == STORY else "Parent"
            if each.values.get("Parent") is None:
                self._refer(each, reference, item)
        return item

    def _refer(self, record: Record, reference: str, target: Record) -> None:
        inverse = record.type.attributes[reference].inverse
        record.values[reference] = target
        target.values[inverse].elements[record] = None

    def _permissions(self) -> None:
        for user in self._around.users:
            role = "Admin" if user is self._around.users[0] else "User"
            self._store.add(WORKSPACE_PERMISSION, {"User": user, "Role": role})
        for project in self._around.projects:
            for user in project.values["TeamMembers"].elements:
                values = {"User": user, "Project": project, "Role": "Editor"}
                membership.join(self._store.add(PROJECT_PERMISSION, values))

    def _milestone(self) -> None:
        date = iso(self._store.calendar.start + timedelta(days=45))
        milestone = self._store.add(MILESTONE, {"Name": "Trade fair", "TargetDate": date})
        features = self._store.records([FEATURE])[:MILESTONE_FEATURES]
        self._store.fill(milestone.values["Artifacts"], features)

    def _tests(self) -> None:
        folder = self._store.add(TEST_FOLDER, self._owned({"Name": "Regression"}))
        test_set = self._store.add(TEST_SET, self._owned({"Name": "Release candidate"}))
        for story in self._stories[::STORIES_PER_TEST]:
            values = {
                "Name": f"Check {self._pick(words.THINGS)}",
                "Project": story.values["Project"],
                "WorkProduct": story,
                "TestFolder": folder,
            }
            case = self._store.add(TEST_CASE, self._owned(values))
            test_set.values["TestCases"].elements[case] = None
            case.values["TestSets"].elements[test_set] = None
            self._run(case, test_set)

    def _run(self, case: Record, test_set: Record) -> None:
        self._store.add(
            TEST_CASE_RESULT,
            {
                "TestCase": case,
                "TestSet": test_set,
                "Build": self._pick(words.BUILDS) or "4.12.2",
                "Date": iso(self._store.calendar.start - timedelta(days=3)),
                "Verdict": self._pick(VERDICTS),
                "Tester": self._around.users[2],
            },
        )

    def _files(self) -> None:
        tickets = self._store.records([STORY])[4::TICKETS_PER_FILE]
        for place, ticket in enumerate(tickets):
            name, kind, content = FILES[place % len(FILES)]
            attachment = self._attach(ticket, name, kind, content)
            if kind.startswith("image/"):
                address = f"/slm/attachment/{attachment.oid}/{name}"
                ticket.values["Notes"] = f'<p>As seen:</p><img src="{address}">'

    def _attach(self, ticket: Record, name: str, kind: str, content: bytes) -> Record:
        text = base64.b64encode(content).decode()
        return self._store.add(
            ATTACHMENT,
            {
                "Name": name,
                "ContentType": kind,
                "Size": len(content),
                "Content": self._store.add(ATTACHMENT_CONTENT, {"Content": text}),
                "Artifact": ticket,
                "User": self._around.users[0],
                "Date": self._store.now(),
            },
        )

    def _owned(self, values: dict[str, Any]) -> dict[str, Any]:
        own = {"Project": self._pick(self._around.projects), "CreatedBy": self._around.users[1]}
        return own | {"Owner": self._pick(self._around.users)} | values

    def _pick(self, choices: Sequence[Any]) -> Any:
        return choices[int(self._chance.random() * len(choices))]
