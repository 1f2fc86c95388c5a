"""How far a run has come, and the step at which it is cancelled."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager

import attrs


@attrs.define(eq=False)
class Steps:
    """Counts the steps of one run, and cancels it as one of them begins.

    The first is the start, before anything of the scenario was done.
    """

    at: int
    """The number of the step, from 1; 0: it is left undisturbed."""
    taken: int = 0
    _cancel: Callable[[], object] | None = None

    @contextmanager
    def counted(self, cancel: Callable[[], object]) -> Generator[None]:
        """Count what is done in the block."""
        self._cancel = cancel
        self.step()
        try:
            yield
        finally:
            self._cancel = None

    def step(self) -> None:
        """Take note that a step begins."""
        if self._cancel is None:
            return
        self.taken += 1
        if self.taken == self.at:
            self._cancel()
