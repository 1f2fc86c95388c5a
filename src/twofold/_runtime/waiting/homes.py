"""Where the caller runs, and what is to be done when that place closes."""

from __future__ import annotations

import weakref
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from typing import TypeAlias

from anyio import move_on_after
from anyio.lowlevel import current_token

from .tasks import Call

__all__ = ["at_home_end", "home"]

PATIENCE = 5.0  # seconds that closing may take once a loop is ending

Key: TypeAlias = object


class Ending:
    """What is to be called at the end of a loop, as long as somebody keeps this object."""

    def __init__(self, close: Call[[], None]) -> None:
        self.close = close


# Asyncio and trio finish, when they shut down, every generator that is still suspended.  Held here
# and nowhere else, a generator is never garbage as long as it is suspended: trio would warn.
_suspended: dict[Key, tuple[object, AsyncGenerator[None]]] = {}


def home() -> object:
    """Return a token of the loop the caller runs in: hashable, and may be referred to weakly."""
    return current_token().native_token


async def at_home_end(close: Call[[], None]) -> object:
    """Have `close` called when the caller's loop shuts down; return the keeper of that promise.

    As soon as nobody keeps the returned object the promise is void.  `close` runs in the loop,
    shielded, for a few seconds at most.
    """
    forget_the_closed()
    ending, key = Ending(close), object()
    generator = at_the_end(key, weakref.ref(ending))
    _suspended[key] = home(), generator
    await anext(generator)
    # Not at the exit of the interpreter: there the keeper is alive, and no loop is.
    weakref.finalize(ending, finish, key).atexit = False
    return ending


async def at_the_end(key: Key, kept: weakref.ref[Ending]) -> AsyncGenerator[None]:
    try:
        yield
    finally:
        _suspended.pop(key, None)
        ending = kept()
        if ending is not None:
            with move_on_after(PATIENCE, shield=True):
                await ending.close()


def finish(key: Key) -> None:
    """End a generator that has nothing to do any more: by one step, since nothing in it waits."""
    _, generator = _suspended.pop(key, (None, None))
    if generator is not None:
        # RuntimeError: its loop, in another thread, has begun to close it at this very moment.
        with suppress(StopAsyncIteration, RuntimeError):
            generator.asend(None).send(None)


def forget_the_closed() -> None:
    """Forget loops of asyncio that were closed without being shut down: nobody finishes theirs."""
    for key, (loop, _) in list(_suspended.items()):
        is_closed: Callable[[], bool] = getattr(loop, "is_closed", bool)
        if is_closed():
            _suspended.pop(key, None)
