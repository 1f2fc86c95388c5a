"""What a run of fuzzing found."""

from __future__ import annotations

import random

import attrs

from .liar import Case
from .mutations import Said, mutated
from .oracle import reading

SHOWN = 5


@attrs.define
class Findings:
    """Whatever is in a list is a fault."""

    asked: int = 0
    size: int = 0
    """Bytes of all answers."""
    alike: int = 0
    """Answers that both read, and read alike."""
    stricter: int = 0
    """Answers that h11 reads and we refuse."""
    neither: int = 0
    hung: list[Said] = attrs.field(factory=list[Said])
    untyped: list[tuple[Said, Exception]] = attrs.field(factory=list[tuple[Said, Exception]])
    wrong: list[tuple[Case, int, bytes]] = attrs.field(factory=list[tuple[Case, int, bytes]])
    dirty: list[Said] = attrs.field(factory=list[Said])

    def refused(self, case: Case) -> None:
        if case.right is None:
            self.neither += 1
        else:
            self.stricter += 1

    def accepted(self, case: Case, status: int, body: bytes) -> None:
        right = case.right
        if right is not None and (status, body) == (right.status, right.body):
            self.alike += 1
        else:
            self.wrong.append((case, status, body))

    @property
    def is_clean(self) -> bool:
        return not (self.hung or self.untyped or self.wrong or self.dirty)

    def faults(self) -> list[str]:
        """Describe the first few of each kind."""
        return [
            *(f"hung: {said!r}" for said in self.hung[:SHOWN]),
            *(f"{error!r} for {said!r}" for said, error in self.untyped[:SHOWN]),
            *(f"{status} {body!r} for {case!r}" for case, status, body in self.wrong[:SHOWN]),
            *(f"used again after {said!r}" for said in self.dirty[:SHOWN]),
        ]

    def __str__(self) -> str:
        return (
            f"{self.asked:,} answers of {self.size:,} bytes: {self.alike:,} read, "
            f"{self.neither:,} refused, {self.stricter:,} refused that h11 reads; "
            f"{len(self.hung)} hung, {len(self.untyped)} untyped errors, "
            f"{len(self.wrong)} wrong, {len(self.dirty)} dirty connections used again"
        )


def invented(chance: random.Random) -> Case:
    """Return an answer to be given; most that are not complete end with their connection."""
    said = mutated(chance)
    right = reading(said.method, said.answer, closes=False)
    closes = chance.random() < (0.3 if right is not None else 0.98)
    if closes:
        right = reading(said.method, said.answer, closes=True)
    # Cut within its head only: else what follows a complete answer might come too late to be seen.
    cut_at = chance.randrange(1 + max(0, said.answer.find(b"\r\n\r\n")))
    return Case(said, closes, right, cut_at)
