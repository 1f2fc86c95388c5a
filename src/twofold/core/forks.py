"""A forked child begins anew: it has none of the threads, slots and connections of its parent."""

from __future__ import annotations

import os
import weakref
from typing import Protocol


class Renewable(Protocol):
    """What may have been in the middle of a change when the process was forked."""

    def renew(self) -> None:
        """Forget what only the parent has; its locks may be held for ever."""
        ...


_renewables: weakref.WeakSet[Renewable] = weakref.WeakSet()


def renewed_in_child(thing: Renewable) -> None:
    """Have a thing renewed in every forked child, for as long as it lives."""
    _renewables.add(thing)


def renew_all() -> None:
    for thing in list(_renewables):
        thing.renew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=renew_all)
