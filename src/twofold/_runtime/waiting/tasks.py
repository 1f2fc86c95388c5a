"""Task groups, and how errors leave them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from contextlib import AbstractAsyncContextManager, contextmanager
from types import TracebackType
from typing import ParamSpec, TypeAlias, TypeVar, TypeVarTuple, Unpack

from anyio import create_task_group, get_cancelled_exc_class
from anyio.abc import TaskGroup

from ..allowance import Allowance
from ..failures import leave

__all__ = ["Call", "CallWith", "TaskGroup", "create_task_group", "hired", "unwrapped_task_group"]

P = ParamSpec("P")
T = TypeVar("T")
Args = TypeVarTuple("Args")

Call: TypeAlias = Callable[P, Awaitable[T]]

CallWith: TypeAlias = Callable[[Unpack[Args]], Awaitable[T]]
"""The same, of the arguments that are given beside it: `CallWith[Unpack[Args], T]`."""


def unwrapped_task_group() -> AbstractAsyncContextManager[TaskGroup]:
    """Open a task group that errors leave as they are, one by one, never wrapped in a group.

    The block's own error cancels the tasks, waits for them, and leaves as it is.  A task's error
    cancels the rest and is raised bare.  Of several the foremost is raised: Ctrl-C and SystemExit,
    then the block's own, then the first; the others are notes on it.  Cancellation passes.
    """
    return Unwrapped()


class Unwrapped:
    def __init__(self) -> None:
        self._tasks = create_task_group()

    async def __aenter__(self) -> TaskGroup:
        return await self._tasks.__aenter__()

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool | None:
        try:
            return await self._tasks.__aexit__(exc_type, exc, traceback)
        except BaseExceptionGroup as group:
            return leave(exc, group, get_cancelled_exc_class())


@contextmanager
def hired(allowance: Allowance, wanted: int) -> Generator[int]:  # noqa: ARG001 - counts threads
    """Tell how many workers may be started beside the caller: as many as are wanted."""
    yield wanted
