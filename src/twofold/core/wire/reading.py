"""From an answer to a value: the endpoint's own `read`, a fence around it, and what it notes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import attrs

from ...errors import Effect, ServerError, TwofoldError
from ...events import DriftSeen
from ..drift import Notes, closed, opened
from ..drift_watch import DriftWatch
from ..request import Operation, Reply

T = TypeVar("T")

UNWATCHED = DriftWatch()


def read(
    operation: Operation[T],
    reply: Reply,
    drift: DriftWatch = UNWATCHED,
    tell: Callable[..., object] | None = None,
    secrets: Sequence[str] = (),
) -> T:
    """Return the value of an answer; `drift` says what becomes of what the models do not know.

    What is seen for the first time is told: `tell` is a call's own, and so are the `secrets` that
    no name may show.
    """
    notes = Notes(is_strict=drift.is_strict, secrets=drift.secrets or secrets)
    token = opened(notes)
    try:
        value = fenced(operation, reply)
    finally:
        closed(token)
    if notes.is_of_note:
        for fault in drift.heed(notes):
            if tell is not None:
                tell(DriftSeen, fault=fault)
        drift.judge(notes, reply.status)
    return value


def fenced(operation: Operation[T], reply: Reply) -> T:
    """Read an answer; one of a shape that nobody foresaw is the server's failure."""
    try:
        return operation.endpoint.read(reply)
    except TwofoldError as error:
        error.status = error.status or reply.status
        raise
    except Exception as error:
        raise ServerError(
            f"{reply.request.origin} answered {reply.status} in an unexpected shape "
            f"({type(error).__name__}): {reply.extract()}",
            status=reply.status,
            effect=Effect.UNKNOWN,
        ) from error


def untouched(operation: Operation[Any]) -> Operation[Reply]:
    """Return the operation with the answer itself as its value; it is judged all the same."""
    return judged_if(operation, lambda _: True)


def judged_if(
    operation: Operation[Any], is_to_be_judged: Callable[[Reply], bool]
) -> Operation[Reply]:
    """Return the operation with the answer itself as its value; some are judged, others are not."""

    def judged(reply: Reply) -> Reply:
        if is_to_be_judged(reply):
            operation.endpoint.read(reply)
        return reply

    endpoint = attrs.evolve(operation.endpoint, read=judged)
    return attrs.evolve(operation, endpoint=endpoint)
