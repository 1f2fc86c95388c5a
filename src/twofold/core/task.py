"""One task of a client: how it is kept, what is known of it.

It must not know what a task is made of, nor who waits for it and how.
"""

from __future__ import annotations

import enum
from collections import deque
from collections.abc import Callable
from contextvars import Context, copy_context
from typing import Any, Generic, TypeVar, cast

import attrs

from ..errors import ArgumentError, Effect, OutcomeUnknownError
from .policy.checks import at_least
from .policy.slots import Place

T = TypeVar("T")


class TaskState(enum.Enum):
    """How far a task has come; the last three are final."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        return self not in (TaskState.PENDING, TaskState.RUNNING)


def span(instance: Any, field: attrs.Attribute[Any], value: Any) -> None:  # noqa: ARG001 - attrs calls it so
    """Check an attrs field: seconds, none included; infinity means for ever."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
        raise ArgumentError(f"{field.name} must be a number of seconds, not {value!r}")


@attrs.frozen(kw_only=True)
class Background:
    """How a client keeps the tasks that it was given."""

    concurrency: int | None = attrs.field(
        default=None, validator=attrs.validators.optional(at_least(1))
    )
    """How many run at once; those beyond are pending.  None: all of them."""
    drain: float = attrs.field(default=5.0, validator=span)
    """Seconds that the tasks are given to end by themselves when the client's block is left."""
    kept: int = attrs.field(default=100, validator=at_least(0))
    """How many ended tasks can still be asked for: the last ones."""
    kept_for: float = attrs.field(default=3600.0, validator=span)
    """Seconds after which an ended task is forgotten."""


@attrs.define(eq=False)
class Block:
    """The tasks of one `with` block of a client."""

    begin: Callable[[Record[Any]], None]
    """Have a task run, soon."""
    accepts: bool = True
    begun: int = 0
    """Those that were told to begin and have not ended."""
    pending: deque[Record[Any]] = attrs.field(factory=lambda: deque[Record[Any]]())


@attrs.define(eq=False)
class Record(Generic[T]):
    """What is known of a task; its table changes it, under the table's lock."""

    id: int
    name: str
    call: Callable[[], Any]
    block: Block
    is_quiet: bool
    """Whether it is nobody's: not counted, not listed, not kept."""
    created: float
    state: TaskState = TaskState.PENDING
    started: float | None = None
    ended: float | None = None
    value: T | None = None
    error: BaseException | None = None
    cancel: Callable[[], object] | None = None
    """Cancels it while it runs."""
    is_unwanted: bool = False
    """Whether it was cancelled before it ran."""
    context: Context = attrs.field(factory=copy_context)
    waiting: list[Place] = attrs.field(factory=lambda: list[Place]())

    def unwrap(self) -> T:
        """Return the value of an ended task, or raise its error."""
        if self.error is not None:
            raise self.error
        if self.state is TaskState.CANCELLED:
            far = "before it began" if self.started is None else "; how far it came is not known"
            effect = Effect.NONE if self.started is None else Effect.UNKNOWN
            raise OutcomeUnknownError(f"task {self.name!r} was cancelled {far}", effect=effect)
        return cast("T", self.value)
