"""What both colours ask before they start more workers.  It must not know who answers."""

from __future__ import annotations

from typing import Protocol


class Allowance(Protocol):
    """So many threads may be started beside their callers, in the whole process."""

    def take(self, wanted: int) -> int:
        """Lend between none and `wanted`, at once."""
        ...

    def give(self, count: int) -> None:
        """Take back what was lent."""
        ...
