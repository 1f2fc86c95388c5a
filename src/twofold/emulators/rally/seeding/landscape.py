"""What tickets stand in: subscription, workspace, people, projects, timeboxes and tags."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import attrs

from ..dates import iso
from ..model import Record
from ..store import Store
from ..table.around import TAG
from ..table.people import USER, USER_PROFILE
from ..table.places import PROJECT, SUBSCRIPTION, WORKSPACE
from ..table.timeboxes import ITERATION, RELEASE
from . import words

SPRINT = timedelta(days=14)
SPRINTS_BEFORE, SPRINTS_AFTER = 8, 3
QUARTER = timedelta(days=91)
LAST_MOMENT = timedelta(milliseconds=1)
MINUTE = timedelta(minutes=1)
AGE = timedelta(days=730)
"""How long all this has been there: longer than any ticket."""


@attrs.frozen
class Landscape:
    """The first project is the root of the tree, the first user is whose key it is."""

    workspace: Record
    users: list[Record]
    projects: list[Record]
    tags: list[Record]
    sprints: dict[Record, list[Record]]
    """Per project, oldest first; the one at SPRINTS_BEFORE is under way."""
    releases: dict[Record, list[Record]]


def landscape(store: Store, username: str) -> Landscape:
    """Create what every emulator has, whatever its number of tickets."""
    workspace = _workspace(store)
    users = [_user(store, *names) for names in words.PEOPLE]
    projects = _projects(store, workspace, users)
    users[0].values["UserName"] = users[0].values["EmailAddress"] = username
    users[0].values["SubscriptionAdmin"] = True
    for user in users:
        user.values["UserProfile"].values["DefaultWorkspace"] = workspace
        user.values["UserProfile"].values["DefaultProject"] = projects[0]
    around = Landscape(
        workspace=workspace,
        users=users,
        projects=projects,
        tags=[store.add(TAG, {"Name": name}) for name in words.TAGS],
        sprints={each: _sprints(store, each) for each in projects},
        releases={each: _releases(store, each) for each in projects},
    )
    for place, record in enumerate(store.records(store.types())):
        record.values["CreationDate"] = iso(store.calendar.start - AGE + place * MINUTE)
    return around


def _workspace(store: Store) -> Record:
    subscription = store.add(
        SUBSCRIPTION,
        {
            "Name": "Meridian Instruments",
            "SubscriptionID": 100_417,
            "SubscriptionType": "Unlimited",
        },
    )
    workspace = store.add(WORKSPACE, {"Name": "Meridian Engineering", "Subscription": subscription})
    store.settle(subscription, workspace)
    return workspace


def _user(store: Store, first: str, last: str) -> Record:
    login = "".join(c for c in f"{first}.{last}".lower() if c.isalnum() or c == ".")
    address = f"{login}@meridian.example"
    profile = store.add(USER_PROFILE, {"TimeZone": "Europe/London", "DateFormat": "yyyy-MM-dd"})
    return store.add(
        USER,
        {
            "UserName": address,
            "EmailAddress": address,
            "DisplayName": f"{first} {last}",
            "FirstName": first,
            "LastName": last,
            "UserProfile": profile,
        },
    )


def _projects(store: Store, workspace: Record, users: list[Record]) -> list[Record]:
    named: dict[str, Record] = {}
    for place, (name, parent) in enumerate(words.PROJECTS):
        project = store.add(
            PROJECT,
            {
                "Name": name,
                "Workspace": workspace,
                "Parent": named.get(parent),
                "Owner": None if parent else users[1],
            },
        )
        members = users[place::3]
        store.fill(project.values["TeamMembers"], members)
        named[name] = project
    return list(named.values())


def _sprints(store: Store, project: Record) -> list[Record]:
    under_way = _midnight(store) - timedelta(days=4)
    sprints: list[Record] = []
    for place in range(-SPRINTS_BEFORE, SPRINTS_AFTER + 1):
        begin = under_way + place * SPRINT
        sprints.append(
            store.add(
                ITERATION,
                {
                    "Name": f"Sprint {begin.year}-{begin.timetuple().tm_yday:03d}",
                    "Project": project,
                    "StartDate": iso(begin),
                    "EndDate": iso(begin + SPRINT - LAST_MOMENT),
                    "State": _timebox_state(place, "Accepted", "Committed"),
                    "PlannedVelocity": 40.0,
                },
            )
        )
    return sprints


def _releases(store: Store, project: Record) -> list[Record]:
    under_way = _midnight(store) - timedelta(days=13)
    releases: list[Record] = []
    for place in range(-2, 2):
        begin = under_way + place * QUARTER
        releases.append(
            store.add(
                RELEASE,
                {
                    "Name": f"Release {begin:%Y.%m}",
                    "Project": project,
                    "ReleaseStartDate": iso(begin),
                    "ReleaseDate": iso(begin + QUARTER - LAST_MOMENT),
                    "State": _timebox_state(place, "Accepted", "Active"),
                    "Version": f"4.{12 + place}",
                    "PlannedVelocity": 260.0,
                },
            )
        )
    return releases


def _midnight(store: Store) -> datetime:
    return datetime.combine(store.calendar.start.date(), time(), UTC)


def _timebox_state(place: int, past: str, present: str) -> str:
    if place < 0:
        return past
    return present if place == 0 else "Planning"
