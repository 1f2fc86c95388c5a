"""All types by name, the abstract ones included."""

from __future__ import annotations

from collections.abc import Sequence

from .model import ElementType, Record
from .table import around, definitions, items, people, places, portfolio, timeboxes, verification

TICKETS = (items.STORY, items.DEFECT, items.TASK)
SCHEDULABLE = (items.STORY, items.DEFECT, items.DEFECT_SUITE, verification.TEST_SET)
ARTIFACTS = (
    *SCHEDULABLE,
    items.TASK,
    items.RISK,
    verification.TEST_CASE,
    verification.TEST_FOLDER,
    *portfolio.PORTFOLIO,
)
PERMISSIONS = (people.WORKSPACE_PERMISSION, people.PROJECT_PERMISSION)

CONCRETE = {
    each.path: each
    for each in (
        *ARTIFACTS,
        items.BLOCKER,
        *(portfolio.STATE, portfolio.PRELIMINARY_ESTIMATE),
        *(verification.TEST_CASE_STEP, verification.TEST_CASE_RESULT),
        *(timeboxes.ITERATION, timeboxes.RELEASE, timeboxes.MILESTONE),
        *(around.TAG, around.CONVERSATION_POST, around.ATTACHMENT, around.ATTACHMENT_CONTENT),
        *(around.REVISION_HISTORY, around.REVISION, around.RECYCLE_BIN_ENTRY),
        *(around.CHANGESET, around.PULL_REQUEST),
        *(people.USER, people.USER_PROFILE, *PERMISSIONS, people.PREFERENCE),
        *(places.PROJECT, places.WORKSPACE, places.SUBSCRIPTION, places.FLOW_STATE),
        places.WORKSPACE_CONFIGURATION,
        *(definitions.TYPE_DEFINITION, definitions.ATTRIBUTE_DEFINITION),
        definitions.ALLOWED_VALUE,
    )
}
ABSTRACT = {
    "artifact": ARTIFACTS,
    "schedulableartifact": SCHEDULABLE,
    "portfolioitem": portfolio.PORTFOLIO,
    "connection": (around.PULL_REQUEST,),
    "userpermission": PERMISSIONS,
}


def concrete(name: str) -> tuple[ElementType, ...]:
    """Return the types that a name, concrete or abstract, stands for; none if it is unknown."""
    found = CONCRETE.get(name.lower())
    return (found,) if found is not None else ABSTRACT.get(name.lower(), ())


class Table:
    """The home of the types as they are written down: nothing lives there."""

    def concrete(self, name: str) -> tuple[ElementType, ...]:
        return concrete(name)

    def records(self, _: Sequence[ElementType], /) -> list[Record]:
        return []

    def now(self) -> str:
        return ""


for _each in CONCRETE.values():
    _each.home = Table()
