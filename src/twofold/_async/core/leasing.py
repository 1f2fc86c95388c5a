# SPDX-License-Identifier: MIT
"""Ask the store that counts a rate for tokens, and tell the gate what came of it.

What fails in the store is the gate's affair, and an event: never the caller's error.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import attrs

from ..._runtime.waiting.scopes import move_on_after
from ...core.call import Overdue
from ...core.policy.gate import Member, Ticket
from ...core.policy.lease import Claim, Tokens
from ...errors import StoreError
from ...events import StoreFailed

if TYPE_CHECKING:
    from .shelf import Tell
    from .store.store import AsyncRateStore

# Seconds for which all of a queue waits for the store: one that takes longer has failed.
PATIENCE = 1.0


@attrs.frozen(eq=False)
class Lessee:
    """One call that may be told to ask its client's store."""

    store: AsyncRateStore
    tell: Tell

    async def lease(
        self, ticket: Ticket, claim: Claim, clock: Callable[[], float], due: float = math.inf
    ) -> None:
        """Ask for tokens, for all of the ticket's queue; Overdue is raised after `due`."""
        gate, asked = ticket.member.gate, clock()
        try:
            tokens = await self._asked(claim, due - asked)
        except Exception as error:
            passes = isinstance(error, StoreError) and bool(error.transient)
            gate.unleased(ticket, clock(), passes=passes)
            self.tell(StoreFailed, error=error)
            return
        if tokens is None:
            raise Overdue
        if not gate.leased(ticket, tokens, asked, clock()):
            self.tell(StoreFailed, error=too_slow(clock() - asked))

    async def tell_of_closing(
        self, member: Member, bucket: str, clock: Callable[[], float], left: float
    ) -> None:
        """Tell the store that the server throttled, for the processes that share the rate."""
        claim = member.gate.closing(member, bucket, clock())
        if claim is None:
            return
        try:
            await self._asked(claim, left)
        except Exception as error:
            self.tell(StoreFailed, error=error)

    async def _asked(self, claim: Claim, left: float) -> Tokens | None:
        """Return what the store gave; None: the call's own time is over."""
        with move_on_after(min(PATIENCE, left)):
            return await self.store.lease(claim)
        if left <= PATIENCE:
            return None
        raise too_slow(PATIENCE)


def too_slow(seconds: float) -> StoreError:
    return StoreError(
        f"the store took {seconds:.2g} s to lease tokens, which is too long", transient=True
    )
