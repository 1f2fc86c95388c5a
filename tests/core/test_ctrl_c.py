"""A real SIGINT in the midst of a batch: KeyboardInterrupt comes out bare, and nobody is left."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from functools import partial
from typing import Any, Literal

import anyio
import pytest

from twofold import blocking, waiting
from twofold.testing.clocks import virtual_backend

CTRL_C = signal.SIGINT


@pytest.fixture(autouse=True)
def heeded() -> Iterator[None]:
    """A process that was started in the background ignores Ctrl-C; these must not."""
    former = signal.signal(CTRL_C, signal.default_int_handler)
    yield
    signal.signal(CTRL_C, former)


class Calls:
    """Calls that take a thousand seconds; in one of them somebody presses Ctrl-C."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.inside = 0

    def enter(self, number: int) -> None:
        self.inside += 1
        if number == self.at:
            signal.raise_signal(CTRL_C)

    def blocking(self, number: int) -> None:
        try:
            self.enter(number)
            blocking.sleep(1000)
        finally:
            self.inside -= 1

    async def waiting(self, number: int) -> None:
        try:
            self.enter(number)
            await waiting.sleep(1000)
        finally:
            self.inside -= 1


@pytest.mark.parametrize("at", range(4))
@pytest.mark.parametrize("run", [blocking.map_all, blocking.map_strict])
def test_in_a_batch_on_threads(run: Any, at: int) -> None:
    calls = Calls(at)
    with pytest.raises(KeyboardInterrupt):
        run(calls.blocking, range(9), workers=4)
    assert calls.inside == 0


@pytest.mark.parametrize("at", range(4))
def test_in_a_stream_on_threads(at: int) -> None:
    calls = Calls(at)
    with pytest.raises(KeyboardInterrupt):
        with blocking.map_stream(calls.blocking, range(9), workers=4) as outcomes:
            list(outcomes)
    assert calls.inside == 0


@pytest.mark.parametrize("at", range(4))
@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@pytest.mark.parametrize("run", [waiting.map_all, waiting.map_strict])
def test_in_a_batch_of_tasks(run: Any, backend: Literal["asyncio", "trio"], at: int) -> None:
    calls = Calls(at)
    name, options = virtual_backend(backend)
    with pytest.raises(KeyboardInterrupt):
        anyio.run(
            partial(run, calls.waiting, range(9), workers=4), backend=name, backend_options=options
        )
    assert calls.inside == 0
