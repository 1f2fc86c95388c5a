"""Tickets that wait nowhere: for tests of the gate alone."""

from __future__ import annotations

from collections.abc import Hashable

from twofold.core.policy.adaptive import Load
from twofold.core.policy.breaker import Verdict
from twofold.core.policy.bucket import Heard
from twofold.core.policy.decision import GO
from twofold.core.policy.gate import Member, Ticket
from twofold.core.policy.seen import Seen


class Spot:
    """A place that remembers being woken."""

    def __init__(self, *, alive: bool = True) -> None:
        self.woken = 0
        self.alive = alive

    def wake(self) -> bool:
        self.woken += 1
        return self.alive


def asked(
    member: Member, *, bucket: str = "", weight: int = 1, key: Hashable = None
) -> tuple[Ticket, Spot]:
    spot = Spot()
    return Ticket(member, spot, bucket, weight, key), spot


def goes(ticket: Ticket, now: float = 0.0) -> bool:
    return ticket.member.gate.enter(ticket, now) is GO


FINE = Seen(200, Verdict.SUCCESS, Load.FINE, 0.1)
FAILED = Seen(502, Verdict.FAILURE, Load.OVERLOADED, 0.1)


def throttled(seconds: float | None, bucket: str | None = None) -> Seen:
    heard = Heard(bucket=bucket, closed=seconds, throttled=True)
    return Seen(429, Verdict.SUCCESS, Load.OVERLOADED, 0.1, heard)
