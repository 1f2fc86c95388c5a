"""Task groups of threads, and how errors leave them."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from contextvars import copy_context
from threading import Thread, current_thread
from types import TracebackType
from typing import ParamSpec, Self, TypeAlias, TypeVar, TypeVarTuple, Unpack

from ..allowance import Allowance
from ..failures import leave
from . import spots
from .scopes import Cancelled, CancelScope, innermost, park
from .spots import Spot, guard

__all__ = ["Call", "CallWith", "TaskGroup", "create_task_group", "hired", "unwrapped_task_group"]

P = ParamSpec("P")
T = TypeVar("T")
Args = TypeVarTuple("Args")

Call: TypeAlias = Callable[P, T]

CallWith: TypeAlias = Callable[[Unpack[Args]], T]
"""The same, of the arguments that are given beside it: `CallWith[Unpack[Args], T]`."""


class Task(Thread):
    """A thread of a task group."""


class TaskGroup:
    """Threads that have all ended when the block has; the first error cancels the rest."""

    def __init__(self) -> None:
        self.cancel_scope = CancelScope()
        self._active = False
        self._running = 0
        self._expected: set[object] = set()
        self._ended: list[Thread] = []
        self._errors: list[BaseException] = []
        self._was_cut_short = False
        """Whether a task ended by cancellation: the group's own, or that of a scope around it."""
        self._joiner: Spot | None = None

    def start_soon(
        self, func: Callable[[Unpack[Args]], object], *args: *Args, name: object = None
    ) -> None:
        """Call a function in a thread of its own, in a copy of the caller's context."""
        context, ticket = copy_context(), object()
        context.run(innermost.set, self.cancel_scope)
        task = Task(
            target=context.run,
            args=(self._run, ticket, lambda: func(*args)),
            name=str(name or getattr(func, "__qualname__", func)),
            daemon=True,
        )
        self._see_off()
        try:
            self._expect(ticket)
            start(task)
        except BaseException:  # the system has no more threads, or Ctrl-C came first
            self._begins(ticket, and_ends=True)
            raise

    def _run(self, ticket: object, task: Callable[[], object]) -> None:
        if not self._begins(ticket):
            return
        spots.clock.begun()
        try:
            task()
        except Cancelled:
            self._was_cut_short = True
        except BaseException as error:  # raised where the group ends
            self._fail(error)
        finally:
            with guard:
                self._ended.append(current_thread())
                self._count_one_less()

    def _expect(self, ticket: object) -> None:
        with guard:
            if not self._active:
                raise RuntimeError("this task group is not active: no task can be started in it")
            self._running += 1
            self._expected.add(ticket)
            spots.clock.started()

    def _begins(self, ticket: object, *, and_ends: bool = False) -> bool:
        """Take note that a task has begun, or that it never will; only one of them is true."""
        with guard:
            is_expected = ticket in self._expected
            self._expected.discard(ticket)
            if is_expected and and_ends:
                self._count_one_less()
            return is_expected

    def _count_one_less(self) -> None:
        with guard:
            self._running -= 1
            if not self._running and self._joiner is not None:
                spots.wake(self._joiner)
            spots.clock.finished()

    def _fail(self, error: BaseException) -> None:
        with guard:
            self._errors.append(error)
        self._cancel()

    def _cancel(self) -> None:
        """Cancel the tasks; what fails while they are interrupted is one error more."""
        try:
            self.cancel_scope.cancel()
        except Exception as error:
            with guard:
                self._errors.append(error)

    def __enter__(self) -> Self:
        self.cancel_scope.__enter__()
        self._active = True
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        if isinstance(exc, Cancelled):
            self._cancel()
        elif exc is not None:
            self._fail(exc)
        # The tasks may have ended before anybody waited for them.
        was_cancelled = self._join() or self._was_cut_short
        if self._errors:
            return self._raise_errors()
        if exc is not None or not was_cancelled:
            return self.cancel_scope.__exit__(exc_type, exc, traceback)
        if self.cancel_scope.__exit__(Cancelled, Cancelled(), None):
            return True
        raise Cancelled

    def _raise_errors(self) -> bool:
        errors, self._errors = self._errors, []
        self.cancel_scope.__exit__(None, None, None)
        raise BaseExceptionGroup("unhandled errors in a TaskGroup", errors) from None

    def _join(self) -> bool:
        """Wait for every thread; tell whether cancellation came meanwhile, note a Ctrl-C."""
        was_cancelled = False
        while not self._is_over():
            try:
                self._wait_for_all(shield=was_cancelled)
                self._see_off()
            except Cancelled:
                was_cancelled = True
                self._cancel()
            except KeyboardInterrupt as interrupt:
                self._fail(interrupt)
        return was_cancelled

    def _is_over(self) -> bool:
        with guard:
            self._active = bool(self._running or self._ended)
            return not self._active

    def _wait_for_all(self, *, shield: bool) -> None:
        with guard:
            if not self._running:
                return
            self._joiner = joiner = Spot(joins=True)
        park(joiner, shield=shield)

    def _see_off(self) -> None:
        """Join threads that have nothing more to do than to end."""
        with guard:
            ended, self._ended = self._ended, []
        for task in ended:
            task.join()


def create_task_group() -> TaskGroup:
    """Open a group whose errors are gathered in an ExceptionGroup."""
    return TaskGroup()


def unwrapped_task_group() -> AbstractContextManager[TaskGroup]:
    """Open a task group that errors leave as they are, one by one, never wrapped in a group.

    The block's own error cancels the tasks, waits for them, and leaves as it is.  A task's error
    cancels the rest and is raised bare.  Of several the foremost is raised: Ctrl-C and SystemExit,
    then the block's own, then the first; the others are notes on it.  Cancellation passes.
    """
    return Unwrapped()


class Unwrapped:
    def __init__(self) -> None:
        self._tasks = create_task_group()

    def __enter__(self) -> TaskGroup:
        return self._tasks.__enter__()

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool | None:
        try:
            return self._tasks.__exit__(exc_type, exc, traceback)
        except BaseExceptionGroup as group:
            return leave(exc, group, Cancelled)


@contextmanager
def hired(allowance: Allowance, wanted: int) -> Generator[int]:
    """Borrow from the allowance; tell how many workers may be started beside the caller."""
    lent = allowance.take(wanted)
    try:
        yield lent
    finally:
        allowance.give(lent)


def start(task: Thread) -> None:
    """Start a thread; Ctrl-C meanwhile is raised as it is.

    Where it strikes while the standard library waits for the thread to begin, that fails over a
    lock of its own and raises RuntimeError in place of the interrupt.
    """
    try:
        task.start()
    except RuntimeError as error:
        if isinstance(error.__context__, KeyboardInterrupt):
            raise error.__context__ from None
        raise
