"""What goes into an emulator and what comes out; it knows no system, no socket and no clock."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

import attrs

Pairs = tuple[tuple[str, str], ...]

Cut = Literal["before", "after"]
"""The connection is dropped without an answer: before or after the request was carried out."""


class Incoming(Protocol):
    """A complete request, as it stood on the wire."""

    @property
    def method(self) -> str: ...

    @property
    def target(self) -> str:
        """Path and query as on the request line, percent-encoded."""
        ...

    @property
    def headers(self) -> Sequence[tuple[str, str]]: ...

    @property
    def body(self) -> bytes: ...


@attrs.frozen(eq=False)
class Answer:
    """One answer; compared by identity, since `Emulator.left` speaks of this very one."""

    status: int
    """0 if the connection is cut: there is no answer then."""
    headers: Pairs = ()
    body: bytes = b""
    after: float = 0.0
    """Seconds from the request's arrival until the answer is complete."""
    cut: Cut | None = None


class Emulator(Protocol):
    """State in memory behind a plain function; it does no I/O and never waits.

    `now` is the caller's monotonic time in seconds; any clock will do, if all calls use the same.
    Both methods may be called from several threads.
    """

    def answer(self, request: Incoming, now: float) -> Answer:
        """Carry out a request that arrives now; the change is made before this returns."""
        ...

    def left(self, answer: Answer, now: float) -> None:
        """Hear that the caller hung up before the answer was complete: its place is free."""
        ...
