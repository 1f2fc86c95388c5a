"""Which one of several errors leaves a block of tasks.  It must not know how tasks run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeGuard


def foremost(
    own: BaseException | None,
    group: BaseExceptionGroup[Any],
    cancelled: type[BaseException],
) -> BaseException:
    """Choose the error that stands for the whole group, and note the others on it.

    In this order: what ends a program (Ctrl-C, SystemExit), the block's own error, the task's that
    failed first.  Cancellation never stands for an error, and needs no note.
    """
    failures = [error for part in group.exceptions for error in without(part, cancelled)]
    if not failures:
        return group
    if own is not None and (found := [error for error in failures if error is own]):
        failures.remove(found[0])
        failures.insert(0, own)
    chosen = next((error for error in failures if not isinstance(error, Exception)), failures[0])
    note_others(chosen, failures)
    return chosen


def without(error: BaseException, cancelled: type[BaseException]) -> Sequence[BaseException]:
    """Drop cancellation, also where a task's own group holds some; that group stays one error."""
    if isinstance(error, cancelled):
        return ()
    if is_group(error) and error.subgroup(cancelled) is not None:
        rest = error.split(cancelled)[1]
        return () if rest is None else (rest,)
    return (error,)


def is_group(error: BaseException) -> TypeGuard[BaseExceptionGroup[Any]]:
    return isinstance(error, BaseExceptionGroup)


def note_others(chosen: BaseException, failures: Sequence[BaseException]) -> None:
    """Say on the chosen error what else failed: a note survives `raise ... from`, context does not."""
    for error in failures:
        if error is not chosen:
            chosen.add_note(f"Meanwhile failed too: {type(error).__qualname__}: {error}")
