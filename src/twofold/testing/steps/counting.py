"""How far a run has come, and the step at which it is cancelled."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Literal

import attrs

Edge = Literal["began", "ended"]


@attrs.define(eq=False)
class Steps:
    """Counts the steps of one run, and cancels it as one of them begins or ends.

    Both matter: who is cancelled as it is woken, and who is cancelled in its sleep.  The first step
    begins before anything of the scenario was done.
    """

    at: int
    """The number of the step, from 1; 0: it is left undisturbed."""
    edge: Edge = "began"
    taken: int = 0
    _cancel: Callable[[], object] | None = None

    @contextmanager
    def counted(self, cancel: Callable[[], object]) -> Generator[None]:
        """Count what is done in the block."""
        self._cancel = cancel
        self.begin()
        try:
            yield
        finally:
            self._cancel = None

    def begin(self) -> None:
        """Take note that a step begins."""
        if self._cancel is not None:
            self.taken += 1
            self._reach("began")

    def end(self) -> None:
        """Take note that the step has ended: its task waits."""
        self._reach("ended")

    def _reach(self, edge: Edge) -> None:
        if self._cancel is not None and (self.taken, edge) == (self.at, self.edge):
            self._cancel()
