"""Streams of objects between threads; an item goes straight to whoever waits for one."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections import OrderedDict, deque
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from anyio import BrokenResourceError, ClosedResourceError, EndOfStream, WouldBlock

from . import spots
from .scopes import checkpoint, park
from .spots import Spot, guard

__all__ = [
    "BrokenResourceError",
    "ClosedResourceError",
    "EndOfStream",
    "MemoryObjectReceiveStream",
    "MemoryObjectSendStream",
    "WouldBlock",
    "create_memory_object_stream",
]

T = TypeVar("T")


class Receiving(Spot, Generic[T]):
    """Where a thread waits for an item."""

    __slots__ = ("end", "items")

    def __init__(self, end: MemoryObjectReceiveStream[T]) -> None:
        super().__init__()
        self.end = end
        self.items: list[T] = []


class Sending(Spot, Generic[T]):
    """Where a thread waits for its item to be taken."""

    __slots__ = ("end", "item", "taken")

    def __init__(self, end: MemoryObjectSendStream[T], item: T) -> None:
        super().__init__()
        self.end = end
        self.item = item
        self.taken = False


class Channel(Generic[T]):
    """What both ends share.  The guard is held wherever it is touched."""

    def __init__(self, size: float) -> None:
        self.size = size
        self.items: deque[T] = deque()
        self.senders = 0
        self.receivers = 0
        self.sending: OrderedDict[Sending[T], None] = OrderedDict()
        self.receiving: OrderedDict[Receiving[T], None] = OrderedDict()

    def put(self, item: T) -> bool:
        """Hand an item to whoever waited longest, or store it; False if there is no room."""
        if self.receiving:
            receiver, _ = self.receiving.popitem(last=False)
            receiver.items.append(item)
            spots.wake(receiver)
        elif len(self.items) < self.size:
            self.items.append(item)
        else:
            return False
        return True

    def take(self) -> T:
        """Take the oldest item; the longest waiting sender's comes in behind."""
        if self.sending:
            sender, _ = self.sending.popitem(last=False)
            self.items.append(sender.item)
            sender.taken = True
            spots.wake(sender)
        if self.items:
            return self.items.popleft()
        raise EndOfStream if not self.senders else WouldBlock

    def put_back(self, item: T) -> None:
        """Store an item that its receiver could not take, before all others."""
        self.items.appendleft(item)
        if self.receiving:
            self.put(self.items.popleft())


class End(ABC, Generic[T]):
    """What the two ends of a stream have in common: they are cloned and closed."""

    def __init__(self, channel: Channel[T]) -> None:
        self._channel = channel
        self._closed = False

    def close(self) -> None:
        """Close this end; its clones stay open.  Twice is as good as once."""
        with guard:
            if not self._closed:
                self._closed = True
                self._left()

    @abstractmethod
    def _left(self) -> None:
        """Count one end less; whoever waits for it is woken."""

    def _check_open(self) -> None:
        if self._closed:
            raise ClosedResourceError

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class MemoryObjectSendStream(End[T]):
    """The end that items are put in."""

    def __init__(self, channel: Channel[T]) -> None:
        super().__init__(channel)
        channel.senders += 1

    def clone(self) -> MemoryObjectSendStream[T]:
        with guard:
            self._check_open()
            return MemoryObjectSendStream(self._channel)

    def send_nowait(self, item: T) -> None:
        """Send an item at once; WouldBlock if there is no room and nobody waits for one."""
        with guard:
            self._check_open()
            if not self._channel.receivers:
                raise BrokenResourceError
            if not self._channel.put(item):
                raise WouldBlock

    def send(self, item: T) -> None:
        """Send an item, as soon as there is room for it or somebody takes it."""
        checkpoint()
        with guard:
            try:
                return self.send_nowait(item)
            except WouldBlock:
                spot = Sending(self, item)
                self._channel.sending[spot] = None
        try:
            park(spot)
        finally:
            with guard:
                self._channel.sending.pop(spot, None)
        if not spot.taken:
            raise ClosedResourceError if self._closed else BrokenResourceError
        return None

    def _left(self) -> None:
        self._channel.senders -= 1
        for sender in tuple(self._channel.sending):
            if sender.end is self:
                del self._channel.sending[sender]
                spots.wake(sender)
        if not self._channel.senders:
            wake_all(self._channel.receiving)


class MemoryObjectReceiveStream(End[T]):
    """The end that items come out of, each at one receiver only."""

    def __init__(self, channel: Channel[T]) -> None:
        super().__init__(channel)
        channel.receivers += 1

    def clone(self) -> MemoryObjectReceiveStream[T]:
        with guard:
            self._check_open()
            return MemoryObjectReceiveStream(self._channel)

    def receive_nowait(self) -> T:
        """Take an item at once; WouldBlock if there is none, EndOfStream if none will come."""
        with guard:
            self._check_open()
            return self._channel.take()

    def receive(self) -> T:
        """Take the next item, as soon as there is one; EndOfStream if none will come."""
        checkpoint()
        with guard:
            try:
                return self.receive_nowait()
            except WouldBlock:
                spot = Receiving(self)
                self._channel.receiving[spot] = None
        try:
            park(spot)
        except BaseException:
            self._give_up(spot)
            raise
        if spot.items:
            return spot.items[0]
        raise ClosedResourceError if self._closed else EndOfStream

    def _give_up(self, spot: Receiving[T]) -> None:
        """Leave the queue; an item that was handed over meanwhile is not lost."""
        with guard:
            self._channel.receiving.pop(spot, None)
            for item in spot.items:
                self._channel.put_back(item)

    def _left(self) -> None:
        self._channel.receivers -= 1
        for receiver in tuple(self._channel.receiving):
            if receiver.end is self:
                del self._channel.receiving[receiver]
                spots.wake(receiver)
        if not self._channel.receivers:
            wake_all(self._channel.sending)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> T:
        try:
            return self.receive()
        except EndOfStream:
            raise StopIteration from None


def wake_all(waiting: OrderedDict[Any, None]) -> None:
    while waiting:
        spots.wake(waiting.popitem(last=False)[0])


class create_memory_object_stream(  # noqa: N801 - called like a function, subscribed like a class
    tuple[MemoryObjectSendStream[T], MemoryObjectReceiveStream[T]]
):
    """Make a stream that stores up to so many items, and return its two ends."""

    def __new__(cls, max_buffer_size: float = 0) -> Self:
        if max_buffer_size != math.inf and not isinstance(max_buffer_size, int):
            raise ValueError("max_buffer_size must be either an integer or math.inf")
        if max_buffer_size < 0:
            raise ValueError("max_buffer_size cannot be negative")
        channel = Channel[T](max_buffer_size)
        ends = MemoryObjectSendStream(channel), MemoryObjectReceiveStream(channel)
        return super().__new__(cls, ends)
