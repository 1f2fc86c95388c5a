# SPDX-License-Identifier: MIT
"""The events of a client as something to iterate over, at the reader's own pace."""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager

from ..._runtime.waiting.park import ParkingPlace
from ...core.backlog import Backlog, Drop
from ...core.listeners import Listeners
from ...errors import NotEnteredError
from ...events import Event


class AsyncEvents:
    """Gives the events of a client as they come, until its block is left.

    Readers may be in other tasks, threads and event loops; what nobody had read by then is dropped.
    """

    def __init__(self, backlog: Backlog) -> None:
        self._backlog = backlog
        self._has_begun = self._closed = False

    @property
    def dropped(self) -> int:
        """How many events were dropped so far, since too many waited to be read."""
        return self._backlog.dropped

    def close(self) -> None:
        self._closed = True
        self._backlog.wake_all()

    def __aiter__(self) -> AsyncIterator[Event]:
        return self

    async def __anext__(self) -> Event:
        while not self._closed:
            self._has_begun = True
            place = ParkingPlace()
            event = self._backlog.take(place)
            if event is not None:
                return event
            try:
                if not self._closed:  # whoever closes it from here on finds the place
                    await place.wait()
            except BaseException:
                self._backlog.forget(place)
                raise
        if self._has_begun:
            raise StopAsyncIteration
        raise NotEnteredError("events can be read only inside the `with` block that gave them")


@contextmanager
def watched(listeners: Listeners, size: int, drop: Drop) -> Generator[AsyncEvents]:
    """Keep up to `size` events for the block to read."""
    backlog = Backlog(size, drop)
    events = AsyncEvents(backlog)
    listeners.add(backlog)
    try:
        yield events
    finally:
        listeners.remove(backlog)
        events.close()
