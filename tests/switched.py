"""A stand-in for a server that can be switched off, slowed down, or made to lie."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from twofold.emulators.exchange import Answer, Emulator, Incoming


def honest(_: Incoming, answer: Answer) -> Answer:
    return answer


@attrs.define(eq=False)
class Switched:
    """Passes requests on; what it was asked is written down, and what it answers may be changed."""

    emulator: Emulator
    is_down: bool = False
    """Whether every connection is dropped without an answer."""
    slower: float = 0.0
    """Seconds that every answer takes longer."""
    status: int = 0
    """Not 0: every answer has it, and is a page for people."""
    change: Callable[[Incoming, Answer], Answer] = honest
    asked: list[str] = attrs.field(factory=list[str])
    """Method and target of every request."""
    most_in_flight: int = 0
    _until: list[float] = attrs.field(factory=list[float], init=False)
    _made: dict[Answer, Answer] = attrs.field(factory=dict[Answer, Answer], init=False)

    def answer(self, request: Incoming, now: float) -> Answer:
        self.asked.append(f"{request.method} {request.target}")
        if self.is_down:
            return Answer(0, after=self.slower, cut="before")
        if self.status:
            page = b"<html><body>out of order</body></html>"
            return Answer(self.status, (("Content-Type", "text/html"),), page, self.slower)
        answer = self.emulator.answer(request, now)
        made = self.change(request, attrs.evolve(answer, after=answer.after + self.slower))
        self._made[made] = answer
        self._until = [end for end in self._until if end > now] + [now + made.after]
        self.most_in_flight = max(self.most_in_flight, len(self._until))
        return made

    def left(self, answer: Answer, now: float) -> None:
        if answer in self._made:
            self.emulator.left(self._made.pop(answer), now)

    @property
    def writes(self) -> list[str]:
        return [one for one in self.asked if not one.startswith("GET")]
