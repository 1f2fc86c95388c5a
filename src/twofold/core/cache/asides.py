"""What is being confirmed aside, so that many hits on one stale answer ask but once."""

from __future__ import annotations

from collections.abc import Hashable
from threading import Lock

from ..forks import renewed_in_child

# Seconds after which a confirmation that never ended, since its task never began, is forgotten.
LONGEST = 60.0


class Asides:
    """Which keys are being confirmed; safe to share between event loops and threads."""

    def __init__(self) -> None:
        self._begun: dict[Hashable, float] = {}
        self._lock = Lock()
        renewed_in_child(self)

    def renew(self) -> None:
        self._begun = {}
        self._lock = Lock()

    def begin(self, key: Hashable, now: float) -> bool:
        """Tell whether the caller is to confirm; False: somebody does already."""
        with self._lock:
            begun = self._begun.get(key)
            if begun is not None and begun <= now < begun + LONGEST:
                return False
            self._begun[key] = now
            return True

    def end(self, key: Hashable) -> None:
        with self._lock:
            self._begun.pop(key, None)
