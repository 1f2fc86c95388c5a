"""The negative control of churn: httpx's pool queues instead of our gate, and loses its slots."""

from __future__ import annotations

import httpx

from .tally import SLOTS, Tally


class Pool(httpx.AsyncHTTPTransport):
    """A pool with as many slots as the gate has; as it is closed, it notes those that are lost.

    A slot that a caller left behind in the queue takes part in nothing any more: its connection was
    made for him, and neither begins nor ends.
    """

    def __init__(self) -> None:
        super().__init__(limits=httpx.Limits(max_connections=SLOTS), trust_env=False)
        self.lost = 0

    async def aclose(self) -> None:
        """Close it; by then nothing is under way, so what is not at rest is lost."""
        held = self._pool.connections
        self.lost = sum(not (one.is_idle() or one.is_closed()) for one in held)
        await super().aclose()


def fell(runtime: str, pool: Pool, tally: Tally) -> bool:
    """Print and judge the control: what our gate must not lose at all is lost there."""
    print(
        f"{runtime}, negative control without our gate: {tally.completed} completed, "
        f"{tally.cancelled} cancelled, {tally.crowds} crowds given up; "
        f"then {tally.plain} of 10 plain requests "
        f"({'; '.join(sorted(tally.complaints)) or 'no complaint'}); "
        f"lost: {pool.lost} of {SLOTS} slots",
        flush=True,
    )
    return pool.lost > 0
