"""What a policy answers: go, wait, ask for more, or refuse."""

from __future__ import annotations

import math
from typing import TypeAlias

import attrs

from ...errors import TwofoldError
from .lease import Claim


@attrs.frozen
class Go:
    """Proceed now."""


@attrs.frozen
class Wait:
    """Wait until then, or until woken, and ask again."""

    until: float
    """On the clock of the `now` that was given; infinity: until woken."""
    earliest: float = -math.inf
    """Before then it will not be, whoever else gives up: who has less time need not wait."""


@attrs.frozen
class Lease:
    """Ask the store that counts the rate for this, tell the gate what it said, and ask again.

    One of a queue is told so, for all of it.
    """

    claim: Claim


@attrs.frozen
class Refuse:
    """Do not proceed: raise this."""

    error: TwofoldError


@attrs.frozen
class Stop:
    """Do not try again: the last error stands."""


GO = Go()
STOP = Stop()

Decision: TypeAlias = Go | Wait | Lease | Refuse
