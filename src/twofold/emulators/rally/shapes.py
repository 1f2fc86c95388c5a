"""How records look at one address of the service, remembered until something changes."""

from __future__ import annotations

from .fetch import Fetch
from .heads import Heads
from .plans import Plan
from .store import Store

MOST_PLANS = 64


class Shapes:
    """Gives out plans for fetches; `depth` is how many levels a plain fetch fills."""

    def __init__(self, store: Store, root: str, depth: int) -> None:
        self._store = store
        self._depth = depth
        self._seen = store.changes
        self._heads = Heads(root)
        self._plans: dict[Fetch, Plan] = {}

    def plan(self, fetch: Fetch) -> Plan:
        """Return how to write records for this fetch; what changed since is written anew."""
        if self._seen != self._store.changes:
            self._forget()
        if len(self._plans) > MOST_PLANS:
            self._plans.clear()
        if fetch not in self._plans:
            self._plans[fetch] = Plan(self._heads, fetch, self._depth)
        return self._plans[fetch]

    def _forget(self) -> None:
        self._seen = self._store.changes
        self._heads.forget()
        for plan in self._plans.values():
            plan.forget()
