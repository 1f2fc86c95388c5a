"""The circuit of a client, turned by hand."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from ...errors import ArgumentError
from .breaker import Circuit
from .tickets import Member


@attrs.frozen(eq=False)
class CircuitSwitch:
    """Opens and closes the circuit of a client's origin, for all clients that share it.

    Those are the clients of the origin with an equal `breaker` and the same `limits`.
    """

    _member: Member
    _clock: Callable[[], float]

    @property
    def state(self) -> str | None:
        """`closed`, `open`, `half_open`, `forced_open` or `disabled`; None: there is no breaker."""
        circuit = self._member.circuit
        return None if circuit is None else circuit.state.value

    def force_open(self) -> None:
        """Send nothing until `reset`; who waits is refused, what is under way goes on."""
        self._member.gate.force_open(self._circuit(), self._clock())

    def disable(self) -> None:
        """Send everything, whatever comes back, until `reset`."""
        self._member.gate.disable(self._circuit())

    def reset(self) -> None:
        """Close, forget all that was, and go on by the breaker's own rules."""
        self._member.gate.reset(self._circuit(), self._clock())

    def _circuit(self) -> Circuit:
        if self._member.circuit is None:
            raise ArgumentError("this client has no breaker: make it with breaker=Breaker()")
        return self._member.circuit
