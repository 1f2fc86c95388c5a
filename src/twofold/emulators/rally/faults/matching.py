"""Which requests a fault meets, and when: every one, the nth, so many times."""

from __future__ import annotations

import attrs

from ..model import ElementType, Record
from .effects import Effect
from .subject import Subject


@attrs.frozen
class Match:
    """All that is given must fit; nothing given fits every request."""

    method: str | None = None
    path: str | None = None
    """Part of the target, query included, percent-decoded."""
    record: Record | None = None
    types: tuple[ElementType, ...] = ()
    body: bytes | None = None
    """Part of the body, as sent."""

    def fits(self, subject: Subject) -> bool:
        call = subject.call
        return (
            (self.method is None or call.method == self.method)
            and (self.path is None or self.path in call.target)
            and (self.record is None or subject.record is self.record)
            and (not self.types or subject.types == self.types)
            and (self.body is None or self.body in call.body)
        )


@attrs.define
class Fault:
    """One line of a script; it counts the requests that fit, whether it strikes or not."""

    match: Match
    effect: Effect
    nth: frozenset[int] = frozenset()
    """Which of them it strikes, from 1; empty: all."""
    times: int | None = None
    """How often it strikes at most."""
    _fitted: int = attrs.field(default=0, init=False)
    _struck: int = attrs.field(default=0, init=False)

    def strikes(self, subject: Subject) -> bool:
        """Count a request, and say whether it is struck."""
        if not self.match.fits(subject):
            return False
        self._fitted += 1
        due = not self.nth or self._fitted in self.nth
        if not due or (self.times is not None and self._struck >= self.times):
            return False
        self._struck += 1
        return True


class Script:
    """All faults of an emulator, in order."""

    def __init__(self, faults: list[Fault]) -> None:
        self._faults = faults

    def effect(self, subject: Subject) -> Effect | None:
        """Return what befalls a request: the first fault that strikes; all others count it too."""
        struck = [fault for fault in self._faults if fault.strikes(subject)]
        return struck[0].effect if struck else None
