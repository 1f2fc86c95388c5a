"""The kinds of work item, and where each keeps what people call its state and its points.

Source: Rally WSAPI v2.0, object model; prefixes are the defaults of a workspace.
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from ..errors import ArgumentError


@attrs.frozen
class Kind:
    """One type of work item."""

    name: str
    """What people say: story, defect, task."""
    path: str
    """The type in addresses."""
    element: str
    """The type in bodies, and in `_type`."""
    prefix: str
    """How FormattedIDs of this type begin by default."""
    state_field: str
    points_field: str


STORY = Kind(
    "story", "hierarchicalrequirement", "HierarchicalRequirement", "US", "ScheduleState",
    "PlanEstimate",
)  # fmt: skip
DEFECT = Kind("defect", "defect", "Defect", "DE", "State", "PlanEstimate")
TASK = Kind("task", "task", "Task", "TA", "State", "Estimate")

KINDS = (STORY, DEFECT, TASK)

BY_NAME = {
    name: kind
    for kind in KINDS
    for name in (kind.name, kind.path, f"{kind.name}s", kind.name.replace("y", "ies"))
} | {"userstory": STORY, "userstories": STORY}

STANDARD_PREFIXES = {kind.prefix: kind for kind in KINDS} | {"S": STORY}


def kind_named(name: object) -> Kind:
    """Return the kind of a name such as `story`, `Defect` or `HierarchicalRequirement`."""
    kind = BY_NAME.get(name.lower()) if isinstance(name, str) else None
    if kind is None:
        known = ", ".join(kind.name for kind in KINDS)
        raise ArgumentError(f"{name!r} is not a type of ticket; there are {known}")
    return kind


def kinds_named(names: Iterable[str] | str | None) -> tuple[Kind, ...]:
    """Return kinds in the order given, each once; None means all."""
    if names is None:
        return KINDS
    kinds = tuple(dict.fromkeys(map(kind_named, [names] if isinstance(names, str) else names)))
    if not kinds:
        raise ArgumentError("types must name at least one type of ticket")
    return kinds
