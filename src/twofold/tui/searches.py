"""What words find, kept while one word more or less is typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import attrs

from .rows import Row

W = TypeVar("W")


@attrs.frozen
class Found:
    """What some words find, in order."""

    words: tuple[str, ...]
    rows: Sequence[Row]

    def holds(self, words: tuple[str, ...]) -> bool:
        """Tell whether all that other words find is among these, whatever the tickets."""
        return all(any(part in word for word in words) for part in self.words)

    def narrowed(self, words: tuple[str, ...]) -> Found:
        rows = self.rows
        for word in words:
            rows = [row for row in rows if word in row.words]
        return Found(words, rows)


@attrs.define
class Searches(Generic[W]):
    """Searches that narrow one another, among the same rows.

    One that narrows the one before looks through what that one found, and one letter less is the
    search before: it costs what it changes, not what there is.
    """

    among: W | None = None
    """What it was that was looked through."""
    _found: list[Found] = attrs.field(factory=list[Found])
    """Each is within the one before; the first is all."""

    def find(self, words: tuple[str, ...], among: W, rows: Callable[[W], Sequence[Row]]) -> Found:
        """Return what all words find; `rows` are asked for if these were not looked through."""
        if among != self.among or not self._found:
            self.among, self._found = among, [Found((), rows(among))]
        while not self._found[-1].holds(words):
            self._found.pop()
        if self._found[-1].words != words:
            self._found.append(self._found[-1].narrowed(words))
        return self._found[-1]

    def forget(self) -> None:
        """Forget what was found among other tickets; what one looks through stays."""
        self._found.clear()
