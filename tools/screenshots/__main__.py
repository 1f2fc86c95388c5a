"""Draw the pictures of the docs: `python -m tools.screenshots`.

Each is what the application shows after some keys, over a stand-in with the same data each time.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

import anyio
import attrs
from textual.pilot import Pilot

from twofold.core.policy.limits import Limits
from twofold.emulators.rally.dates import START
from twofold.emulators.rally.emulator import RallyEmulator
from twofold.rally import AsyncCachingRallyClient, MockRallyClient
from twofold.tui.app import RallyApp

IMAGES = Path(__file__).parents[2] / "docs" / "images"
KEY = "_key-of-the-stand-in"


@attrs.frozen
class Picture:
    """What is pressed before it is drawn."""

    keys: Sequence[str]
    size: tuple[int, int] = (120, 32)


PICTURES: Mapping[str, Picture] = {
    "list": Picture(["down", "down"], (150, 32)),
    "detail": Picture(["slash", *"US125", "enter", "tab"]),
    "search": Picture(["slash", *"export"]),
    "bulk": Picture(["slash", *"us", "enter", *["space"] * 4, "b"]),
    "team": Picture(["t"]),
    "settings": Picture(["comma"]),
    "keys": Picture(["question_mark"]),
}


DESCRIPTION = """
<p>After an upgrade the <b>renewal</b> of a session takes three times as long.</p>
<ol><li>Log in with two browsers.</li><li>Wait until the first is logged out.</li></ol>
<table><tr><th>release</th><th>median</th><th>worst</th></tr>
<tr><td>4.1</td><td>120 ms</td><td>0.9 s</td></tr>
<tr><td>4.2</td><td>380 ms</td><td>2.4 s</td></tr></table>
<p>See <a href="https://wiki.example/renewal">the measurements</a>.</p>
"""


def server() -> RallyEmulator:
    """Return a stand-in of which one ticket says more than those that are made up."""
    made = RallyEmulator(tickets=300, seed=7, api_key=KEY, clock=lambda: START)
    with MockRallyClient(emulator=made) as rally:
        rally.update_ticket("US125", {"description": DESCRIPTION})
        rally.add_comment("US125", "Seen with 4.2.1 too.")
    return made


def application(server: RallyEmulator) -> RallyApp:
    from twofold._async.core.store.memory import AsyncMemoryStore
    from twofold._async.core.transport.in_process import InProcessTransport

    def client() -> AsyncCachingRallyClient:
        return AsyncCachingRallyClient(
            server="http://rally.example",
            api_key=KEY,
            transport=InProcessTransport(server),
            limits=Limits(),
            store=AsyncMemoryStore(),
        )

    return RallyApp(client, project="Meridian Platform", server="http://rally.example")


async def draw(picture: Picture, target: Path, server: RallyEmulator) -> None:
    app = application(server)
    async with app.run_test(size=picture.size) as pilot:
        await settled(app, pilot)
        await pilot.press(*picture.keys)
        await pilot.pause(0.5)
        await settled(app, pilot)
        target.write_text(app.export_screenshot(title="twofold rally tui"), encoding="utf-8")


async def settled(app: RallyApp, pilot: Pilot[None]) -> None:
    """Wait until everything is read."""
    await pilot.pause()
    while app.desk.under_way or not len(app.board):
        await pilot.pause(0.02)
    await pilot.pause()


def main() -> None:
    parser = argparse.ArgumentParser(prog="screenshots", description="Draw the docs' pictures.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(PICTURES))
    given = parser.parse_args()
    IMAGES.mkdir(exist_ok=True)
    for name in given.names or PICTURES:
        target = IMAGES / f"tui-{name}.svg"
        anyio.run(draw, PICTURES[name], target, server())
        print(target.name)


if __name__ == "__main__":
    main()
