"""Rally's nouns.  They know nothing of JSON: see `structure`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar, overload

import attrs

Extra = Mapping[str, Any]
T = TypeVar("T")


@attrs.frozen(kw_only=True)
class Reference:
    """Another object, as far as it came along."""

    ref: str
    """Where it is, without the server: `/user/123`."""
    name: str | None = None
    type: str | None = None
    extra: Extra = attrs.field(factory=dict[str, Any])
    """The fields of it that were asked for, as sent."""

    @property
    def object_id(self) -> int:
        return int(self.ref.rpartition("/")[2])


# It is abstract: how a ticket is shown and compared is made for each kind anyway.
@attrs.frozen(kw_only=True, repr=False, eq=False)
class Ticket(ABC):
    """A work item.  What was not asked for, or is empty, is None; its name and id are then ""."""

    ref: str
    """Where it is, without the server: `/defect/123`."""
    object_id: int
    formatted_id: str = ""
    """What people call it: `US12`, `DE7`, `TA3`."""
    name: str = ""
    description: str | None = None
    """HTML."""
    notes: str | None = None
    """HTML."""
    owner: Reference | None = None
    project: Reference | None = None
    iteration: Reference | None = None
    release: Reference | None = None
    tags: tuple[str, ...] = ()
    blocked: bool | None = None
    ready: bool | None = None
    created: datetime | None = None
    updated: datetime | None = None
    version: int | None = None
    """Grows by one with every change."""
    extra: Extra = attrs.field(factory=dict[str, Any], repr=False)
    """Every other field that came along, as sent."""
    warnings: tuple[str, ...] = attrs.field(default=(), eq=False)
    """What the server remarked when it answered with this ticket."""

    def __str__(self) -> str:
        return f"{self.formatted_id} {self.name}"

    @property
    @abstractmethod
    def state(self) -> str | None:
        """The state, from where this type keeps it; None: it is empty, or the type has none."""

    @property
    @abstractmethod
    def points(self) -> Decimal | None:
        """The size: points of a story or defect, estimated hours of a task; None likewise."""


@attrs.frozen(kw_only=True)
class Story(Ticket):
    """A user story, which Rally calls a HierarchicalRequirement."""

    schedule_state: str | None = None
    plan_estimate: Decimal | None = None
    """Points."""
    parent: Reference | None = None
    """The story above it."""
    feature: Reference | None = None
    """The portfolio item above it."""

    @property
    def state(self) -> str | None:
        return self.schedule_state

    @property
    def points(self) -> Decimal | None:
        return self.plan_estimate


@attrs.frozen(kw_only=True)
class Defect(Ticket):
    """A defect.  Its state and its schedule state are two independent axes."""

    defect_state: str | None = None
    schedule_state: str | None = None
    plan_estimate: Decimal | None = None
    """Points."""
    severity: str | None = None
    priority: str | None = None
    requirement: Reference | None = None
    """The story it belongs to."""

    @property
    def state(self) -> str | None:
        return self.defect_state

    @property
    def points(self) -> Decimal | None:
        return self.plan_estimate


@attrs.frozen(kw_only=True)
class Task(Ticket):
    """A task of a story or a defect."""

    task_state: str | None = None
    estimate: Decimal | None = None
    """Hours."""
    to_do: Decimal | None = None
    """Hours."""
    actuals: Decimal | None = None
    """Hours."""
    work_product: Reference | None = None
    """The story or defect it belongs to."""

    @property
    def state(self) -> str | None:
        return self.task_state

    @property
    def points(self) -> Decimal | None:
        return self.estimate


@attrs.frozen(kw_only=True)
class TestCase(Ticket):
    """A test case.  It has verdicts, but neither a state nor a size."""

    __test__ = False  # to pytest, which looks for tests by name

    test_type: str | None = None
    method: str | None = None
    """Manual or Automated."""
    priority: str | None = None
    risk: str | None = None
    objective: str | None = None
    pre_conditions: str | None = None
    post_conditions: str | None = None
    validation_input: str | None = None
    validation_expected_result: str | None = None
    last_verdict: str | None = None
    last_run: datetime | None = None
    last_build: str | None = None
    work_product: Reference | None = None
    """What it tests."""

    @property
    def state(self) -> str | None:
        return None

    @property
    def points(self) -> Decimal | None:
        return None


@attrs.frozen(kw_only=True)
class TestSet(Ticket):
    """Test cases that are run together."""

    __test__ = False

    schedule_state: str | None = None
    plan_estimate: Decimal | None = None
    """Points."""

    @property
    def state(self) -> str | None:
        return self.schedule_state

    @property
    def points(self) -> Decimal | None:
        return self.plan_estimate


@attrs.frozen(kw_only=True)
class DefectSuite(Ticket):
    """Defects that are dealt with together."""

    schedule_state: str | None = None
    plan_estimate: Decimal | None = None
    """Points."""
    severity: str | None = None

    @property
    def state(self) -> str | None:
        return self.schedule_state

    @property
    def points(self) -> Decimal | None:
        return self.plan_estimate


@attrs.frozen(kw_only=True)
class PortfolioItem(Ticket):
    """A portfolio item of any level: a feature, an epic, whatever a workspace calls them."""

    portfolio_state: Reference | None = None
    """An object of its own, since each level has states of its own."""
    parent: Reference | None = None
    """The portfolio item of the next level."""
    planned_start_date: datetime | None = None
    planned_end_date: datetime | None = None
    actual_start_date: datetime | None = None
    actual_end_date: datetime | None = None
    preliminary_estimate: Reference | None = None
    """A size such as `M`, which is an object of the workspace."""
    refined_estimate: Decimal | None = None
    """Points."""
    leaf_story_count: int | None = None
    accepted_leaf_story_count: int | None = None
    leaf_story_plan_estimate_total: Decimal | None = None
    """Points of all stories beneath."""
    percent_done_by_story_count: Decimal | None = None
    """Between 0 and 1."""
    percent_done_by_story_plan_estimate: Decimal | None = None
    """Between 0 and 1."""
    archived: bool | None = None

    @property
    def level(self) -> str:
        """The level it is of, in lower case: `feature`."""
        return self.ref.split("/")[-2]

    @property
    def state(self) -> str | None:
        return None if self.portfolio_state is None else self.portfolio_state.name

    @property
    def points(self) -> Decimal | None:
        return self.refined_estimate


@attrs.frozen(kw_only=True)
class Comment:
    """A post in the discussion of a ticket."""

    ref: str
    object_id: int
    text: str = ""
    """HTML."""
    artifact: Reference | None = None
    user: Reference | None = None
    number: int | None = None
    """Counted from 0 within a discussion."""
    created: datetime | None = None
    extra: Extra = attrs.field(factory=dict[str, Any], repr=False)
    warnings: tuple[str, ...] = attrs.field(default=(), eq=False)


@attrs.frozen(repr=False)
class ItemList(Sequence[T]):
    """A complete list: everything that matched, each once."""

    items: tuple[T, ...]
    warnings: tuple[str, ...] = attrs.field(default=(), eq=False)

    def __len__(self) -> int:
        return len(self.items)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[T, ...]: ...
    def __getitem__(self, index: int | slice) -> T | tuple[T, ...]:
        return self.items[index]

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self.items)}>"


@attrs.frozen(repr=False)
class TicketList(ItemList[Ticket]):
    """A complete list of tickets: every one that matched, each once."""

    @property
    def tickets(self) -> tuple[Ticket, ...]:
        return self.items
