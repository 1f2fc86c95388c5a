"""Tickets for tests of what is shown, and an application over an emulator in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from textual.pilot import Pilot

from twofold._async.core.store.memory import AsyncMemoryStore
from twofold._async.core.transport.in_process import InProcessTransport
from twofold._async.rally.caching.client import AsyncCachingRallyClient
from twofold.core.policy.limits import Limits
from twofold.emulators.rally.emulator import RallyEmulator
from twofold.rally import Defect, Reference, Story
from twofold.tui.app import RallyApp
from twofold.tui.preferences import Preferences

KEY = "_emulated-key-0123456789"
ALL = 66
"""Tickets of the usual types: sixty, and six portfolio items."""
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def reference(kind: str, name: str) -> Reference:
    return Reference(ref=f"/{kind}/{sum(map(ord, name))}", name=name)


def story(number: int, name: str = "A story", **fields: Any) -> Story:
    owner, iteration = fields.pop("owner", None), fields.pop("iteration", None)
    return Story(
        ref=f"/hierarchicalrequirement/{number}",
        object_id=number,
        formatted_id=f"US{number}",
        name=name,
        owner=None if owner is None else reference("user", owner),
        iteration=None if iteration is None else reference("iteration", iteration),
        updated=EPOCH + timedelta(minutes=number),
        **fields,
    )


def defect(number: int, name: str = "A defect") -> Defect:
    return Defect(
        ref=f"/defect/{number}",
        object_id=number,
        formatted_id=f"DE{number}",
        name=name,
        plan_estimate=Decimal(2),
        updated=EPOCH + timedelta(minutes=number),
    )


@asynccontextmanager
async def application(
    *,
    size: tuple[int, int] = (120, 30),
    waits: bool = True,
    preferences: Preferences | None = None,
    colour: bool = True,
    **options: Any,
) -> AsyncIterator[tuple[RallyApp, Pilot[None], RallyEmulator]]:
    """Run the application over an emulator; unless told not to wait, once it has read all."""
    given: dict[str, Any] = {"tickets": 60, "seed": 3, "api_key": KEY}
    server = RallyEmulator(**{**given, **options})

    store = AsyncMemoryStore()

    def client() -> AsyncCachingRallyClient:
        return AsyncCachingRallyClient(
            store=store,
            server="http://rally.example",
            api_key=KEY,
            transport=InProcessTransport(server),
            limits=Limits(),
        )

    app = RallyApp(
        client,
        project="Platform",
        server="http://rally.example",
        preferences=preferences,
        colour=colour,
    )
    async with app.run_test(size=size) as pilot:
        if waits:
            await until_idle(app, pilot)
        yield app, pilot, server


async def until_idle(app: RallyApp, pilot: Pilot[None]) -> None:
    """Wait until nothing is asked of the server any more."""
    await pilot.pause()
    while app.desk.under_way or not len(app.board):
        await pilot.pause(0.01)
    await pilot.pause()


def on_screen(app: RallyApp) -> str:
    """Return what stands on the screen, a line after the other."""
    # Nothing else says what was drawn, rather than what was meant.
    lines = app.screen._compositor.render_strips()
    return "\n".join(strip.text for strip in lines)
