"""What each field of a model is called on the wire.  A new type is one line here, and its model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from .kinds import DEFECT, DEFECT_SUITE, STORY, TASK, TEST_CASE, TEST_SET, Kind
from .models import (
    Comment,
    Defect,
    DefectSuite,
    PortfolioItem,
    Story,
    Task,
    TestCase,
    TestSet,
    Ticket,
)
from .query.fields import wire_name
from .records import AllowedValue, Attachment, Iteration, Record, Release, Revision, Tag, User

Names: TypeAlias = dict[str, str]
"""Field of a model -> name on the wire."""

OBJECT: Names = {"ref": "_ref", "object_id": "ObjectID"}


def named(fields: str, **others: str) -> Names:
    """Return names by rule, `PlanEstimate` for `plan_estimate`, and those that follow none."""
    return {field: wire_name(field) for field in fields.split()} | others


# Of every ticket.
COMMON: Names = OBJECT | named(
    "formatted_id name description notes owner project iteration release tags blocked ready"
    " created updated version"
)

# Of each kind beside.
OWN: Mapping[type[Ticket], Names] = {
    Story: named("schedule_state plan_estimate parent feature"),
    Defect: named("defect_state schedule_state plan_estimate severity priority requirement"),
    Task: named("task_state estimate to_do actuals work_product"),
    TestCase: named(
        "test_type method priority risk objective pre_conditions post_conditions validation_input"
        " validation_expected_result last_verdict last_run last_build work_product"
    ),
    TestSet: named("schedule_state plan_estimate"),
    DefectSuite: named("schedule_state plan_estimate severity"),
    PortfolioItem: named(
        "portfolio_state parent planned_start_date planned_end_date actual_start_date"
        " actual_end_date preliminary_estimate refined_estimate leaf_story_count"
        " accepted_leaf_story_count leaf_story_plan_estimate_total percent_done_by_story_count"
        " percent_done_by_story_plan_estimate archived"
    ),
}

RECORDS: Mapping[type[Any], Names] = {
    Comment: OBJECT | named("text artifact user created", number="PostNumber"),
    Iteration: OBJECT
    | named(
        "name start_date end_date state theme notes planned_velocity plan_estimate project created"
    ),
    Release: OBJECT
    | named(
        "name state theme notes planned_velocity project created",
        start_date="ReleaseStartDate",
        end_date="ReleaseDate",
        version="Version",
    ),
    User: OBJECT
    | named(
        "user_name display_name first_name last_name email_address disabled",
        profile="UserProfile",
    ),
    Tag: OBJECT | named("name archived usage_count"),
    Revision: OBJECT | named("description user created", number="RevisionNumber"),
    Attachment: OBJECT | named("name description content_type size content artifact user created"),
    AllowedValue: {
        "ref": "_ref",
        "value": "StringValue",
        "label": "LocalizedStringValue",
        "index": "ValueIndex",
    },
    Record: {"ref": "_ref", "type": "_type", "name": "_refObjectName"},
}

NAMES: Mapping[type[Any], Names] = {
    **{model: COMMON | own for model, own in OWN.items()},
    **RECORDS,
}

# All that may be in a field, where it is the same in every workspace.  Schedule states, states of
# defects, severities and the like are each workspace's own.  Source: Rally WSAPI v2.0.
WORDS: Mapping[type[Any], Mapping[str, frozenset[str]]] = {
    Task: {"task_state": frozenset({"Defined", "In-Progress", "Completed"})},
    Iteration: {"state": frozenset({"Planning", "Committed", "Accepted"})},
    Release: {"state": frozenset({"Planning", "Active", "Accepted"})},
}

# What the server leaves out though it was asked for: some types, or levels of a type, have it not.
MAY_BE_MISSING: Mapping[type[Any], frozenset[str]] = {
    TestCase: frozenset({"iteration", "release", "blocked"}),
    PortfolioItem: frozenset({"iteration", "release", "blocked", "parent"}),
    AllowedValue: frozenset({"ref"}),
}

MODELS: Mapping[str, type[Ticket]] = {
    STORY.element: Story,
    DEFECT.element: Defect,
    TASK.element: Task,
    TEST_CASE.element: TestCase,
    TEST_SET.element: TestSet,
    DEFECT_SUITE.element: DefectSuite,
}


def model_of(kind: Kind) -> type[Ticket]:
    return PortfolioItem if kind.is_portfolio else MODELS[kind.element]


def to_fetch(names: Iterable[str]) -> str:
    """Return what to fetch of names on the wire; those with an underscore come anyway."""
    return ",".join(name for name in names if not name.startswith("_"))


def due(model: type[Any]) -> Names:
    """Return the fields of a model that every object has, if they are asked for."""
    may_be_missing = MAY_BE_MISSING.get(model, frozenset())
    return {
        field: name
        for field, name in NAMES[model].items()
        if field not in may_be_missing and not name.startswith("_")
    }


def fields_of(kind: Kind) -> str:
    """Return what to fetch so that a model of this kind is filled."""
    return to_fetch(NAMES[model_of(kind)].values())
