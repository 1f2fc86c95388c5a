"""Who is told of what happens along a line: any number of listeners, come and gone at any time."""

from __future__ import annotations

from threading import Lock

from ..events import Event, Listener, tell
from .forks import renewed_in_child


class Listeners:
    """The hub of a line; safe to share between threads and event loops.

    Listeners are called inline, in the order they were added, each as often as it was added.  One
    that raises is logged, and the others are told all the same.  Whoever is told at the moment may
    be told once more after it was removed.
    """

    def __init__(self, *listeners: Listener) -> None:
        self.active = bool(listeners)
        """Whether anybody listens: asked before an event is made, which costs more than asking."""
        self._listeners = listeners
        self.renew()
        renewed_in_child(self)

    def renew(self) -> None:
        """Go on in a forked child with a lock that nobody holds."""
        self._lock = Lock()

    def add(self, listener: Listener) -> None:
        with self._lock:
            self._replace((*self._listeners, listener))

    def remove(self, listener: Listener) -> None:
        """Take a listener out once; one that was never added, or is gone, is no error.

        One that counts calls under way, and so has a method `forget_calls`, is told that it will
        not hear how they end.
        """
        with self._lock:
            left = list(self._listeners)
            if listener in left:
                left.remove(listener)
            self._replace(tuple(left))
        forget = getattr(listener, "forget_calls", None)
        if forget is not None:
            forget()

    def _replace(self, listeners: tuple[Listener, ...]) -> None:
        # The tuple is never changed, only replaced: whoever tells it needs no lock.
        self._listeners = listeners
        self.active = bool(listeners)

    def tell(self, event: Event) -> None:
        """Hand an event to every listener."""
        for listener in self._listeners:
            tell(listener, event)


def as_listeners(given: Listeners | Listener | None) -> Listeners:
    """Return the hub for what was given: itself, one listener, or nobody yet."""
    if isinstance(given, Listeners):
        return given
    return Listeners() if given is None else Listeners(given)
