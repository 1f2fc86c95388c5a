"""Keys in turn: each has been obeyed before the next is given to what has the focus by then.

Textual gives every key at once to whatever has the focus as it comes, and looks for what it means
when it has bubbled back.  So of keys that come in a burst those behind a `/` would be obeyed as
actions, and those behind one that asks something would be lost.
"""

from __future__ import annotations

from collections import deque

from textual.app import App
from textual.events import Event, Key
from textual.message import Message
from textual.message_pump import MessagePump

LOST = 0.5  # seconds after which what follows a key is given up: where it was is gone


class Followed(Message):
    """Goes the way of a key, behind it, and then behind what came of it."""

    def __init__(self, key: Key, by: MessagePump, *, again: bool) -> None:
        super().__init__()
        self.key, self.by, self.again = key, by, again


class InTurn(App[None]):
    """An application that takes one key after another."""

    def __init__(self) -> None:
        super().__init__()
        self._coming: deque[Key] = deque()
        self._obeyed: Key | None = None
        """The key that is being obeyed."""

    async def on_event(self, event: Event) -> None:
        if isinstance(event, Key) and not event.is_forwarded:
            self._coming.append(event)
            await self._take()
        else:
            await super().on_event(event)

    async def _take(self) -> None:
        if self._obeyed is not None or not self._coming:
            return
        key = self._obeyed = self._coming.popleft()
        taker = self.focused or self.screen
        await super().on_event(key)
        self.set_timer(LOST, lambda: self._end(key))
        if not taker.post_message(Followed(key, taker, again=True)):
            self._end(key)

    def on_followed(self, followed: Followed) -> None:
        """Go on once whatever was opened by the key is there, and has the focus."""
        key, by = followed.key, followed.by
        if followed.again and by.post_message(Followed(key, by, again=False)):
            return
        if not self.screen.call_later(self._end, key):
            self._end(key)

    def _end(self, key: Key) -> None:
        if self._obeyed is key:
            self.call_later(self._take_next, key)

    async def _take_next(self, key: Key) -> None:
        if self._obeyed is key:
            self._obeyed = None
            await self._take()
