"""Writes that overlap on a shared object: the later one is refused, and may be sent again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .model import ElementType, Record
from .refused import Refused
from .table.around import ATTACHMENT

SHARED = ("Parent", "PortfolioItem", "WorkProduct", "Requirement")
CONFLICT = (
    "Concurrency conflict: [Object has been modified since being read for update in this context] "
    "- ConcurrencyConflictException : Modified since read on update : "
    "Object Class : com.f4tech.slm.domain.{java_class} : ObjectID : {oid}"
)


def conflict(java_class: str, oid: int) -> str:
    return CONFLICT.format(java_class=java_class, oid=oid)


def touched(type: ElementType, record: Record | None, values: Mapping[str, Any]) -> list[Record]:
    """Return what a write changes: the object itself, and what it refers to before and after."""
    former = {} if record is None else record.values
    both = [each.get(name) for name in _shared_by(type) for each in (former, values)]
    return [each for each in (record, *both) if isinstance(each, Record)]


def _shared_by(type: ElementType) -> tuple[str, ...]:
    """Name the references that make writes meet."""
    return ("Artifact", "TestCaseResult") if type == ATTACHMENT else SHARED


class Conflicts:
    """Knows until when each shared object is being written to.

    Nothing overlaps while writes take no time: give the emulator a latency.
    """

    def __init__(self, *, enabled: bool) -> None:
        self._enabled = enabled
        self._until: dict[Record, float] = {}
        self._begin = 0.0
        self._claimed: list[Record] = []

    def start(self, begin: float) -> None:
        """Hear when the service of the next request begins."""
        self._begin = begin
        self._claimed = []
        self._until = {each: end for each, end in self._until.items() if end > begin}

    def claim(self, records: Iterable[Record]) -> None:
        """Refuse a write on objects that another write is still busy with."""
        if not self._enabled:
            return
        wanted = list(records)
        for record in wanted:
            if record in self._until and record not in self._claimed:
                raise Refused(conflict(record.type.java_class, record.oid))
        self._claimed += wanted

    def finish(self, end: float) -> None:
        """Hear when the request that was started will have been answered."""
        self._until |= dict.fromkeys(self._claimed, end)
