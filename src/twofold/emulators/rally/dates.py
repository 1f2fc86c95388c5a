"""Dates as Rally writes them, and the clock they come from."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

START = datetime(2026, 1, 14, 9, 30, tzinfo=UTC)
"""The instant at which an emulator begins unless it is told another."""

_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_TODAY = re.compile(r"today\s*(?:([+-])\s*(\d{1,6}))?", re.IGNORECASE)


def iso(moment: datetime) -> str:
    """Return an aware time as `2024-05-01T12:34:56.789Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parsed(text: str) -> datetime | None:
    """Read a day or a time in ISO 8601; a time without a zone is UTC. None if it is neither."""
    try:
        moment = datetime.fromisoformat(text.strip())
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


@lru_cache(maxsize=1024)
def for_people(day: str) -> str:
    """Return what `_CreatedAt` shows for `2024-05-01`: for reading, never for parsing."""
    return f"{_MONTHS[int(day[5:7]) - 1]} {int(day[8:])}, {day[:4]}"


class Calendar:
    """Tells the time: a true clock, or a fixed instant that moves a millisecond per change."""

    def __init__(self, clock: datetime | Callable[[], datetime] = START) -> None:
        self._clock = clock
        self.start = self._aware(clock if isinstance(clock, datetime) else clock())

    def now(self, changes: int) -> datetime:
        """Return the time of the change with this number."""
        if isinstance(self._clock, datetime):
            return self.start + timedelta(milliseconds=changes)
        return self._aware(self._clock())

    def today(self) -> date:
        return self.now(0).date()

    def read(self, text: str) -> str | None:
        """Return a date literal of a query as ISO text; `today` is today's first instant (UTC)."""
        relative = _TODAY.fullmatch(text.strip())
        if relative is None:
            moment = parsed(text)
            return None if moment is None else iso(moment)
        sign, days = relative.groups()
        try:
            day = self.today() + timedelta(days=int(f"{sign or '+'}{days or 0}"))
        except OverflowError:
            return None
        return iso(datetime.combine(day, time(), UTC))

    @staticmethod
    def _aware(moment: datetime) -> datetime:
        if moment.tzinfo is None:
            raise ValueError(f"the clock must tell aware times, not {moment.isoformat()}")
        return moment.astimezone(UTC)
