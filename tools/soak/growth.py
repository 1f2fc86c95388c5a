"""What a process holds, looked at every so many requests."""

from __future__ import annotations

import gc
import resource
from pathlib import Path

import attrs

from ..bench.origin import THING

CALLERS = 8
EVERY = 100_000
SLACK = 2.0
"""MiB by which memory may differ: allocators keep what they were once given."""


@attrs.frozen
class Look:
    """What the process held after so many requests."""

    number: int
    memory: float
    """MiB that are resident."""
    files: int


@attrs.define
class Growth:
    """Every look at the process, the first one when it has warmed up."""

    looks: list[Look] = attrs.field(factory=list[Look])
    every: int = EVERY

    def asked(self, number: int, answered: object) -> None:
        if answered != THING["number"]:
            raise AssertionError(f"request {number} was answered with {answered!r}")
        if number % self.every == 0:
            gc.collect()
            self.looks.append(Look(number, resident(), len(list(Path("/proc/self/fd").iterdir()))))

    @property
    def is_flat(self) -> bool:
        """Whether nothing grew after the first look."""
        first, *later = self.looks or [Look(0, 0.0, 0)]
        return bool(later) and all(
            look.memory <= first.memory + SLACK and look.files <= first.files for look in later
        )

    def __str__(self) -> str:
        return "; ".join(
            f"{look.number:,}: {look.memory:.1f} MiB, {look.files} files" for look in self.looks
        )


def resident() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 2**20
