"""What servers send that models do not know: noted by whoever reads an answer.

Notes hold names and places, never values: they may be private.  What becomes of them: see
`drift_watch`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextvars import ContextVar, Token
from functools import lru_cache

import attrs

from ..errors import Drift, DriftKind, Fault
from .text.secrets import scrubbed

MOST = 500
"""Faults of one answer that are named, and drifts that are counted each by itself; at most."""

LONGEST_KEY = 80

INDEX = re.compile(r"\[\d+\]")


class Notes:
    """What the reading of one answer came upon: each drift once for all objects side by side."""

    __slots__ = ("_faults", "_times", "is_strict", "others", "passed_on", "secrets")

    def __init__(self, *, is_strict: bool = False, secrets: Sequence[str] = ()) -> None:
        self.is_strict = is_strict
        self.secrets = secrets
        """What no name may show, whatever the server put into it."""
        self.others = 0
        """Sightings beside those that are named."""
        self.passed_on: list[Fault] = []
        """Faults of what was read as an answer of its own: to be counted here, raised there."""
        self._faults: dict[tuple[Drift, str], Fault] = {}
        self._times: dict[tuple[Drift, str], int] = {}

    @property
    def is_of_note(self) -> bool:
        return bool(self._faults or self.passed_on)

    @property
    def faults(self) -> Sequence[Fault]:
        return [
            attrs.evolve(fault, times=self._times[place]) for place, fault in self._faults.items()
        ]

    def add(self, fault: Fault) -> None:
        place = (fault.drift, INDEX.sub("[]", fault.path))
        if place in self._faults:
            self._times[place] += fault.times
        elif len(self._faults) < MOST:
            self._faults[place] = hidden(fault, self.secrets)
            self._times[place] = fault.times
        else:
            self.others += fault.times

    def pass_on(self, notes: Notes) -> None:
        self.passed_on += [*notes.passed_on, *notes.faults]
        self.others += notes.others


# An answer is read in one go, by whoever has it: what is read meanwhile elsewhere has its own.
_open: ContextVar[Notes | None] = ContextVar("twofold_drift", default=None)


def opened(notes: Notes) -> Token[Notes | None]:
    """Take notes in here from now on; they are closed with the token."""
    return _open.set(notes)


def closed(token: Token[Notes | None]) -> None:
    _open.reset(token)


def current() -> Notes | None:
    """Return the notes that are open in here; None: there are none."""
    return _open.get()


def note(faults: Iterable[Fault]) -> None:
    """Note what is not as a model knows it; where nobody takes notes, do nothing."""
    notes = current()
    if notes is not None:
        for fault in faults:
            notes.add(fault)


def fault(model: type[object], key: str, kind: DriftKind, place: str, times: int = 1) -> Fault:
    """Return the fault of a key of an object; `place` is the path of the object, if it has one."""
    drift = drift_of(model.__name__, shown(key), kind)
    return Fault(drift, f"{place}.{drift.key}" if place else drift.key, times)


def hidden(fault: Fault, secrets: Sequence[str]) -> Fault:
    """Take secrets out of the names of a fault."""
    path = scrubbed(fault.path, secrets)
    if path == fault.path:
        return fault
    key = scrubbed(fault.drift.key, secrets)
    return attrs.evolve(fault, path=path, drift=attrs.evolve(fault.drift, key=key))


@lru_cache(maxsize=1024)
def drift_of(model: str, key: str, kind: DriftKind) -> Drift:
    """Return one value for what comes by the thousand: it is hashed once."""
    return Drift(model, key, kind)


def shown(key: str) -> str:
    """Return a key as it may stand in a log or on a terminal: servers may send any text."""
    if len(key) <= LONGEST_KEY and key.isprintable():
        return key
    return ascii(key[:LONGEST_KEY])[1:-1]
