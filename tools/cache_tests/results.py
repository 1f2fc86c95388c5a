"""What became of the tests: as the package counts them, and as we judge them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Literal, TypeAlias

import attrs

from .checks import FailedError
from .vectors import Kind, Vector

Played: TypeAlias = Literal["passed", "failed", "setup", "error"]
Results: TypeAlias = "Mapping[str, Result]"


@attrs.frozen
class Result:
    """How a test ended."""

    played: Played
    why: str = ""

    @property
    def passed(self) -> bool:
        return self.played == "passed"


def failed(error: FailedError) -> Result:
    return Result("setup" if error.setup else "failed", error.message)


@attrs.frozen
class Judgement:
    """What is wrong with a run: nothing, if all of it is empty."""

    failed: Sequence[str]
    """Required tests that fail without an excuse."""
    needless: Sequence[str]
    """Tests that are excused, and pass; or that do not exist."""

    @property
    def is_good(self) -> bool:
        return not self.failed and not self.needless


def judged(vectors: Sequence[Vector], results: Results, excused: Collection[str]) -> Judgement:
    required = {vector.id for vector in vectors if vector.kind == "required"}
    passed = {name for name, result in results.items() if result.passed}
    return Judgement(
        sorted(required - passed - set(excused)), sorted(set(excused) - (required - passed))
    )


def of_kind(vectors: Sequence[Vector], kind: Kind) -> list[Vector]:
    return [vector for vector in vectors if vector.kind == kind]


def hollow(vectors: Sequence[Vector], results: Results) -> list[str]:
    """Name the tests that pass, but depend on one that does not: they say little.

    The package does not count them (`lib/display.mjs`).
    """
    by_name = {vector.id: vector for vector in vectors}

    def stands(vector: Vector) -> bool:
        return all(results[name].passed and stands(by_name[name]) for name in vector.depends_on)

    return [vector.id for vector in vectors if results[vector.id].passed and not stands(vector)]
