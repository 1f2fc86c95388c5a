"""What befalls which request or connection; how a list says so is read elsewhere."""

from __future__ import annotations

from typing import Literal

import attrs

from .fault_proxy_message import Answered, Asked

Share = Literal["nothing", "head", "half"]
Ending = Literal["fin", "reset", "stall", "trickle"]


@attrs.frozen
class Trouble:
    """What befalls an exchange: the server is asked or not, so much is passed on, then this."""

    ending: Ending
    shown: Share = "nothing"
    """How much of the answer the caller gets as fast as it comes."""
    is_asked: bool = True
    pace: float = 0.0
    """Seconds between two bytes of what trickles."""

    def parts(self, answer: Answered) -> tuple[bytes, bytes]:
        """Divide an answer into what is passed on at once, and the rest."""
        whole = answer.head + answer.body
        half = len(answer.head) + len(answer.body) // 2
        at = {"nothing": 0, "head": len(answer.head), "half": half}[self.shown]
        return whole[:at], whole[at:]


@attrs.frozen
class Refusal:
    """From the `nth` connection on nobody listens, for so many seconds.

    A caller who is refused is not seen, so it cannot be counted: the port is closed when the
    connection before was accepted (or at the start), and opens again by the clock.
    """

    nth: int
    seconds: float | None
    """None: for good."""


@attrs.frozen
class Match:
    """All that is given must fit; nothing given fits everything."""

    method: str | None = None
    path: str | None = None
    body: bytes | None = None

    def fits(self, asked: Asked) -> bool:
        return (
            (self.method is None or asked.method == self.method)
            and (self.path is None or self.path in asked.target)
            and (self.body is None or self.body in asked.body)
        )


@attrs.define
class Count:
    """Which of those that fit are struck; each is counted, struck or not."""

    nth: frozenset[int]
    times: int | None
    _fitted: int = attrs.field(default=0, init=False)
    _struck: int = attrs.field(default=0, init=False)

    def strikes(self) -> bool:
        self._fitted += 1
        due = not self.nth or self._fitted in self.nth
        if not due or (self.times is not None and self._struck >= self.times):
            return False
        self._struck += 1
        return True


@attrs.define
class Script:
    """All faults of a proxy, in order; it counts connections and requests."""

    requests: list[tuple[Match, Count, Trouble]]
    resets: list[Count]
    refusals: list[Refusal]
    _connections: int = attrs.field(default=0, init=False)

    def trouble(self, asked: Asked) -> Trouble | None:
        """Return what befalls a request: the first fault that strikes; all others count it too."""
        struck = [
            trouble
            for match, count, trouble in self.requests
            if match.fits(asked) and count.strikes()
        ]
        return struck[0] if struck else None

    def is_reset(self) -> bool:
        """Count a connection that was accepted, and say whether it is to be reset."""
        self._connections += 1
        struck = [count.strikes() for count in self.resets]
        return any(struck)

    def refuses_next(self) -> bool:
        return any(each.nth == self._connections + 1 for each in self.refusals)

    def refusal(self) -> Refusal | None:
        """Return what closes the port to the next connection; each closes it once."""
        due = next((each for each in self.refusals if each.nth == self._connections + 1), None)
        if due is not None:
            self.refusals.remove(due)
        return due
