"""Which one of several errors leaves a block of tasks.  It must not know how tasks run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NoReturn, TypeGuard


def leave(
    own: BaseException | None,
    group: BaseExceptionGroup[Any],
    cancelled: type[BaseException],
) -> Literal[False]:
    """End a block: let its own error leave by itself, as it is, or raise the one that stands."""
    error = foremost(own, group, cancelled)
    if error is own:
        return False
    try:
        raise_as_it_was(error)
    finally:
        del error, own, group  # else its traceback and this frame keep each other


def raise_as_it_was(error: BaseException) -> NoReturn:
    """Raise an error again; what happens to be handled meanwhile is not its context."""
    context = error.__context__
    if context is None:
        error.__suppress_context__ = True
    try:
        raise error
    finally:
        error.__context__ = context
        del error, context  # else its traceback and this frame keep each other


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
    if own is not None and without(own, cancelled):
        failures = [own, *(error for error in failures if not is_same(error, own))]
    if not failures:
        return group
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


def is_same(error: BaseException, other: BaseException) -> bool:
    """Tell whether they are one error: trio copies a group that passes a cancelled scope."""
    if is_group(error) and is_group(other):
        return leaves(error) == leaves(other)
    return error is other


def leaves(error: BaseException) -> list[int]:
    """Name the errors in a group, and in groups within."""
    if is_group(error):
        return [leaf for part in error.exceptions for leaf in leaves(part)]
    return [id(error)]


def is_group(error: BaseException) -> TypeGuard[BaseExceptionGroup[Any]]:
    return isinstance(error, BaseExceptionGroup)


def note_others(chosen: BaseException, failures: Sequence[BaseException]) -> None:
    """Say what else failed; a note is shown even if the error has a cause, a context is not."""
    for error in failures:
        if error is not chosen:
            chosen.add_note(f"Meanwhile failed too: {type(error).__qualname__}: {error}")
