"""The lines of all users: each user's requests wait for that user's own."""

from __future__ import annotations

from .line import Line


class Lines:
    """One line per user, each of so many places; those who are not known share one."""

    def __init__(self, places: int) -> None:
        self._places = places
        self._lines: dict[str, Line] = {}

    def of(self, user: str) -> Line:
        if user not in self._lines:
            self._lines[user] = Line(self._places)
        return self._lines[user]

    @property
    def requests(self) -> int:
        return sum(each.requests for each in self._lines.values())

    @property
    def peak(self) -> int:
        """The most that any one user had unanswered at once."""
        return max((each.peak for each in self._lines.values()), default=0)

    def in_flight(self, now: float) -> int:
        return sum(each.in_flight(now) for each in self._lines.values())

    def reset(self, now: float) -> None:
        for each in self._lines.values():
            each.reset(now)
