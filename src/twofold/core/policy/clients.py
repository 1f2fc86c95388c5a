"""The clients of a gate, and what those of them share who were told the same.

What is shared is kept as long as one of them lives.  The gate's lock guards all of it.
"""

from __future__ import annotations

import weakref
from collections import deque
from typing import TYPE_CHECKING

import attrs

from .accounts import Account
from .adaptive import Adaptive, AdaptiveLimit
from .breaker import Breaker, Circuit, State
from .lease import Share
from .rate import Rate
from .tickets import Ceiling, Member

if TYPE_CHECKING:
    from .gate import Gate


@attrs.define(eq=False)
class Clients:
    """Who joined a gate and has not left."""

    accounts: dict[str, Account] = attrs.field(factory=lambda: dict[str, Account](), init=False)
    lost: deque[Member] = attrs.field(factory=lambda: deque[Member](), init=False)
    """Those that the garbage collector found, and who are yet to leave."""
    _circuits: weakref.WeakValueDictionary[Breaker, Circuit] = attrs.field(
        factory=lambda: weakref.WeakValueDictionary[Breaker, Circuit](), init=False
    )
    _ceilings: weakref.WeakValueDictionary[Adaptive, Ceiling] = attrs.field(
        factory=lambda: weakref.WeakValueDictionary[Adaptive, Ceiling](), init=False
    )

    def join(
        self,
        gate: Gate,
        account: str,
        concurrency: int | Adaptive | None,
        breaker: Breaker | None,
        rate: Rate | None,
        share: Share | None,
    ) -> Member:
        shared = self.accounts.setdefault(account, Account())
        adaptive = concurrency if isinstance(concurrency, Adaptive) else None
        member = Member(
            gate,
            shared,
            concurrency.most if isinstance(concurrency, Adaptive) else concurrency,
            circuit=None if breaker is None else self._circuit(breaker),
            ceiling=None if adaptive is None else self._ceiling(adaptive),
            rate=rate,
            share=share,
        )
        shared.members.append(member)
        shared.measure()
        return member

    def part(self, member: Member) -> None:
        account = member.account
        if member in account.members:
            account.members.remove(member)
            account.measure()
        if not account.members:
            self.accounts = {k: v for k, v in self.accounts.items() if v is not account}

    def part_with_lost(self) -> None:
        while self.lost:
            self.part(self.lost.popleft())

    def renew(self) -> None:
        """Begin anew in a forked child; what was turned by hand stays."""
        for account in self.accounts.values():
            account.renew()
        for circuit in self._circuits.values():
            if circuit.state not in (State.FORCED_OPEN, State.DISABLED):
                circuit.reset(0.0)
        for ceiling in self._ceilings.values():
            ceiling.inside = 0

    def _circuit(self, breaker: Breaker) -> Circuit:
        circuit = self._circuits.get(breaker)
        if circuit is None:
            circuit = self._circuits[breaker] = Circuit(breaker)
        return circuit

    def _ceiling(self, adaptive: Adaptive) -> Ceiling:
        ceiling = self._ceilings.get(adaptive)
        if ceiling is None:
            ceiling = self._ceilings[adaptive] = Ceiling(AdaptiveLimit(adaptive))
        return ceiling
