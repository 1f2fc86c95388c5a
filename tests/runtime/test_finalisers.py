"""What becomes of clients that nobody closed."""

from __future__ import annotations

import gc
import logging

import anyio
import pytest

from twofold import AsyncClient
from twofold._async.core.transport.direct import DirectTransport
from twofold._runtime.waiting.finalisers import abandon

loops = pytest.mark.parametrize("backend", ["asyncio", "trio"])


@loops
def test_a_closing_that_fails_is_logged_and_ends_nothing(
    backend: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def close() -> None:
        raise OSError("the disk is gone")

    async def main() -> str:
        abandon(close)
        await anyio.wait_all_tasks_blocked()
        return "well"

    caplog.set_level(logging.ERROR, "twofold")
    assert anyio.run(main, backend=backend) == "well"
    assert "could not be closed" in caplog.text
    assert "the disk is gone" in caplog.text


class Shared(DirectTransport):
    """An engine that two clients use."""

    closings = 0

    async def aclose(self) -> None:
        self.closings += 1
        await super().aclose()


@loops
def test_an_engine_that_was_handed_in_is_closed_with_its_client_and_not_when_that_is_lost(
    backend: str,
) -> None:
    async def main() -> None:
        engine = Shared()
        one = AsyncClient("https://shop.example", transport=engine)
        other = AsyncClient("https://shop.example", transport=engine)
        del other
        gc.collect()
        await anyio.wait_all_tasks_blocked()
        assert engine.closings == 0
        await one.aclose()
        assert engine.closings == 1

    anyio.run(main, backend=backend)
