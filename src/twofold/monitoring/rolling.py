"""What happened in the last seconds, by kind."""

from __future__ import annotations

from collections import Counter, deque

import attrs

STEPS = 12


@attrs.define(eq=False)
class Rolling:
    """Counts of a window that slides in twelve steps."""

    window: float
    _steps: deque[tuple[float, Counter[str]]] = attrs.field(
        factory=lambda: deque[tuple[float, Counter[str]]](), init=False
    )

    def note(self, kind: str, now: float) -> None:
        if self._steps and now < self._steps[-1][0] - self.window:
            self._steps.clear()  # the clock was put back
        if not self._steps or now >= self._steps[-1][0] + self.window / STEPS:
            self._forget_old(now)
            self._steps.append((now, Counter()))
        self._steps[-1][1][kind] += 1

    def counts(self, now: float) -> Counter[str]:
        """Return how often each kind was noted within the window, which is exact to a step."""
        self._forget_old(now)
        found: Counter[str] = Counter()
        for _, counts in self._steps:
            found.update(counts)
        return found

    def _forget_old(self, now: float) -> None:
        while self._steps and self._steps[0][0] <= now - self.window:
            self._steps.popleft()
