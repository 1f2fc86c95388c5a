"""Renewals of the credentials of one account: one at a time, and what came of the last one."""

from __future__ import annotations

import attrs

from ...errors import TwofoldError
from .gate import Gate


@attrs.define(eq=False)
class Renewals:
    """Where those queue who would renew.

    A failure is that of all who queued behind it: one after another they would send a password
    that is wrong, until the server locks the account.
    """

    gate: Gate = attrs.field(factory=Gate)
    failures: int = 0
    """How many failed so far: who sees more of them than when they came has waited for one."""
    failure: TwofoldError | None = None

    def failed(self, error: TwofoldError) -> None:
        """Take note of a failure; that of a caller's own deadline is that caller's alone."""
        if not error.hurried:
            self.failures += 1
            self.failure = error

    def failure_since(self, failures: int) -> TwofoldError | None:
        """Return what failed since there were so many failures."""
        return self.failure if self.failures > failures else None
