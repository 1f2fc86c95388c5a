"""How long the terminal application takes from a key to a changed screen, while it is busy.

Measured inside the application: from the moment at which a key arrives to the moment at which what
it changed is drawn.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import anyio
import anyio.lowlevel
from textual.pilot import Pilot

from twofold._async.core.store.memory import AsyncMemoryStore
from twofold._async.core.transport.in_process import InProcessTransport
from twofold.core.policy.limits import Limits
from twofold.emulators.rally.emulator import RallyEmulator
from twofold.errors import TwofoldError
from twofold.rally import AsyncCachingRallyClient, Attachment, Reference, Story, Ticket
from twofold.tui.app import RallyApp
from twofold.tui.desk import Job, Work

from .measuring import Row

KEY = "_key-of-the-stand-in"
PRESSES = 30
MANY = 50_000
LONG = 30_000  # characters
MOST = 100.0  # milliseconds
HANGS = 10.0  # seconds
LOOK = 0.001  # seconds between two looks whether a text is drawn
LARGE = 5_000_000  # bytes
FILES = 30
SIZE = (140, 40)


def rows(rounds: int) -> list[Row]:
    return anyio.run(measured, rounds)


async def measured(rounds: int) -> list[Row]:
    found: list[Row] = []
    for what, measure in MEASURED:
        times: list[float] = []
        for _ in range(min(rounds, 3)):
            times += await measure()
        found.append(row(what, times))
    gc.unfreeze()
    leaving = [await seconds_to_leave() for _ in range(rounds)]
    most = max(leaving) * 1000
    left = Row("leaving while a server hangs", f"{most:.0f} ms", "at most 500 ms", most <= 500)
    return [*found, left]


def row(what: str, seconds: Sequence[float]) -> Row:
    median, worst = statistics.median(seconds) * 1000, max(seconds) * 1000
    figure = f"{median:.0f} ms, at worst {worst:.0f} ms"
    return Row(f"key to changed screen, {what}", figure, f"at most {MOST:.0f} ms", worst <= MOST)


async def while_loading() -> list[float]:
    async with application(latency=HANGS) as (app, pilot):
        app.board.put(*stories(200))
        app.draw()
        return await pressed(app, pilot, ["down", "up"])


async def while_a_bulk_runs() -> list[float]:
    async with application(tickets=300, latency=0.5) as (app, pilot):
        while app.desk.under_way or not len(app.board):
            await pilot.pause(0.02)
        app.list.mark_all()
        await pilot.press("b", *"points", "enter", "5", "enter")
        times = await pressed(app, pilot, ["down", "up"])
        if not app.desk.under_way:
            raise RuntimeError("the bulk ended before it was measured")
        return times


async def while_it_downloads() -> list[float]:
    async with application(latency=0.2) as (app, pilot):
        while app.desk.under_way or not len(app.board):
            await pilot.pause(0.02)
        ticket = app.list.tickets[0]
        files: list[Attachment] = []
        app.desk.write([ticket.ref], Job("attaching", upload(ticket), files.append, refused))
        while not files:
            await pilot.pause(0.02)
        for _ in range(FILES):
            app.files.look_at(ticket, files[0])
        times = await pressed(app, pilot, ["down", "up"])
        if not app.desk.under_way:
            raise RuntimeError("the downloads ended before it was measured")
        return times


def upload(ticket: Ticket) -> Work[Attachment]:
    return lambda client: client.upload_attachment(ticket, bytes(LARGE), name="large.bin")


def refused(error: TwofoldError) -> None:
    raise error


async def while_many_arrive() -> list[float]:
    """A board of as many is replaced again and again, as when all of them were read anew."""
    times: list[float] = []
    async with application(latency=HANGS) as (app, pilot), anyio.create_task_group() as tasks:
        tickets = stories(MANY)
        app.board.replace(tickets)
        app.draw()
        app.settled()

        async def arrive() -> None:
            while True:
                for _ in app.board.replacing(tickets):
                    await anyio.lowlevel.checkpoint()
                app.draw()

        tasks.start_soon(arrive)
        times += await pressed(app, pilot, ["down", "up"])
        tasks.cancel_scope.cancel()
    return times


async def scrolling_many() -> list[float]:
    async with application(latency=HANGS) as (app, pilot):
        app.board.replace(stories(MANY))
        app.draw()
        app.settled()
        return await pressed(app, pilot, ["pagedown", "down", "end", "home"])


async def searching_many() -> list[float]:
    async with application(latency=HANGS) as (app, pilot):
        app.board.replace(stories(MANY))
        app.draw()
        app.settled()
        await pilot.press("slash")
        return await pressed(app, pilot, [*"story 12 34", *["backspace"] * 11])


async def reading_long_texts() -> list[float]:
    async with application(latency=HANGS) as (app, pilot):
        app.board.replace(stories(PRESSES * 2, description=long_text))
        app.draw()
        app.settled()

        def is_drawn() -> bool:
            return app.detail.ticket is app.list.ticket and app.detail.is_whole

        # Every ticket is one that was never drawn before.
        return await pressed(app, pilot, ["down"], is_drawn)


def long_text(number: int) -> str:
    """Return paragraphs, images and tables."""
    part = (
        f"<p>What <b>story {number}</b> is about, and how <i>it</i> is to be tried.</p>"
        f'<img src="/slm/attachment/{number}/shot.png" alt="as it looks">'
        "<table><tr><th>step</th><th>what happens</th></tr>"
        "<tr><td>1</td><td>a lot</td></tr></table>"
    )
    return (part * (LONG // len(part) + 1))[:LONG]


MEASURED = (
    ("while everything is loaded from a server that hangs", while_loading),
    ("while a bulk runs", while_a_bulk_runs),
    ("while files are downloaded", while_it_downloads),
    (f"while {MANY:,} tickets are put in order again and again", while_many_arrive),
    (f"scrolling through {MANY:,} tickets", scrolling_many),
    (f"searching {MANY:,} tickets as it is typed", searching_many),
    (f"moving through tickets with descriptions of {LONG:,} characters", reading_long_texts),
)


async def seconds_to_leave() -> float:
    async with application(latency=HANGS) as (app, pilot):
        await pilot.pause(0.2)
        began = time.perf_counter()
        app.exit()
    return time.perf_counter() - began


async def pressed(
    app: RallyApp,
    pilot: Pilot[None],
    keys: Sequence[str],
    is_drawn: Callable[[], bool] = lambda: True,
) -> list[float]:
    """Press keys in turn; return how long each took to be drawn, what is drawn behind included."""
    await pilot.pause()
    times: list[float] = []
    for number in range(PRESSES):
        key = keys[number % len(keys)]
        drawn = anyio.Event()
        began = time.perf_counter()
        before = app.view, app.list.cursor
        app.simulate_key(key)
        while (app.view, app.list.cursor) == before:
            await anyio.lowlevel.checkpoint()
        while not is_drawn():
            await anyio.sleep(LOOK)
        app.screen.call_after_refresh(drawn.set)
        await drawn.wait()
        times.append(time.perf_counter() - began)
        await pilot.pause(0.01)
    return times


def stories(count: int, description: Callable[[int], str] = lambda _: "") -> list[Story]:
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    owners = [Reference(ref=f"/user/{number}", name=f"Owner {number}") for number in range(40)]
    return [
        Story(
            ref=f"/hierarchicalrequirement/{number}",
            object_id=number,
            formatted_id=f"US{number}",
            name=f"Story {number} of many, with a name of usual length",
            description=description(number),
            owner=owners[number % 40],
            schedule_state="In-Progress" if number % 3 else "Defined",
            updated=begin + timedelta(seconds=number),
        )
        for number in range(1, count + 1)
    ]


class Silent(RallyApp):
    """Opens no browser."""

    def open_url(self, url: str, *, new_tab: bool = True) -> None:
        del url, new_tab


@asynccontextmanager
async def application(
    *, tickets: int = 60, latency: float = 0.0
) -> AsyncGenerator[tuple[RallyApp, Pilot[None]]]:
    server = RallyEmulator(tickets=tickets, latency=latency, api_key=KEY)

    def client() -> AsyncCachingRallyClient:
        return AsyncCachingRallyClient(
            server="http://rally.example",
            api_key=KEY,
            transport=InProcessTransport(server),
            limits=Limits(),
            store=AsyncMemoryStore(),
        )

    app = Silent(client, project="Bench", server="http://rally.example", settled=gc.freeze)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        yield app, pilot
