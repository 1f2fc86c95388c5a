"""How many threads a process may hire for its batches, pages and hedges.

Nobody ever waits for one: whoever is granted fewer than it wanted works with fewer.  So a batch
within a batch, however deep, cannot stop for want of threads.
"""

from __future__ import annotations

from threading import Lock

from ..forks import renewed_in_child
from .checks import whole

THREADS = 64


class Allowance:
    """A number of threads, lent and given back; safe to share between threads and event loops."""

    def __init__(self, threads: int = THREADS) -> None:
        self.threads = whole("threads", threads, 0)
        self.renew()
        renewed_in_child(self)

    def renew(self) -> None:
        """Begin anew with nothing lent, as a forked child does: it has none of those threads."""
        self._lock = Lock()
        self._left = self.threads

    @property
    def left(self) -> int:
        """How many may still be taken."""
        return self._left

    def take(self, wanted: int) -> int:
        """Lend up to as many as are wanted, and say how many: possibly none."""
        with self._lock:
            granted = max(0, min(wanted, self._left))
            self._left -= granted
            return granted

    def give(self, count: int) -> None:
        """Give back what `take` granted."""
        with self._lock:
            self._left = min(self._left + count, self.threads)


of_this_process = Allowance()
"""What everything draws from that is not given an allowance of its own."""
