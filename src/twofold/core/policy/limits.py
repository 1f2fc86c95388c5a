"""Which limits are shared: one gate an origin, for all clients that use the same `Limits`."""

from __future__ import annotations

import time
import weakref
from collections.abc import Callable
from threading import Lock

import attrs

from ..forks import renewed_in_child
from ..request import Origin
from .allowance import Allowance, of_this_process
from .checks import whole
from .gate import Gate
from .renewals import Renewals


def threads(given: object) -> Allowance:
    """Return an allowance of so many threads, or the one that was given."""
    return given if isinstance(given, Allowance) else Allowance(whole("threads", given, 0))


@attrs.define(eq=False)
class Limits:
    """What the clients of one process share; `limits=Limits()` isolates a client from the others.

    `threads` bounds the threads that batches, pages and hedges of the blocking package may start
    beside their callers.  `clock` is what every policy behind these limits measures time with.
    """

    threads: Allowance = attrs.field(factory=Allowance, converter=threads)
    clock: Callable[[], float] = time.monotonic
    _gates: weakref.WeakValueDictionary[Origin, Gate] = attrs.field(
        factory=lambda: weakref.WeakValueDictionary[Origin, Gate](), init=False, repr=False
    )
    _renewals: weakref.WeakValueDictionary[str, Renewals] = attrs.field(
        factory=lambda: weakref.WeakValueDictionary[str, Renewals](), init=False, repr=False
    )
    _lock: Lock = attrs.field(factory=Lock, init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        renewed_in_child(self)

    def renew(self) -> None:
        """Begin anew in a forked child; gates and threads renew themselves."""
        self._lock = Lock()

    def gate(self, origin: Origin) -> Gate:
        """Return the gate of an origin; it lives as long as somebody uses it."""
        with self._lock:
            return self._gates.setdefault(origin, Gate())

    def renewals(self, account: str) -> Renewals:
        """Return where those queue who would renew the credentials of an account."""
        with self._lock:
            return self._renewals.setdefault(account, Renewals())


SHARED = Limits(threads=of_this_process)
