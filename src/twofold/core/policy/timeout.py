"""How long a call may take, in all and in parts."""

from __future__ import annotations

import attrs

from ..request import Patience
from .checks import positive


@attrs.frozen(kw_only=True)
class Timeout:
    """Seconds that a call may take, and how they may be spent.

    `total` counts from the call to its result: queueing, every attempt and every pause.  An outer
    deadline of the caller's own that is earlier holds instead.
    """

    total: float = attrs.field(default=300.0, validator=positive)
    attempt: float = attrs.field(default=120.0, validator=positive)
    """One attempt, from the gate to the last byte of the answer."""
    connect: float = attrs.field(default=10.0, validator=positive)
    """A connection, TLS included."""
    read: float = attrs.field(default=60.0, validator=positive)
    """The first byte of the answer, and the silence between bytes."""

    patience: Patience = attrs.field(
        init=False,
        eq=False,
        repr=False,
        default=attrs.Factory(
            lambda self: Patience(self.connect, self.read, self.attempt), takes_self=True
        ),
    )
    """What an engine is told."""
