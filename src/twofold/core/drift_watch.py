"""What becomes of what servers send and models do not know: it is counted, told, or an error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from threading import Lock
from types import MappingProxyType

import attrs

from ..errors import Drift, DriftError, Fault
from .drift import MOST, Notes, current
from .forks import renewed_in_child

SHOWN = 5
"""Faults in the message of an error, at most."""


@attrs.frozen
class DriftCounts:
    """What a client came upon so far.  True if there is anything."""

    counts: Mapping[Drift, int]
    """In how many objects each was seen, the first seen first."""
    others: int = 0
    """Sightings beside: there are more kinds of them than are told apart."""

    def __bool__(self) -> bool:
        return bool(self.counts) or self.others > 0


class DriftCounter:
    """Counts what a client comes upon; safe to share between event loops and threads."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._counts: dict[Drift, int] = {}
        self._others = 0
        self.renew()
        renewed_in_child(self)

    def renew(self) -> None:
        """Go on in a forked child with a lock that nobody holds."""
        self._lock = Lock()

    def count(self, faults: Sequence[Fault], others: int = 0) -> Sequence[Fault]:
        """Count faults, and sightings beside; return the faults that are the first of a drift."""
        with self._lock:
            self._others += others
            return [fault for fault in faults if self._is_first(fault)]

    def read(self) -> DriftCounts:
        with self._lock:
            return DriftCounts(MappingProxyType(dict(self._counts)), self._others)

    def _is_first(self, fault: Fault) -> bool:
        seen = self._counts.get(fault.drift, 0)
        if not seen and len(self._counts) >= self._most:
            self._others += fault.times
            return False
        self._counts[fault.drift] = seen + fault.times
        return not seen


@attrs.frozen
class DriftWatch:
    """What becomes of drift in answers."""

    is_strict: bool = False
    """Whether it is an error."""
    counter: DriftCounter | None = None
    outer: Notes | None = None
    """Who counts it, where this is about a part of an answer."""

    @property
    def secrets(self) -> Sequence[str]:
        return () if self.outer is None else self.outer.secrets

    @property
    def of_kept(self) -> DriftWatch:
        """Return the same for answers that a server did not send just now: not to be counted."""
        return DriftWatch(self.is_strict)

    def read(self) -> DriftCounts:
        return DriftCounts(MappingProxyType({})) if self.counter is None else self.counter.read()

    def heed(self, notes: Notes) -> Sequence[Fault]:
        """Have it counted what was noted, and return what was never seen before."""
        if self.outer is not None:
            self.outer.pass_on(notes)
        if self.counter is None:
            return ()
        return self.counter.count([*notes.passed_on, *notes.faults], notes.others)

    def judge(self, notes: Notes, status: int) -> None:
        """Raise what was noted, if drift is an error."""
        if self.is_strict and notes.faults:
            raise drifted(notes.faults, notes.others, status)


def counted(*, is_strict: bool = False) -> DriftWatch:
    """Return a watch with a counter of its own."""
    return DriftWatch(is_strict, DriftCounter())


def within() -> DriftWatch:
    """Return the watch for a part of an answer that is read as one of its own."""
    notes = current()
    return DriftWatch() if notes is None else DriftWatch(notes.is_strict, outer=notes)


def drifted(faults: Sequence[Fault], others: int, status: int) -> DriftError:
    """Return the error that lists all faults of an answer; its message, the first of them."""
    more = len(faults) - SHOWN + others if len(faults) > SHOWN else others
    listed = [*map(str, faults[:SHOWN]), *([f"{more} more"] if more else [])]
    return DriftError(
        f"the answer is not as twofold knows it: {'; '.join(listed)}", faults=faults, status=status
    )
