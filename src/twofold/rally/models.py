"""Rally's nouns.  They know nothing of JSON: see `structure`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, overload

import attrs

Extra = Mapping[str, Any]


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


@attrs.frozen(kw_only=True)
class Ticket(ABC):
    """A work item.  What was not asked for, or is empty, is None."""

    ref: str
    """Where it is, without the server: `/defect/123`."""
    object_id: int
    formatted_id: str
    """What people call it: `US12`, `DE7`, `TA3`."""
    name: str
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
        """The state, from where this type keeps it."""

    @property
    @abstractmethod
    def points(self) -> Decimal | None:
        """The size: points of a story or defect, estimated hours of a task."""


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
class Comment:
    """A post in the discussion of a ticket."""

    ref: str
    object_id: int
    text: str
    """HTML."""
    artifact: Reference | None = None
    user: Reference | None = None
    number: int | None = None
    """Counted from 0 within a discussion."""
    created: datetime | None = None
    extra: Extra = attrs.field(factory=dict[str, Any], repr=False)
    warnings: tuple[str, ...] = attrs.field(default=(), eq=False)


@attrs.frozen(repr=False)
class TicketList(Sequence[Ticket]):
    """A complete list of tickets: every one that matched, each once."""

    tickets: tuple[Ticket, ...]
    warnings: tuple[str, ...] = attrs.field(default=(), eq=False)

    def __len__(self) -> int:
        return len(self.tickets)

    @overload
    def __getitem__(self, index: int) -> Ticket: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Ticket, ...]: ...
    def __getitem__(self, index: int | slice) -> Ticket | tuple[Ticket, ...]:
        return self.tickets[index]

    def __iter__(self) -> Iterator[Ticket]:
        return iter(self.tickets)

    def __repr__(self) -> str:
        return f"<TicketList of {len(self.tickets)}>"
